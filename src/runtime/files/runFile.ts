import { IMAGE_SIZE, type RunConfig } from "../../engine/config/hyperparameters.ts";
import { FormatError, quoted } from "../../engine/formats/formatError.ts";
import { parsedJson, parsedObject } from "../../engine/formats/parsedJson.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsFile,
  type StoredTensor,
  type WritableTensor,
} from "../../engine/formats/safetensors/safetensors.ts";
import { shortened } from "../../engine/shortenedText.ts";
import { counted, formatCount } from "../format.ts";
import type { OnFraction } from "../run/progress.ts";
import { decoderOf } from "../run/storedRun.ts";
import { bestCheckpoint } from "../storage/checkpoints.ts";
import { isPlace, isTime } from "../storage/historyChecks.ts";
import { HISTORY, historyFromTensors, historyTensors } from "../storage/historyTensors.ts";
import { isReadable, readRecord } from "../storage/readRecord.ts";
import type { CheckpointPointer, Snapshot, WholeRun } from "../storage/records.ts";
import { pointerTo } from "../storage/saves.ts";
import { historyFromJson, historyGaps, historyUpTo } from "../storage/storedHistory.ts";
import { pictureOf } from "./picture.ts";

/** A run read from a file. */
export interface DecodedRun extends WholeRun {
  /** What is missing from the run's history or unreadable, in sentences; null where it is whole. */
  gaps: string | null;
}

/** Characters of the record in a file; 2,000 are usual, and a list of runs reads those of all. */
const MAX_RECORD = 100_000;

const BEST = "best.";
const EVOLUTION = "evolution.";

/**
 * A run as one safetensors file: the newest checkpoint under its own names, the best one's with
 * `best.` before them, snapshots as `evolution.<step>`, the history as `history.*` (historyTensors.ts);
 * record and settings as JSON in the metadata. What grows with the run is in tensors, since the format
 * allows 100 MB of metadata.
 *
 * @param run with the newest checkpoint, and at most the best one before it
 */
export function encodeRunFile({
  record,
  checkpoints,
  history,
  snapshots,
}: WholeRun): Uint8Array<ArrayBuffer> {
  const { picture: _, ...run } = record;
  const files = checkpoints.map(({ bytes }) => decodeSafetensors(bytes));
  const newestFile = files.at(-1) as SafetensorsFile;
  const bestFile = files.at(-2);
  const tensors = new Map<string, WritableTensor>([
    ...renamed(newestFile.tensors, (name) => name),
    ...renamed(bestFile?.tensors ?? [], (name) => BEST + name),
    ...snapshots.map(({ step, numFrames, count, pixels }): [string, WritableTensor] => [
      EVOLUTION + step,
      { dtype: "U8", shape: [numFrames, count, IMAGE_SIZE, IMAGE_SIZE], values: pixels },
    ]),
    ...historyTensors(history),
  ]);
  const evolution = snapshots.map(({ step, wallTimeMs }) => ({ step, wallTimeMs }));
  return encodeSafetensors({
    tensors,
    metadata: {
      format: "pt",
      config: JSON.stringify(record.config),
      run: JSON.stringify(run),
      position: newestFile.metadata.position ?? "",
      ...(bestFile ? { bestPosition: bestFile.metadata.position ?? "" } : {}),
      evolution: JSON.stringify(evolution),
    },
  });
}

export function isRunFile(metadata: Readonly<Record<string, string>>): boolean {
  return metadata.run !== undefined;
}

/**
 * The inverse of `encodeRunFile`, ready to be stored. A history with gaps is taken as it is: training
 * goes on from the checkpoint alone.
 *
 * @param runId of the new run
 * @param onFraction called after each pass over a checkpoint
 * @throws FormatError, and nothing else, for whatever is wrong with the file
 */
export function decodeRunFile(
  { tensors, metadata }: SafetensorsFile,
  runId: string,
  onFraction: OnFraction,
): DecodedRun {
  const snapshots = snapshotsOf(tensors, metadata.evolution);
  const lastDrawn = snapshots.at(-1);
  const { run = "" } = metadata;
  if (run.length > MAX_RECORD) {
    throw new FormatError(
      `Expected a run with a record of up to ${formatCount(MAX_RECORD)} characters, got ${formatCount(run.length)}. The file is damaged: export the run again.`,
    );
  }
  const record = readRecord({ ...parsedObject(run), picture: null }, "file");
  if (!isReadable(record)) {
    throw new FormatError(`The run in the file cannot be read. ${record.problem}`);
  }

  const { config } = record;
  const decode = decoderOf(record);
  let numPasses = 0;
  const counted = <T>(value: T): T => {
    onFraction(++numPasses / (metadata.bestPosition ? 6 : 3));
    return value;
  };
  const { position, bestPosition } = metadata;
  const files = [
    ...(bestPosition ? [counted(checkpointBytes(tensors, config, BEST, bestPosition))] : []),
    counted(checkpointBytes(tensors, config, "", position)),
  ];
  const checkpoints = files.map((bytes) => ({ bytes, ...counted(decode(bytes)) }));
  const pointers = checkpoints.map(({ bytes, step, numEpochs }) => {
    const known = record.checkpoints.find((pointer) => pointer.step === step);
    if (!known) throw new FormatError(damaged(`no record of the checkpoint at step ${step}`));
    return counted(pointerTo(bytes, { ...known, numEpochs }));
  });
  const bestValidationLoss = bestCheckpoint(pointers)?.validationLoss ?? null;
  const { step, numEpochs } = pointers.at(-1) as CheckpointPointer;
  let numLeftOut = 0;
  // Files of earlier versions have it as JSON.
  const unchecked = metadata.history
    ? historyFromJson(metadata.history)
    : historyFromTensors(tensors, { step, numEpochs }, (numRows) => (numLeftOut += numRows));
  const history = historyUpTo([unchecked], { step, numEpochs }, () => numLeftOut++);
  return {
    record: {
      ...record,
      runId,
      step,
      numEpochs,
      // The file's own figure is of what was kept elsewhere.
      totalBytes: 0,
      checkpoints: pointers,
      bestValidationLoss,
      picture: lastDrawn ? pictureOf(lastDrawn, config) : null,
    },
    checkpoints: checkpoints.map(({ step, bytes }) => ({ step, bytes })),
    history,
    snapshots,
    gaps: formatGap(historyGaps(history, { step, numEpochs }), numLeftOut),
  };
}

function formatGap(gaps: string | null, numLeftOut: number): string | null {
  const values = counted(numLeftOut, "value");
  const unreadable = numLeftOut > 0 ? `${values} in the history could not be read.` : null;
  return [gaps, unreadable].filter((words) => words !== null).join(" ") || null;
}

/** @throws FormatError for tensors that no checkpoint has */
function renamed(
  tensors: Iterable<[string, StoredTensor]>,
  rename: (name: string) => string,
): [string, WritableTensor][] {
  return Array.from(tensors, ([name, tensor]) => {
    const { dtype } = tensor;
    if (dtype !== "F32") throw new FormatError(damaged(`a tensor of ${dtype}, ${quoted(name)}`));
    return [rename(name), { ...tensor, dtype }];
  });
}

function checkpointBytes(
  tensors: SafetensorsFile["tensors"],
  config: RunConfig,
  prefix: string,
  position: string | undefined,
): Uint8Array<ArrayBuffer> {
  const isOther = (name: string) =>
    [EVOLUTION, BEST, HISTORY].some((other) => name.startsWith(other));
  const isMeant = (name: string) => (prefix ? name.startsWith(prefix) : !isOther(name));
  const own = [...tensors].filter(([name]) => isMeant(name));
  return encodeSafetensors({
    tensors: new Map(renamed(own, (name) => name.slice(prefix.length))),
    metadata: { format: "pt", config: JSON.stringify(config), position: position ?? "" },
  });
}

/** By step, each once. Older files have of each only the digits at their end, `[count, 28, 28]`. */
function snapshotsOf(
  tensors: SafetensorsFile["tensors"],
  evolution: string | undefined,
): Snapshot[] {
  const listed = parsedJson(evolution ?? "");
  if (!Array.isArray(listed)) throw new FormatError(damaged("no list of previews"));
  const snapshots = listed.map((entry): [number, Snapshot] => {
    const { step, wallTimeMs } = Object(entry);
    const isPlaced = (step === 0 || isPlace(step)) && isTime(wallTimeMs);
    const tensor = isPlaced ? tensors.get(EVOLUTION + step) : undefined;
    const shape = tensor?.shape ?? [];
    const [numFrames = 0, count = 0, ...size] = shape.length === 3 ? [1, ...shape] : shape;
    const hasDigits = numFrames > 0 && count > 0 && String(size) === `${IMAGE_SIZE},${IMAGE_SIZE}`;
    if (tensor?.dtype !== "U8" || !hasDigits) {
      const got = shortened(String(JSON.stringify(step)), 80);
      throw new FormatError(damaged(`no preview of step ${got}`));
    }
    return [step, { step, wallTimeMs, count, numFrames, pixels: tensor.values }];
  });
  return [...new Map(snapshots).values()].sort((a, b) => a.step - b.step);
}

function damaged(got: string): string {
  return `Expected a whole run, got ${got}. The file is damaged: export the run again.`;
}
