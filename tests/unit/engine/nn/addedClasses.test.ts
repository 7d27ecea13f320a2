import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import type { Condition } from "../../../../src/engine/config/condition.ts";
import type { RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import {
  tensorsWithAddedClasses,
  valuesWithAddedClasses,
} from "../../../../src/engine/nn/addedClasses.ts";
import { inferNetwork } from "../../../../src/engine/nn/inferConfig.ts";
import { networkParameters } from "../../../../src/engine/nn/networkBlocks.ts";
import { initialValues } from "../../../../src/engine/nn/parameters.ts";
import { fromStateDict, toStateDict } from "../../../../src/engine/nn/stateDict.ts";
import { DigitSampler } from "../../../../src/engine/train/digitSampler.ts";
import { denoiserOf } from "../../../../src/engine/train/gradient.ts";
import { smallConfig } from "../train/smallRun.ts";

const LABELS = "label_emb.weight";
const UNET = smallConfig({ classes: 3 });
const PERCEPTRON = smallConfig({ architecture: "perceptron", width: 8, depth: 2, classes: 3 });

beforeAll(async () => {
  await tf.setBackend("wasm");
});

function valuesOf(config: RunConfig): Float32Array {
  return initialValues(networkParameters(config), 7);
}

/** What a network draws of three labels from the same noise, `[3, 28, 28]`. */
async function drawn(config: RunConfig, values: Float32Array, condition: Condition | null) {
  const denoiser = denoiserOf(config, values);
  const sampler = new DigitSampler({
    denoiser,
    count: 3,
    seed: 0,
    chunkSize: 3,
    start: { from: "noise" },
    sampler: { kind: "ddim", timesteps: 3, eta: 0 },
    condition,
  });
  let frame = await sampler.nextFrame();
  while (!sampler.isDone) frame = await sampler.nextFrame();
  sampler.dispose();
  denoiser.values.dispose();
  return frame.pixels;
}

describe("a network with more classes", () => {
  it.each([
    ["U-Net", UNET],
    ["perceptron", PERCEPTRON],
  ])("has new rows before the last of its table, and all else as before: %s", (_, config) => {
    const before = toStateDict(networkParameters(config), valuesOf(config));
    const grown = { ...config, classes: 5 };
    const values = valuesWithAddedClasses(config, valuesOf(config), 2);
    const after = toStateDict(networkParameters(grown), values);
    for (const [name, tensor] of before)
      if (name !== LABELS) expect(after.get(name)).toEqual(tensor);
    const table = before.get(LABELS)?.values as Float32Array;
    const width = table.length / 4;
    const row = (of: Float32Array, at: number) => of.slice(at * width, (at + 1) * width);
    const rows = [0, 1, 2, 3, 3, 3].flatMap((at) => [...row(table, at)]);
    expect([...(after.get(LABELS)?.values ?? [])]).toEqual(rows);
  });

  it("draws old classes as before, with guidance as well, and a new one as no label, to the last bit", async () => {
    const before = valuesOf(UNET);
    const grown = { ...UNET, classes: 4 };
    const after = valuesWithAddedClasses(UNET, before);
    const old = { labels: [0, 2, null], guidance: 2 };
    const asOld = await drawn(UNET, before, old);
    expect(await drawn(grown, after, old)).toEqual(asOld);
    const none = await drawn(UNET, before, { labels: [null, null, null], guidance: 1 });
    expect(await drawn(grown, after, { labels: [3, 3, 3], guidance: 1 })).toEqual(none);
    expect(asOld).not.toEqual(none);
  });

  it.each([
    [0, 0],
    [0, 2],
  ])(
    "draws what it drew where it had none, to the last bit: label %d with guidance %d",
    async (label, guidance) => {
      const config = smallConfig({ classes: 0 });
      const before = valuesOf(config);
      const after = valuesWithAddedClasses(config, before, 3);
      expect(after.slice(before.length)).toEqual(new Float32Array(4 * 16));
      const grown = { ...config, classes: 3 };
      const asBefore = await drawn(config, before, null);
      expect(await drawn(grown, after, null)).toEqual(asBefore);
      const labels = [label, label, label];
      expect(await drawn(grown, after, { labels, guidance })).toEqual(asBefore);
    },
  );

  it("is told by the tensors of a file alone", () => {
    for (const config of [UNET, smallConfig(), PERCEPTRON]) {
      const tensors = toStateDict(networkParameters(config), valuesOf(config));
      const grown = tensorsWithAddedClasses(tensors);
      const network = inferNetwork(grown);
      expect(network.classes).toBe(config.classes + 1);
      expect(fromStateDict(networkParameters(network), grown)).toEqual(
        valuesWithAddedClasses(config, valuesOf(config)),
      );
      expect(inferNetwork(tensors).classes).toBe(config.classes);
    }
  });
});
