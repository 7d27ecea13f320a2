/** Whole runs and weights between the storage, files and the page. */
import { withinMemory } from "../../engine/formats/safetensors/safetensors.ts";
import {
  type ReadProgress,
  readSafetensorsData,
  readSafetensorsHeader,
} from "../../engine/formats/safetensors/safetensorsBlob.ts";
import type { SafetensorsHeader } from "../../engine/formats/safetensors/safetensorsHeader.ts";
import { messageOf } from "../../engine/messageOf.ts";
import { ENCODERS } from "../../runtime/files/exportRun.ts";
import {
  checkSize,
  type ImportedWeights,
  importWeights,
} from "../../runtime/files/importedWeights.ts";
import { decodeRunFile, isRunFile } from "../../runtime/files/runFile.ts";
import type { ExportedFile } from "../../runtime/files/runFormats.ts";
import type { Post } from "../../runtime/run/events.ts";
import { type Network, weightsOfStored } from "../../runtime/run/network.ts";
import { type OnFraction, partOf, throttled } from "../../runtime/run/progress.ts";
import { decoderOf, readStoredRun } from "../../runtime/run/storedRun.ts";
import type { TrainingRun } from "../../runtime/run/trainingRun.ts";
import { importedName, newRunId } from "../../runtime/runName.ts";
import { readHistory, readSnapshots, readWholeRun } from "../../runtime/storage/readRun.ts";
import type { WholeRun } from "../../runtime/storage/records.ts";
import type { RunLibrary } from "../../runtime/storage/runLibrary.ts";
import type { CommandOf } from "./protocol.ts";

/** Reading takes about this share of an export; the rest is to encode what was read. */
const READING_SHARE = 0.2;
/** Decoding takes about this share of an import once its file is read; the rest is to store what was decoded. */
const DECODING_SHARE = 0.5;

interface TransferContext {
  library: RunLibrary;
  post: Post;
}

/** Posts a stored run up to its newest checkpoint, without the checkpoint. */
export async function readRun(
  { library, post }: TransferContext,
  { requestId, runId }: CommandOf<"readRun">,
): Promise<void> {
  try {
    const { runs } = library;
    const run = await runs.read(runId);
    const { steps, epochs } = await readHistory(run, runs.part);
    const snapshots = await readSnapshots(run, runs.part);
    post(
      { type: "runRead", requestId, steps, epochs, snapshots },
      snapshots.map(({ pixels }) => pixels.buffer),
    );
  } catch (error) {
    post({ type: "requestFailed", requestId, message: messageOf(error) });
  }
}

/**
 * Posts a run in the files that were asked for; also one that could not be stored.
 *
 * @param current the run in memory, which may be another
 */
export async function exportRun(
  { library, post }: TransferContext,
  { requestId, runId, format, choices }: CommandOf<"exportRun">,
  current: TrainingRun | null,
): Promise<void> {
  try {
    const onFraction = throttled((fraction) =>
      post({ type: "exportProgress", requestId, fraction }),
    );
    const run = current?.runId === runId ? current : null;
    const whole = await wholeRun(library, runId, run, partOf(onFraction, 0, READING_SHARE));
    const onEncoding = partOf(onFraction, READING_SHARE, 1);
    const files = await ENCODERS.run[format](whole, whole.record.name, onEncoding, choices);
    post({ type: "runExported", requestId, files }, buffersOf(files));
  } catch (error) {
    post({ type: "requestFailed", requestId, message: messageOf(error) });
  }
}

/** A run that this tab trains, or has trained, is held in memory also where it could not be stored. */
async function wholeRun(
  { runs }: RunLibrary,
  runId: string,
  current: TrainingRun | null,
  onFraction: OnFraction,
): Promise<WholeRun> {
  await current?.save();
  const run = (current && (await runs.held(runId))) ?? (await runs.read(runId));
  return readWholeRun(run, runs.part, decoderOf(run.record), onFraction);
}

/** Posts the network that is sampled now, which is that of loaded weights or else of the run, in the files asked for. */
export async function saveWeights(
  network: Network,
  { requestId, request: { weights, format } }: CommandOf<"saveWeights">,
  post: Post,
): Promise<void> {
  const { source, config, hasAverage } = network;
  try {
    if (source.kind === "untrained") {
      throw new Error("There is no trained network to save: train one first, or load one.");
    }
    const { values: tensor } = network.denoiser(weights);
    const values = await tensor.data<"float32">();
    tensor.dispose();
    const facts = network.facts(weights);
    const steps = facts.trainedSteps === null ? "" : `-${facts.trainedSteps}-steps`;
    const name = `diffusion-mnist${steps}${hasAverage && weights === "raw" ? "-latest" : ""}`;
    const files = await ENCODERS.weights[format]({ config, values, facts }, name, () => {});
    post({ type: "weightsSaved", requestId, files }, buffersOf(files));
  } catch (error) {
    post({ type: "requestFailed", requestId, message: messageOf(error) });
  }
}

function buffersOf(files: readonly ExportedFile[]): ArrayBuffer[] {
  return files.map(({ bytes }) => bytes.buffer);
}

/**
 * Reads a file of weights or of a whole run, which is stored, and posts what it holds, or why it cannot be
 * used.
 *
 * @returns the weights; null otherwise
 */
export async function loadFile(
  context: TransferContext,
  { requestId, file, config: settings }: CommandOf<"openFile">,
  isRunActive: boolean,
): Promise<ImportedWeights | null> {
  const { post } = context;
  const onProgress = (progress: ReadProgress) =>
    post({ type: "fileProgress", requestId, ...progress });
  try {
    const header = await readSafetensorsHeader(file);
    if (isRunFile(header.metadata)) {
      await importRun(context, { requestId, file, header, onProgress });
      return null;
    }
    refuseWhile(isRunActive);
    return announced(await importWeights(file, settings, onProgress), requestId, post);
  } catch (error) {
    post({ type: "requestFailed", requestId, message: messageOf(error) });
    return null;
  }
}

/** Loads the weights of a stored run that are sampled, with the run's name in place of a file's. */
export async function loadRun(
  { library, post }: TransferContext,
  { requestId, runId, name }: CommandOf<"loadRunWeights">,
  isRunActive: boolean,
): Promise<ImportedWeights | null> {
  try {
    refuseWhile(isRunActive);
    const stored = await readStoredRun(library.runs, runId, () => {});
    return announced(weightsOfStored(stored, name), requestId, post);
  } catch (error) {
    post({ type: "requestFailed", requestId, message: messageOf(error) });
    return null;
  }
}

function refuseWhile(isRunActive: boolean): void {
  if (isRunActive) throw new Error("Stop the run before you load other weights.");
}

function announced(imported: ImportedWeights, requestId: string, post: Post): ImportedWeights {
  const { fileName, config, hasSettings, facts, values, ema } = imported;
  post({
    type: "weightsLoaded",
    requestId,
    weights: {
      fileName,
      config,
      hasSettings,
      trainedSteps: facts.trainedSteps,
      dataset: facts.dataset,
      ...(facts.classNames && { classNames: facts.classNames }),
      hasAverage: ema !== null,
      numParameters: values.length,
    },
  });
  return imported;
}

interface RunReading {
  requestId: string;
  file: File;
  header: SafetensorsHeader;
  onProgress: (progress: ReadProgress) => void;
}

/** @throws FormatError or StorageError */
async function importRun(
  { library, post }: TransferContext,
  { requestId, file, header, onProgress }: RunReading,
): Promise<void> {
  checkSize(file.size, "a run");
  const contents = await readSafetensorsData(file, header, onProgress);
  const runId = newRunId();
  const onFraction = throttled((fraction) => post({ type: "importProgress", requestId, fraction }));
  const onDecoding = partOf(onFraction, 0, DECODING_SHARE);
  const run = withinMemory(file.size, () => decodeRunFile(contents, runId, onDecoding));
  run.record.name = importedName(run.record.name, file.name);
  const name = await library.add(run, partOf(onFraction, DECODING_SHARE, 1));
  post({ type: "runImported", requestId, runId, name, gaps: run.gaps });
}
