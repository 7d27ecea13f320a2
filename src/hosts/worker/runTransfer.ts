/** Whole runs between the storage, files and the page. */
import { withinMemory } from "../../engine/formats/safetensors/safetensors.ts";
import {
  type ReadProgress,
  readSafetensorsData,
} from "../../engine/formats/safetensors/safetensorsBlob.ts";
import type { SafetensorsHeader } from "../../engine/formats/safetensors/safetensorsHeader.ts";
import { messageOf } from "../../engine/messageOf.ts";
import { ENCODERS, readWholeRun, withUnsaved } from "../../runtime/files/exportRun.ts";
import { checkSize } from "../../runtime/files/importedWeights.ts";
import { decodeRunFile } from "../../runtime/files/runFile.ts";
import type { Post } from "../../runtime/run/events.ts";
import { type OnFraction, partOf, throttled } from "../../runtime/run/progress.ts";
import type { TrainingRun } from "../../runtime/run/trainingRun.ts";
import { newRunId } from "../../runtime/runName.ts";
import type { WholeRun } from "../../runtime/storage/records.ts";
import type { RunLibrary } from "../../runtime/storage/runLibrary.ts";
import type { Command } from "./protocol.ts";

/** Of an export, about: the rest is to encode what was read. */
const READING_SHARE = 0.2;
/** Of an import, about, once the file is read: the rest is to store what was decoded. */
const DECODING_SHARE = 0.5;

interface TransferContext {
  library: RunLibrary;
  post: Post;
}

/** Tells the page a stored run up to its newest checkpoint, without the checkpoint. */
export async function readRun({ library, post }: TransferContext, runId: string): Promise<void> {
  try {
    await library.open();
    const run = await library.store.read(runId);
    const { steps, epochs } = await library.store.history(runId, run);
    const snapshots = await library.store.snapshots(runId, run.step);
    post(
      { type: "runRead", run, steps, epochs, snapshots },
      snapshots.map(({ pixels }) => pixels.buffer),
    );
  } catch (error) {
    post({ type: "runNotRead", runId, message: messageOf(error) });
  }
}

/**
 * Sends a run to the page in the files that were asked for; also one that could not be stored.
 *
 * @param current the run in memory, which may be another
 */
export async function exportRun(
  { library, post }: TransferContext,
  { runId, format }: Extract<Command, { type: "exportRun" }>,
  current: TrainingRun | null,
): Promise<void> {
  try {
    const onFraction = throttled((fraction) => post({ type: "runProgress", runId, fraction }));
    const run = current?.runId === runId ? current : null;
    const contents = await contentsOf(library, runId, run, partOf(onFraction, 0, READING_SHARE));
    const onEncoding = partOf(onFraction, READING_SHARE, 1);
    const files = await ENCODERS.run[format](contents, contents.record.name, onEncoding);
    const buffers = files.map(({ bytes }) => bytes.buffer);
    post({ type: "runExported", runId, files }, buffers);
  } catch (error) {
    post({ type: "runNotExported", runId, message: messageOf(error) });
  }
}

async function contentsOf(
  library: RunLibrary,
  runId: string,
  run: TrainingRun | null,
  onFraction: OnFraction,
): Promise<WholeRun> {
  await run?.save();
  const read = async () => readWholeRun(library.store, runId, onFraction);
  if (!run?.hasUnsaved) return read();
  // There may be no storage at all.
  const stored = await read().catch(() => null);
  return withUnsaved(stored, await run.unsaved());
}

/** Stores a run that is read from a file. @throws FormatError or StorageError */
export async function importRun(
  { library, post }: TransferContext,
  file: File,
  header: SafetensorsHeader,
  onProgress: (progress: ReadProgress) => void,
): Promise<void> {
  checkSize(file.size, "a run");
  const contents = await readSafetensorsData(file, header, onProgress);
  const runId = newRunId();
  const onFraction = throttled((fraction) =>
    post({ type: "importProgress", fileName: file.name, fraction }),
  );
  const onDecoding = partOf(onFraction, 0, DECODING_SHARE);
  const run = withinMemory(file.size, () => decodeRunFile(contents, runId, onDecoding));
  const name = await library.add(run, partOf(onFraction, DECODING_SHARE, 1));
  post({ type: "runImported", fileName: file.name, runId, name, gaps: run.gaps });
}
