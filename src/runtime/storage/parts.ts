/**
 * The parts of a run: its checkpoints, the pieces of its metric history that came between two saves, and its
 * snapshots. Each is a safetensors file. Its name says what it is, its step, how many bytes it has and their
 * CRC-32C (`checkpoint-40-13472-9f3a21bc`), so that a part is known to be whole by its name alone, and is never
 * written over by one of other content.
 *
 * Before December 2026 names ended with the step: `checkpoint-40` (its checksum is in the record), `history-40`
 * (JSON) and `frame-40-10-1764000000000-11` (the pixels of so many digits, Unix time, frames). They are still read.
 */
import { IMAGE_SIZE, NUM_PIXELS } from "../../engine/config/hyperparameters.ts";
import { FormatError } from "../../engine/formats/formatError.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
} from "../../engine/formats/safetensors/safetensors.ts";
import { checksumOf, isWhole } from "./checkpoints.ts";
import { historyFromTensors, historyTensors } from "./historyTensors.ts";
import type { Bytes, CheckpointPointer, History, RunRecord, Snapshot } from "./records.ts";
import { historyFromJson, type UncheckedHistory } from "./storedHistory.ts";

export type PartKind = "checkpoint" | "history" | "snapshot";

/** A name and the bytes that it promises. */
export type Part = readonly [name: string, bytes: Bytes];

interface NamedPart {
  kind: PartKind;
  step: number;
  /** What its bytes are to be; null in the names of earlier versions. */
  promised: { numBytes: number; checksum: string } | null;
  /** What the names of snapshots said in earlier versions; null in all others. */
  old: { count: number; wallTimeMs: number; numFrames: number } | null;
}

const NAME = /^(checkpoint|history|snapshot)-(\d+)-(\d+)-([0-9a-f]{8})$/;
const OLD_NAME = /^(checkpoint|history)-(\d+)$/;
const OLD_SNAPSHOT = /^frame-(\d+)-(\d+)-([\d.e+-]+)-(\d+)$/;

/** What a name says; null where it is that of no part. */
export function partNamed(name: string): NamedPart | null {
  const found = NAME.exec(name) ?? OLD_NAME.exec(name);
  if (found) {
    const [, kind, step, numBytes, checksum] = found;
    const promised = checksum === undefined ? null : { numBytes: Number(numBytes), checksum };
    return { kind: kind as PartKind, step: Number(step), promised, old: null };
  }
  const [, step, count, wallTimeMs, numFrames] = OLD_SNAPSHOT.exec(name)?.map(Number) ?? [];
  if (step === undefined || count === undefined) return null;
  const old = { count, wallTimeMs: wallTimeMs ?? 0, numFrames: numFrames || 1 };
  return { kind: "snapshot", step, promised: null, old };
}

/** The names of a run's parts of one kind, in the order in which they were written. */
export function namesOf(kind: PartKind, names: readonly string[]): string[] {
  return names.filter((name) => partNamed(name)?.kind === kind);
}

export function stepOf(name: string): number {
  return partNamed(name)?.step ?? Number.NaN;
}

/** How many bytes the parts have, as far as their names say it. */
export function promisedBytes(names: Iterable<string>): number {
  let sum = 0;
  for (const name of names) sum += partNamed(name)?.promised?.numBytes ?? 0;
  return sum;
}

/**
 * Whether these are the bytes that were written under the name; a piece of history of an earlier version, which has no
 * checksum, is taken as it is.
 *
 * @param record of the run, which has the checksums of checkpoints of earlier versions
 */
export function isWholePart(name: string, bytes: Bytes, { checkpoints }: RunRecord): boolean {
  const part = partNamed(name);
  if (!part) return false;
  const { kind, step, promised, old } = part;
  if (promised) {
    return bytes.length === promised.numBytes && checksumText(bytes) === promised.checksum;
  }
  if (old) return bytes.length === old.count * old.numFrames * NUM_PIXELS;
  if (kind === "history") return true;
  return checkpoints.some((pointer) => pointer.step === step && isWhole(bytes, pointer));
}

/** @param bytes of a checkpoint as `runtime/files/checkpointFile.ts` encodes it */
export function checkpointPart(step: number, bytes: Bytes): Part {
  return named("checkpoint", step, bytes);
}

/** @param step of the checkpoint that the piece reaches up to */
export function historyPart(step: number, history: History): Part {
  const tensors = new Map(historyTensors(history));
  return named("history", step, encodeSafetensors({ tensors }));
}

export function snapshotPart({ step, wallTimeMs, count, numFrames, pixels }: Snapshot): Part {
  const shape = [numFrames, count, IMAGE_SIZE, IMAGE_SIZE];
  const bytes = encodeSafetensors({
    tensors: new Map([[PIXELS, { dtype: "U8" as const, shape, values: pixels }]]),
    metadata: { wallTimeMs: String(wallTimeMs) },
  });
  return named("snapshot", step, bytes);
}

const PIXELS = "pixels";

/**
 * The reports of a piece of history, which are not checked yet.
 *
 * @param at no more rows than the checkpoint has steps and epochs are read
 * @throws FormatError
 */
export function historyInPart(
  bytes: Bytes,
  at: Pick<CheckpointPointer, "step" | "numEpochs">,
): UncheckedHistory {
  // A safetensors file has its JSON after eight bytes of length.
  if (bytes[8] !== OPENING_BRACE) return historyFromJson(new TextDecoder().decode(bytes));
  return historyFromTensors(decodeSafetensors(bytes).tensors, at, () => {});
}

const OPENING_BRACE = 0x7b;

/** @throws FormatError */
export function snapshotInPart(name: string, bytes: Bytes): Snapshot {
  const { step = Number.NaN, old = null } = partNamed(name) ?? {};
  if (old) return { step, ...old, pixels: bytes };
  const { tensors, metadata } = decodeSafetensors(bytes);
  const tensor = tensors.get(PIXELS);
  const [numFrames, count] = tensor?.shape ?? [];
  if (tensor?.dtype !== "U8" || numFrames === undefined || count === undefined) {
    throw new FormatError(
      `Expected the pixels of a snapshot in ${name}, got none. It is damaged: delete the run, or import it from a file.`,
    );
  }
  const { values: pixels } = tensor as { values: Bytes };
  return { step, wallTimeMs: Number(metadata.wallTimeMs), count, numFrames, pixels };
}

function named(kind: PartKind, step: number, bytes: Bytes): Part {
  return [`${kind}-${step}-${bytes.length}-${checksumText(bytes)}`, bytes];
}

function checksumText(bytes: Bytes): string {
  return (checksumOf(bytes) >>> 0).toString(16).padStart(8, "0");
}
