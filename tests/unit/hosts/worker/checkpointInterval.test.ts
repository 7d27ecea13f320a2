import { describe, expect, it } from "vitest";
import { checkpointInterval } from "../../../../src/runtime/run/runRecorder.ts";

/** When the checkpoints of a run fall that is saved in no time, in seconds. */
function checkpointTimes(minutes: number, count: number): number[] {
  let ms = 0;
  return Array.from({ length: count }, () => {
    ms += checkpointInterval(minutes, ms);
    return ms / 1000;
  });
}

describe("the clock of checkpoints", () => {
  it("begins with five seconds and doubles the age of the run up to the setting's minutes", () => {
    expect(checkpointTimes(1, 7)).toEqual([5, 10, 20, 40, 80, 140, 200]);
  });

  it("is never slower than the setting", () => {
    expect(checkpointTimes(0.05, 3)).toEqual([3, 6, 9]);
  });

  it("stands still where the setting is 0", () => {
    expect(checkpointInterval(0, 1e6)).toBe(Number.POSITIVE_INFINITY);
  });
});
