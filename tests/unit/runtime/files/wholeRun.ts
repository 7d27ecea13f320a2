import { checksumOf } from "../../../../src/runtime/storage/checkpoints.ts";
import {
  RECORD_FORMAT,
  type RunRecord,
  type WholeRun,
} from "../../../../src/runtime/storage/records.ts";
import { smallConfig } from "../../engine/train/smallRun.ts";
import { epochReport, runAt, stepReport } from "../storage/storedRun.ts";

export const CONFIG = smallConfig({ emaDecay: 0.9, epochs: 3 });

/** A run at step 3, with its best checkpoint, of step 1, and its newest. */
export function wholeRun(best: Uint8Array<ArrayBuffer>, newest: Uint8Array<ArrayBuffer>): WholeRun {
  const pointer = (step: number, bytes: Uint8Array, validationLoss: number | null) => ({
    step,
    numEpochs: step > 1 ? 1 : 0,
    savedMs: 1,
    validationLoss,
    numBytes: bytes.length,
    checksum: checksumOf(bytes),
  });
  const snapshot = (step: number) => ({
    step,
    wallTimeMs: 1e12 + step,
    count: 10,
    numFrames: 3,
    pixels: Uint8Array.from({ length: 3 * 7840 }, (_, i) => (i * step) % 256),
  });
  const snapshots = [snapshot(1), snapshot(2)];
  // Of the last frame.
  const picture = { count: 8, pixels: snapshot(2).pixels.slice(2 * 7840, 2 * 7840 + 6272) };
  const record: RunRecord = {
    ...runAt(3, { config: CONFIG, picture }),
    format: RECORD_FORMAT,
    savedMs: 5,
    totalBytes: 9,
    numEpochs: 1,
    bestValidationLoss: 0.5,
    stepsPerEpoch: 2,
    checkpoints: [pointer(1, best, 0.5), pointer(3, newest, null)],
  };
  return {
    record,
    snapshots,
    checkpoints: [
      { step: 1, bytes: best },
      { step: 3, bytes: newest },
    ],
    history: { steps: [1, 2, 3].map(stepReport), epochs: [epochReport(1, 2, Number.NaN)] },
  };
}
