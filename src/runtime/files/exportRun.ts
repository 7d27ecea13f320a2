import { plainFileName } from "../../engine/formats/plainFileName.ts";
import type { OnFraction } from "../run/runProgress.ts";
import { decoderOf } from "../run/storedRun.ts";
import { bestCheckpoint, keptCheckpoints } from "../storage/checkpoints.ts";
import { RECORD_FORMAT } from "../storage/records.ts";
import type { RunStore } from "../storage/runStore.ts";
import type { Save } from "../storage/saveRun.ts";
import { joined } from "../storage/storedHistory.ts";
import { digitsOf } from "./picture.ts";
import { encodeRunFile, type RunContents } from "./runFile.ts";
import type { ExportedFile, FormatOf } from "./runFormats.ts";
import { encodeWeights, type WeightsFile } from "./weightsFile.ts";

/** @param name what the files are named after */
type Encoder<Subject> = (
  subject: Subject,
  name: string,
  onFraction: OnFraction,
) => ExportedFile[] | Promise<ExportedFile[]>;

const asHistory =
  (encode: "historyAsTfevents" | "historyAsCsv" | "historyAsJson"): Encoder<RunContents> =>
  async ({ record, history, snapshots }, name, onFraction) => {
    const frames = snapshots.map((snapshot) => ({ ...snapshot, ...digitsOf(snapshot) }));
    const told = { name, config: record.config, ...history, frames };
    return (await import("./historyExport.ts"))[encode](told, onFraction);
  };

const safetensors = (fileName: string, bytes: ExportedFile["bytes"]): ExportedFile[] => [
  { fileName: `${fileName}.safetensors`, bytes },
];

/**
 * What makes the files of `RUN_FORMATS`. What only an export needs is loaded for it; what saves a run or
 * weights is there from the start, for a page whose server is gone.
 */
export const ENCODERS: {
  run: Record<FormatOf<"run">, Encoder<RunContents>>;
  weights: Record<FormatOf<"weights">, Encoder<Omit<WeightsFile, "dtype">>>;
} = {
  run: {
    run: (contents, name) => safetensors(plainFileName(name), encodeRunFile(contents)),
    tfevents: asHistory("historyAsTfevents"),
    csv: asHistory("historyAsCsv"),
    json: asHistory("historyAsJson"),
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
 * All that is stored of a run.
 *
 * @throws StorageError
 */
export async function storedContents(
  store: RunStore,
  runId: string,
  onFraction: OnFraction,
): Promise<RunContents> {
  const record = await store.read(runId);
  const decode = decoderOf(record);
  const { pointer, bytes: newest } = await store.newestCheckpoint(record, decode);
  onFraction(1 / 4);
  const best = await store.bestCheckpoint(record, decode);
  onFraction(2 / 4);
  const history = await store.history(runId, pointer);
  onFraction(3 / 4);
  const snapshots = await store.snapshots(runId, pointer.step);
  const older = best && best.pointer.step !== pointer.step ? best : null;
  const { step, numEpochs } = pointer;
  const checkpoints = [...(older ? [older.pointer] : []), pointer];
  return {
    record: { ...record, step, numEpochs, checkpoints },
    newest,
    best: older?.bytes ?? null,
    history,
    snapshots,
  };
}

/** With what a run has not stored, or with that alone. */
export function withUnsaved(stored: RunContents | null, unsaved: Save): RunContents {
  const { run, checkpoint, validationLoss, afterStep, earlier, history, snapshots } = unsaved;
  const { step, numEpochs } = run;
  // Where the run went on from an earlier step, what is stored beyond it is no longer its own.
  const isOwn = (at: { step: number }) => at.step <= afterStep;
  const older = stored ? checkpointsOf(stored).filter((c) => isOwn(c) && c.step < step) : [];
  const newest = { step, numEpochs, validationLoss, bytes: checkpoint };
  const all = [...older, ...(unsaved.best ? [unsaved.best] : []), newest];
  const savedMs = Date.now();
  // Who reads the file counts the checksum anew.
  const pointers = all.map(({ bytes, ...of }) => {
    return { savedMs, numBytes: bytes.length, checksum: 0, ...of };
  });
  const best = bestCheckpoint(pointers);
  const bestBytes = all.find((c) => c !== newest && c.step === best?.step)?.bytes ?? null;
  return {
    record: {
      ...run,
      format: RECORD_FORMAT,
      name: stored?.record.name ?? run.name,
      checkpoints: keptCheckpoints(pointers, 1),
      savedMs,
      totalBytes: 0,
      bestValidationLoss: best?.validationLoss ?? null,
    },
    newest: checkpoint,
    best: bestBytes,
    history: joined(earlier, history),
    // One that could not be stored when it was drawn may be of before the last checkpoint.
    snapshots: [...(stored?.snapshots.filter(isOwn) ?? []), ...snapshots].sort(
      (a, b) => a.step - b.step,
    ),
  };
}

function checkpointsOf({ record, newest, best }: RunContents) {
  const bytes = [...(best ? [best] : []), newest];
  return record.checkpoints.map((pointer, i) => ({ ...pointer, bytes: bytes[i] as Uint8Array }));
}
