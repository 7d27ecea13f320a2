import CRC32C from "crc-32/crc32c.js";
import type { CheckpointPointer } from "./records.ts";

/** Two, since the newest may be damaged. */
const NUM_NEWEST = 2;

/** The checkpoint after the epoch with the lowest validation loss, the first of equals. */
export function bestCheckpoint<P extends Pick<CheckpointPointer, "validationLoss">>(
  pointers: readonly P[],
): (P & { validationLoss: number }) | null {
  let best: (P & { validationLoss: number }) | null = null;
  for (const pointer of pointers) {
    const { validationLoss } = pointer;
    if (validationLoss === null) continue;
    if (!best || validationLoss < best.validationLoss) best = { ...pointer, validationLoss };
  }
  return best;
}

/** The newest and the best, in the given order, which is ascending by step. */
export function keptCheckpoints(
  pointers: readonly CheckpointPointer[],
  numNewest = NUM_NEWEST,
): CheckpointPointer[] {
  const best = bestCheckpoint(pointers)?.step;
  return pointers.filter(({ step }, i) => step === best || i >= pointers.length - numNewest);
}

/** CRC-32C (RFC 3720, appendix B.4) of all the bytes one after the other, as a signed integer. */
export function checksumOf(...parts: readonly Uint8Array[]): number {
  return checksumAfter(0, parts);
}

/** Continues a CRC-32C: `before` is the checksum of all bytes that come before these. */
export function checksumAfter(before: number, parts: readonly Uint8Array[]): number {
  return parts.reduce((checksum, bytes) => CRC32C.buf(bytes, checksum), before);
}

/** Whether these are the bytes that were written. */
export function isWhole(
  bytes: Uint8Array<ArrayBuffer> | null | undefined,
  { numBytes, checksum }: CheckpointPointer,
): bytes is Uint8Array<ArrayBuffer> {
  return bytes?.length === numBytes && checksumOf(bytes) === checksum;
}
