import { bestCheckpoint, checksumOf, keptCheckpoints } from "./checkpoints.ts";
import { checkpointPart, historyPart, type Part, partNamed, snapshotPart } from "./parts.ts";
import {
  type CheckpointPointer,
  type History,
  type KeptRun,
  RECORD_FORMAT,
  type RunRecord,
  type Snapshot,
  type WholeRun,
} from "./records.ts";

/** What a run reports at a checkpoint. */
export interface Save {
  /** The run at its checkpoint, without what follows from what is kept of it. */
  run: Omit<RunRecord, "format" | "checkpoints" | "totalBytes" | "bestValidationLoss" | "savedMs">;
  checkpoint: Uint8Array<ArrayBuffer>;
  /** The loss after the epoch that the checkpoint ends; null within an epoch. */
  validationLoss: number | null;
  /** Step of the checkpoint that the run went on from: what is kept of later steps is no longer the run's. */
  afterStep: number;
  /** Since `afterStep`. */
  history: History;
  snapshots: readonly Snapshot[];
  /** `savedMs` of the record that this tab saved last, or went on from; null before the first. */
  previousMs: number | null;
  /**
   * Whether the run is this tab's to save: always while it trains, which only one tab may; once it has ended, only
   * where it is kept as this tab left it; never once it was deleted or trained on elsewhere. What is not to be saved
   * is still held in memory, for an export.
   */
  claim: "always" | "ifUnchanged" | "never";
}

/** A version of a run, and those of its parts that the version before does not have. */
export interface NextVersion {
  run: KeptRun;
  added: ReadonlyMap<string, Part[1]>;
}

/**
 * The version of a run that follows another one by a save: with its newest two checkpoints and the best one, and with
 * the history and snapshots of `before` up to the step that the run went on from.
 *
 * @param before null where nothing is kept of the run
 * @param changedMs later than that of any version of the run
 */
export function runAfter(before: KeptRun | null, save: Save, changedMs: number): NextVersion {
  const { run, validationLoss, afterStep, history, snapshots } = save;
  const { step, numEpochs } = run;
  const newest = checkpointPart(step, save.checkpoint);
  const hasHistory = history.steps.length + history.epochs.length > 0;
  const added = new Map([
    newest,
    ...(hasHistory ? [historyPart(step, history)] : []),
    ...snapshots.map(snapshotPart),
  ]);
  const pointers = [
    ...(before?.record.checkpoints.filter((p) => p.step <= afterStep && p.step < step) ?? []),
    pointerTo(save.checkpoint, { step, numEpochs, validationLoss, savedMs: changedMs }),
  ];
  const checkpoints = keptCheckpoints(pointers);
  const drawn = new Set(snapshots.map((snapshot) => snapshot.step));
  const pieces = piecesUpTo(afterStep, before?.parts ?? []);
  const isKept = (name: string) => {
    const part = partNamed(name);
    switch (part?.kind) {
      case "checkpoint":
        return part.step < step && checkpoints.some((pointer) => pointer.step === part.step);
      case "history":
        return pieces.has(name);
      case "snapshot":
        return part.step <= afterStep && !drawn.has(part.step);
      default:
        return false;
    }
  };
  const record: RunRecord = {
    ...run,
    // It may have been renamed since the run began.
    name: before?.record.name ?? run.name,
    format: RECORD_FORMAT,
    savedMs: changedMs,
    checkpoints,
    bestValidationLoss: bestCheckpoint(checkpoints)?.validationLoss ?? null,
    // The list of runs has it, from all places where the run is kept.
    totalBytes: 0,
  };
  const parts = [...new Set([...(before?.parts.filter(isKept) ?? []), ...added.keys()])];
  return { run: { record, changedMs, parts }, added };
}

/** A run that was read as a whole, such as from a file, as a version to be kept. */
export function versionOf(
  { record, checkpoints, history, snapshots }: WholeRun,
  changedMs: number,
): NextVersion {
  const added = new Map([
    ...checkpoints.map(({ step, bytes }) => checkpointPart(step, bytes)),
    historyPart(record.step, history),
    ...snapshots.map(snapshotPart),
  ]);
  return { run: { record, changedMs, parts: [...added.keys()] }, added };
}

export function pointerTo(
  bytes: Uint8Array<ArrayBuffer>,
  at: Omit<CheckpointPointer, "numBytes" | "checksum">,
): CheckpointPointer {
  return { ...at, numBytes: bytes.length, checksum: checksumOf(bytes) };
}

/**
 * The pieces of the history up to a step. Where a run goes on from within a piece, as from the best checkpoint of one that
 * was imported, that piece stays: the pieces written after it hold the steps that take the place of its later ones.
 */
function piecesUpTo(afterStep: number, parts: readonly string[]): ReadonlySet<string> {
  const pieces = parts.flatMap((name) => {
    const part = partNamed(name);
    return part?.kind === "history" ? [{ name, step: part.step }] : [];
  });
  const before = pieces.filter(({ step }) => step <= afterStep);
  const isCovered = afterStep === 0 || before.some(({ step }) => step === afterStep);
  const across = isCovered ? undefined : pieces.find(({ step }) => step > afterStep);
  return new Set([...before, ...(across ? [across] : [])].map(({ name }) => name));
}
