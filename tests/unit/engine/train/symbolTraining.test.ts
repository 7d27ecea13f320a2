import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import { runLength } from "../../../../src/engine/config/runLength.ts";
import { SYMBOL_IMAGES, symbolConfig } from "../../../../src/engine/config/symbolTraining.ts";
import { validateNewRun } from "../../../../src/engine/config/validate.ts";
import { symbolSet } from "../../../../src/engine/data/symbolSet.ts";
import { valuesWithAddedClasses } from "../../../../src/engine/nn/addedClasses.ts";
import { networkParameters } from "../../../../src/engine/nn/networkBlocks.ts";
import { initialValues } from "../../../../src/engine/nn/parameters.ts";
import {
  noiseImages,
  samplerValues,
  smallConfig,
  smallDataset,
  smallSession,
  takeSteps,
} from "./smallRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe("a run that teaches one class more", () => {
  it.each(["quick", "medium", "laptop"] as const)(
    "has settings that can run, and sees each image once: %s",
    (name) => {
      const config = symbolConfig({ ...presetConfig(name), classes: 11 });
      expect(validateNewRun(config)).toEqual({});
      expect(config.classes).toBe(11);
      const { stepsPerEpoch, stepsOfRate } = runLength(config, SYMBOL_IMAGES);
      expect(stepsOfRate).toBe(stepsPerEpoch);
      expect(SYMBOL_IMAGES % config.batchSize).toBe(0);
    },
  );

  it("moves the row of the new class away from that of no label, and trains the others on", async () => {
    const config = smallConfig({ classes: 10 });
    const before = initialValues(networkParameters(config), 0);
    const values = valuesWithAddedClasses(config, before);
    const dataset = symbolSet({
      base: smallDataset({ numTrain: 20, numValidation: 10 }),
      drawings: noiseImages(3).images,
      label: 10,
      numTrain: 16,
      seed: 0,
    });
    const session = smallSession(
      { ...symbolConfig({ ...config, classes: 11 }), batchSize: 4, warmupSteps: 0 },
      { dataset, start: { from: "weights", values } },
    );
    const steps = await takeSteps(session.run());
    expect(steps).toHaveLength(4);
    const after = await samplerValues(session);
    session.dispose();
    const width = 16;
    const row = (label: number) => {
      const start = after.length - (12 - label) * width;
      return after.slice(start, start + width);
    };
    expect(row(10)).not.toEqual(row(11));
    for (const old of [0, 9])
      expect(row(old)).not.toEqual(values.slice(-12 * width).slice(old * width, (old + 1) * width));
  });
});
