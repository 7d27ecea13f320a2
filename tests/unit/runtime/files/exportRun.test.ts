import { describe, expect, it } from "vitest";
import { withUnsaved } from "../../../../src/runtime/files/exportRun.ts";
import { RECORD_FORMAT } from "../../../../src/runtime/storage/records.ts";
import { runAt, saveAt } from "../storage/storedRun.ts";
import { wholeRun } from "./wholeRun.ts";

const [BEST, NEWEST] = [Uint8Array.of(1), Uint8Array.of(3)];
const contents = wholeRun(BEST, NEWEST);

describe("what is not stored yet", () => {
  const stepsOf = (list: readonly { step: number }[]) => list.map(({ step }) => step);

  it("comes after what is, beside the best of all checkpoints", () => {
    const unsaved = saveAt(5, 3);
    const { record, checkpoints, history, snapshots } = withUnsaved(contents, unsaved);
    expect(stepsOf(history.steps)).toEqual([1, 2, 3, 4, 5]);
    expect(stepsOf(snapshots)).toEqual([1, 2, 5]);
    expect(checkpoints).toMatchObject([
      { step: 1, bytes: BEST },
      { step: 5, bytes: unsaved.checkpoint },
    ]);
    expect(stepsOf(record.checkpoints)).toEqual([1, 5]);
    expect(record).toMatchObject({ step: 5, bestValidationLoss: 0.5 });
  });

  it.each([
    ["what was the newest", {}, [3, 5], 0.25],
    ["what could not be stored when it was", { best: { step: 4, numEpochs: 1 } }, [4, 5], 0.125],
    ["the newest itself", { validationLoss: 0.125 }, [5], 0.125],
  ])("has as its best %s", (_, changes, steps, loss) => {
    const pointers = [{ ...newestPointer(), validationLoss: 0.25 }];
    const checkpoints = contents.checkpoints.slice(-1);
    const stored = {
      ...contents,
      checkpoints,
      record: { ...contents.record, checkpoints: pointers },
    };
    const bytes = new Uint8Array([4]);
    const best = "best" in changes ? { ...changes.best, validationLoss: 0.125, bytes } : null;
    const unsaved = saveAt(5, 3, { ...changes, best });
    const after = withUnsaved(stored, unsaved);
    expect(stepsOf(after.record.checkpoints)).toEqual(steps);
    expect(after.record.bestValidationLoss).toBe(loss);
    const files = new Map([
      [3, NEWEST],
      [4, bytes],
      [5, unsaved.checkpoint],
    ]);
    expect(after.checkpoints.map((c) => c.bytes)).toEqual(steps.map((step) => files.get(step)));
  });

  it("takes the place of what the run has left behind by going back, also of the best", () => {
    const back = withUnsaved(contents, saveAt(2, 1));
    expect([stepsOf(back.history.steps), back.history.epochs]).toEqual([[1, 2], []]);
    expect(stepsOf(back.snapshots)).toEqual([1, 2]);
    expect(stepsOf(back.record.checkpoints)).toEqual([1, 2]);
    const again = withUnsaved(contents, saveAt(1, 0));
    expect([again.record.checkpoints, again.checkpoints].map(stepsOf)).toEqual([[1], [1]]);
    expect(again.record.bestValidationLoss).toBeNull();
  });

  it("is all there is where nothing could be stored", () => {
    const { history, record, checkpoints } = withUnsaved(null, saveAt(4, 0, { run: runAt(4) }));
    expect(history.steps).toHaveLength(4);
    expect(stepsOf(checkpoints)).toEqual([4]);
    expect(record).toMatchObject({ ...runAt(4), format: RECORD_FORMAT, bestValidationLoss: null });
  });

  function newestPointer() {
    const pointer = contents.record.checkpoints.at(-1);
    if (!pointer) throw new Error("There is no checkpoint.");
    return pointer;
  }
});
