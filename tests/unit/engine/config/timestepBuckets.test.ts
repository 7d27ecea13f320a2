import { describe, expect, it } from "vitest";
import { bucketTimesteps } from "../../../../src/engine/config/timestepBuckets.ts";

describe("the buckets of timesteps", () => {
  it.each([
    [0, 0, 99],
    [1, 100, 199],
    [9, 900, 999],
  ])("of tenths of [0, 1000): bucket %i goes from %i to %i", (bucket, first, last) => {
    const timesteps = bucketTimesteps({ bucket, numBuckets: 10, numTimesteps: 1000 });
    expect(timesteps).toEqual({ first, last });
  });

  it.each([10, 15, 37, 999, 1003])(
    "hold each timestep once, where validation counts it, T = %d",
    (numTimesteps) => {
      for (let t = 0; t < numTimesteps; t++) {
        // As `engine/train/validation.ts` deals them out.
        const bucket = Math.floor((t * 10) / numTimesteps);
        const { first, last } = bucketTimesteps({ bucket, numBuckets: 10, numTimesteps });
        expect(first <= t && t <= last, `t = ${t}`).toBe(true);
        if (t > 0 && t === first) {
          const before = bucketTimesteps({ bucket: bucket - 1, numBuckets: 10, numTimesteps });
          expect(before.last).toBe(t - 1);
        }
      }
    },
  );

  it("end before they begin where there are fewer timesteps than buckets", () => {
    const { first, last } = bucketTimesteps({ bucket: 1, numBuckets: 10, numTimesteps: 5 });
    expect(first).toBeGreaterThan(last);
  });
});
