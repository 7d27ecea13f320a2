import { FormatError } from "../../engine/formats/formatError.ts";
import type { Checkpoint } from "../../engine/train/checkpoint.ts";
import { decodeCheckpoint } from "../files/checkpointFile.ts";
import { StorageError } from "../storage/database.ts";
import type { History, RunRecord, WholeRun } from "../storage/records.ts";
import type { RunReader } from "../storage/runReader.ts";
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
  /** Steps of the snapshots up to the checkpoint. */
  snapshotSteps: readonly number[];
  /** Newer checkpoints that are damaged. */
  numDamaged: number;
}

/** @throws StorageError or FormatError, in words for the person */
export async function readStoredRun(
  store: RunReader,
  runId: string,
  onFraction: OnFraction,
): Promise<StoredContents> {
  const record = await store.read(runId);
  const decode = decoderOf(record);
  const { pointer, value: checkpoint, numDamaged } = await store.newestCheckpoint(record, decode);
  onFraction(1 / 3);
  const best = await store.bestCheckpoint(record, decode);
  onFraction(2 / 3);
  const history = await store.history(runId, pointer);
  const snapshotSteps = await store.snapshotSteps(runId, pointer.step);
  // Where the best epoch of all could not be stored, another is no substitute.
  const lowest = best?.pointer.validationLoss ?? Number.POSITIVE_INFINITY;
  const isBest = !history.epochs.some(({ validationLoss }) => validationLoss < lowest);
  return {
    record,
    checkpoint,
    history,
    snapshotSteps,
    numDamaged,
    best: best && isBest ? best.value : null,
  };
}

/** The same at one of its checkpoints; without its history. @throws StorageError */
export async function readCheckpoint(
  store: RunReader,
  runId: string,
  step: number,
): Promise<StoredNetwork> {
  const record = await store.read(runId);
  const checkpoints = record.checkpoints.filter((pointer) => pointer.step === step);
  if (checkpoints.length === 0) {
    throw new StorageError(
      `The checkpoint of step ${step} of “${record.name}” is no longer kept: only its last two and its best are. Choose another.`,
    );
  }
  const of = { ...record, checkpoints };
  const { value: checkpoint } = await store.newestCheckpoint(of, decoderOf(record));
  return { record, checkpoint, best: null, history: { steps: [], epochs: [] } };
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

/** Of a run that is whole and not trained, without its history. */
export function openedRecord(record: RunRecord): Omit<OpenedRun, keyof History> {
  const { runId, name, config, stepsPerEpoch, numParameters, step, startedFrom } = record;
  const { id, name: datasetName } = record.dataset;
  return {
    runId,
    name,
    config,
    stepsPerEpoch,
    numParameters,
    step,
    dataset: { id, name: datasetName },
    startedFrom: startedFrom?.fileName ?? null,
    status: endOf(record),
    warning: null,
  };
}

/** What is not as it was saved; null when all is. Training goes on exactly all the same. */
function warningOf({ record, checkpoint, history, numDamaged }: StoredContents): string | null {
  const numLost = record.step - checkpoint.step;
  const damage =
    numDamaged > 0
      ? `The newest checkpoint is damaged, so the one before it was opened, ${numLost} steps earlier.`
      : null;
  const gaps = historyGaps(history, checkpoint);
  return [damage, gaps].filter((text) => text !== null).join(" ") || null;
}
