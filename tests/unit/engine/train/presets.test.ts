import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { PRESETS, type PresetName, presetConfig } from "../../../../src/engine/config/presets.ts";
import { smallDataset, smallSession } from "./smallRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe("every preset", () => {
  it.each(Object.keys(PRESETS) as PresetName[])(
    "%s trains, and lowers the loss",
    async (name) => {
      // One step an epoch: as many as show it, on the same images.
      const numSteps = 3;
      const config = {
        ...presetConfig(name),
        warmupSteps: 0,
        learningRate: 1e-3,
        epochs: numSteps,
      };
      const dataset = smallDataset({ numTrain: 2, numValidation: 1 });
      const session = smallSession(config, { dataset });
      const losses: number[] = [];
      for await (const report of session.run()) {
        if (report.type === "epoch") losses.push(report.epoch.validationLoss);
      }
      session.dispose();
      expect(losses).toHaveLength(numSteps);
      expect(losses.at(-1)).toBeLessThan(losses[0] as number);
    },
    60_000,
  );
});
