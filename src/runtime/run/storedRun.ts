import { identityIn } from "../../engine/data/datasets.ts";
import { FormatError } from "../../engine/formats/formatError.ts";
import type { Checkpoint } from "../../engine/train/checkpoint.ts";
import { decodeCheckpoint } from "../files/checkpointFile.ts";
import { StorageError } from "../storage/keeper.ts";
import type { KeptRuns } from "../storage/keptRuns.ts";
import {
  newestCheckpoint,
  noCheckpoint,
  readBestCheckpoint,
  readHistory,
  snapshotSteps,
} from "../storage/readRun.ts";
import type { History, KeptRun, RunRecord, WholeRun } from "../storage/records.ts";
import { historyGaps } from "../storage/storedHistory.ts";
import type { OpenedRun, RunStatus } from "./events.ts";
import type { OnFraction } from "./progress.ts";

/** A stored run at a checkpoint. */
export interface StoredNetwork {
  record: RunRecord;
  checkpoint: Checkpoint;
  /** After the epoch with the lowest validation loss; null where it is unknown. */
  best: Checkpoint | null;
  history: History;
}

/** At its newest undamaged checkpoint. */
export interface StoredContents extends StoredNetwork {
  kept: KeptRun;
  /** Steps of the snapshots up to the checkpoint. */
  snapshotSteps: readonly number[];
  /** Steps after the checkpoint that were saved, and are lost: newer checkpoints are damaged. */
  numLost: number;
}

/** @throws StorageError or FormatError, in words for the person */
export async function readStoredRun(
  runs: KeptRuns,
  runId: string,
  onFraction: OnFraction,
): Promise<StoredContents> {
  const { run: kept, pointer, value: checkpoint, numLost } = await runs.open(runId, decoderOf);
  const { record } = kept;
  onFraction(1 / 3);
  const best = await readBestCheckpoint(kept, runs.part, decoderOf(record));
  onFraction(2 / 3);
  const history = await readHistory(kept, runs.part, pointer);
  // Where the best epoch of all could not be stored, another is no substitute.
  const lowest = best?.pointer.validationLoss ?? Number.POSITIVE_INFINITY;
  const isBest = !history.epochs.some(({ validationLoss }) => validationLoss < lowest);
  return {
    kept,
    record,
    checkpoint,
    history,
    snapshotSteps: snapshotSteps(kept, pointer.step),
    numLost,
    best: best && isBest ? best.value : null,
  };
}

/** Reads a stored run at one of its checkpoints, without its history. @throws StorageError */
export async function readCheckpoint(
  runs: KeptRuns,
  runId: string,
  step: number,
): Promise<StoredNetwork> {
  const kept = await runs.read(runId);
  const { record } = kept;
  const checkpoints = record.checkpoints.filter((pointer) => pointer.step === step);
  if (checkpoints.length === 0) {
    throw new StorageError(
      `The checkpoint of step ${step} of “${record.name}” is no longer kept: only its last two and its best are. Choose another.`,
    );
  }
  const of = { ...kept, record: { ...record, checkpoints } };
  const found = await newestCheckpoint(of, runs.part, decoderOf(record));
  if (!found) throw noCheckpoint(of);
  return { record, checkpoint: found.value, best: null, history: { steps: [], epochs: [] } };
}

/** What decodes the checkpoints of a run, and throws a FormatError where they are not its own. */
export function decoderOf({ config, stepsPerEpoch }: RunRecord): (bytes: Uint8Array) => Checkpoint {
  return (bytes) => {
    const checkpoint = decodeCheckpoint(config, bytes);
    const stepInEpoch = checkpoint.step - checkpoint.numEpochs * stepsPerEpoch;
    if (stepInEpoch >= 0 && stepInEpoch <= stepsPerEpoch) return checkpoint;
    throw new FormatError(
      `Expected a step of epoch ${checkpoint.numEpochs + 1}, of ${stepsPerEpoch} steps, got step ${checkpoint.step}. The checkpoint is damaged: take another.`,
    );
  };
}

/** The network of a run that is read as a whole. @throws FormatError for a damaged checkpoint */
export function networkIn({ record, checkpoints, history }: WholeRun): StoredNetwork {
  const decoded = checkpoints.map(({ bytes }) => decodeCheckpoint(record.config, bytes));
  const checkpoint = decoded.at(-1) as Checkpoint;
  return { record, history, checkpoint, best: decoded.at(-2) ?? null };
}

/** The status of a run that is not trained. */
export function endOf({ isFinished, hasStoppedEarly }: RunRecord): RunStatus {
  if (!isFinished) return "stopped";
  return hasStoppedEarly ? "stoppedEarly" : "finished";
}

export function openedRun(contents: StoredContents, status: RunStatus): OpenedRun {
  const { record, checkpoint, history } = contents;
  const { step } = checkpoint;
  return { ...openedRecord(record), ...history, status, step, warning: warningOf(contents) };
}

/** What the page shows of a stored run that is not trained, without its history. */
export function openedRecord(record: RunRecord): Omit<OpenedRun, keyof History> {
  const { runId, name, config, stepsPerEpoch, numParameters, step, startedFrom } = record;
  return {
    runId,
    name,
    config,
    stepsPerEpoch,
    numParameters,
    step,
    dataset: identityIn(record.dataset),
    startedFrom: startedFrom?.fileName ?? null,
    status: endOf(record),
    warning: null,
  };
}

/** What is not as it was saved; null when all is. Training goes on exactly all the same. */
function warningOf({ checkpoint, history, numLost }: StoredContents): string | null {
  const damage =
    numLost > 0
      ? `The newest checkpoint is damaged, so an older one was opened, ${numLost} steps earlier.`
      : null;
  const gaps = historyGaps(history, checkpoint);
  return [damage, gaps].filter((text) => text !== null).join(" ") || null;
}
