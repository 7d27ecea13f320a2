import { plainFileName } from "../../engine/formats/plainFileName.ts";
import type { OnFraction } from "../run/progress.ts";
import { decoderOf } from "../run/storedRun.ts";
import { bestCheckpoint, keptCheckpoints } from "../storage/checkpoints.ts";
import { RECORD_FORMAT, type StoredCheckpoint, type WholeRun } from "../storage/records.ts";
import type { RunReader } from "../storage/runReader.ts";
import type { Save } from "../storage/saveRun.ts";
import { joined } from "../storage/storedHistory.ts";
import { digitsOf } from "./picture.ts";
import type { ReportChoices } from "./reportChoices.ts";
import { encodeRunFile } from "./runFile.ts";
import type { ExportedFile, FormatOf } from "./runFormats.ts";
import { encodeWeights, type WeightsFile } from "./weightsFile.ts";

/**
 * @param name what the files are named after
 * @param choices of a web page
 */
type Encoder<Subject> = (
  subject: Subject,
  name: string,
  onFraction: OnFraction,
  choices?: ReportChoices,
) => ExportedFile[] | Promise<ExportedFile[]>;

const asHistory =
  (encode: "historyAsTfevents" | "historyAsCsv" | "historyAsJson"): Encoder<WholeRun> =>
  async ({ record, history, snapshots }, name, onFraction) => {
    const frames = snapshots.map((snapshot) => ({ ...snapshot, ...digitsOf(snapshot) }));
    const exported = { name, config: record.config, ...history, frames };
    return (await import("./historyExport.ts"))[encode](exported, onFraction);
  };

const safetensors = (fileName: string, bytes: ExportedFile["bytes"]): ExportedFile[] => [
  { fileName: `${fileName}.safetensors`, bytes },
];

/**
 * The encoders of `RUN_FORMATS`. Those of whole runs and weights are loaded from the start, so that these
 * can be saved also when the server is gone; the others when they are needed.
 */
export const ENCODERS: {
  run: Record<FormatOf<"run">, Encoder<WholeRun>>;
  weights: Record<FormatOf<"weights">, Encoder<Omit<WeightsFile, "dtype">>>;
} = {
  run: {
    run: (contents, name) => safetensors(plainFileName(name), encodeRunFile(contents)),
    tfevents: asHistory("historyAsTfevents"),
    csv: asHistory("historyAsCsv"),
    json: asHistory("historyAsJson"),
    notebook: async (contents, name) =>
      (await import("./notebook/notebook.ts")).runAsNotebook(contents, name),
    page: async (contents, name, _, choices) => {
      const { default: template } = await import("virtual:report");
      return (await import("./report.ts")).runAsReport(contents, name, { ...choices, template });
    },
  },
  weights: {
    float32: (weights, name) => safetensors(name, encodeWeights({ ...weights, dtype: "F32" })),
    float16: (weights, name) =>
      safetensors(`${name}-float16`, encodeWeights({ ...weights, dtype: "F16" })),
    tfjs: async (weights, baseName) =>
      (await import("./tfjsArtifacts.ts")).encodeTfjsArtifacts({ ...weights, baseName }),
  },
};

/**
 * A stored run with its newest checkpoint, and the best one where that is another.
 *
 * @throws StorageError
 */
export async function readWholeRun(
  store: RunReader,
  runId: string,
  onFraction: OnFraction,
): Promise<WholeRun> {
  const record = await store.read(runId);
  const decode = decoderOf(record);
  const newest = await store.newestCheckpoint(record, decode);
  onFraction(1 / 4);
  const best = await store.bestCheckpoint(record, decode);
  onFraction(2 / 4);
  const { step, numEpochs } = newest.pointer;
  const history = await store.history(runId, newest.pointer);
  onFraction(3 / 4);
  const found = [...(best && best.pointer.step !== step ? [best] : []), newest];
  return {
    record: { ...record, step, numEpochs, checkpoints: found.map(({ pointer }) => pointer) },
    checkpoints: found.map(({ pointer, bytes }) => ({ step: pointer.step, bytes })),
    history,
    snapshots: await store.snapshots(runId, step),
  };
}

/** What is stored of a run, if anything, with what is not saved yet. */
export function withUnsaved(stored: WholeRun | null, unsaved: Save): WholeRun {
  const { run, checkpoint, validationLoss, afterStep, earlier, history, snapshots } = unsaved;
  const { step, numEpochs } = run;
  // Where the run went on from an earlier step, what is stored beyond it is no longer its own.
  const isOwn = (at: { step: number }) => at.step <= afterStep;
  const newest = { step, numEpochs, validationLoss, bytes: checkpoint };
  const added = [...(unsaved.best ? [unsaved.best] : []), newest];
  const savedMs = Date.now();
  // The checksum is computed by whoever reads the file.
  const pointers = added.map(({ bytes, ...of }) => {
    return { savedMs, numBytes: bytes.length, checksum: 0, ...of };
  });
  const older = stored?.record.checkpoints.filter((c) => isOwn(c) && c.step < step) ?? [];
  const kept = keptCheckpoints([...older, ...pointers], 1);
  const all: StoredCheckpoint[] = [...(stored?.checkpoints ?? []), ...added];
  return {
    record: {
      ...run,
      format: RECORD_FORMAT,
      name: stored?.record.name ?? run.name,
      checkpoints: kept,
      savedMs,
      totalBytes: 0,
      bestValidationLoss: bestCheckpoint(kept)?.validationLoss ?? null,
    },
    checkpoints: kept.flatMap((pointer) => all.findLast((c) => c.step === pointer.step) ?? []),
    history: joined(earlier, history),
    // One that could not be stored when it was drawn may be of before the last checkpoint.
    snapshots: [...(stored?.snapshots.filter(isOwn) ?? []), ...snapshots].sort(
      (a, b) => a.step - b.step,
    ),
  };
}
