import { presetConfig } from "../../../../src/engine/config/presets.ts";
import type { SweepPlan } from "../../../../src/engine/config/sweep.ts";

export const IMAGES = { id: "mnist", name: "MNIST", checksum: 1 };

/** Of Tiny with so many seeds, 100 steps each. */
export function seeds(count: number): SweepPlan {
  return {
    preset: "tiny",
    base: presetConfig("tiny"),
    runs: Array.from({ length: count }, (_, seed) => ({ seed })),
    budget: { steps: 100 },
    halving: null,
  };
}
