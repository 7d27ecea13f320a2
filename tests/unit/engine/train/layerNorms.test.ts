import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import { blockNorms, layersOf } from "../../../../src/engine/nn/layerNorms.ts";
import { numElements } from "../../../../src/engine/nn/parameters.ts";
import { createUnet } from "../../../../src/engine/nn/unet.ts";
import { inOrder, unetBlocks } from "../../../../src/engine/nn/unetBlocks.ts";
import { samplerValues, smallConfig, smallSession, takeSteps } from "./smallRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe("norms", () => {
  const config = { ...presetConfig("assignment"), classes: 10 };

  it("by block are of its own part of the vector, and cover all parameters once", () => {
    const config = presetConfig("quick");
    const { parameters } = createUnet(config);
    const blocks = inOrder(unetBlocks(config)).map(({ name }) => name);
    // In each block another value, so that a norm is that times the root of how many there are.
    const isOf = (name: string) => blocks.findIndex((block) => name.startsWith(`${block}.`));
    const vector = Float32Array.from(
      parameters.flatMap(({ name, shape }) =>
        new Array<number>(numElements(shape)).fill(1 + isOf(name)),
      ),
    );
    const norms = blockNorms(vector, config);
    for (const [i, norm] of norms.entries()) {
      expect((norm / (i + 1)) ** 2).toBeCloseTo(
        vector.filter((value) => value === i + 1).length,
        3,
      );
    }
    expect(norms).toHaveLength(new Set(vector).size);
  });

  it("by layer are of the network's modules, those of a level together", () => {
    const { names, normsOf } = layersOf(config);
    expect(names).toEqual([
      ...["init_conv", "time_mlp", "downs.0", "downs.1", "downs.2", "mid"],
      ...["ups.0", "ups.1", "ups.2", "final_res_block", "final_conv", "label_emb"],
    ]);
    const blockGradNorms = inOrder(unetBlocks(config)).map(({ name }) =>
      name.startsWith("mid") ? 2 : 0,
    );
    const ofMid = Math.sqrt(3 * 2 ** 2);
    const expected = names.map((name) => (name === "mid" ? expect.closeTo(ofMid, 9) : 0));
    expect(normsOf({ blockGradNorms }, "Grad")).toEqual(expected);
    expect(normsOf({ blockGradNorms }, "Weight")).toBeUndefined();
  });
});

describe("a run", () => {
  const normOf = (norms: readonly number[] = []) => Math.hypot(...norms);

  it("reports them with its live validations: together they are the gradient's and the weights' norm", async () => {
    const session = smallSession({ validateEvery: 2 });
    const { numTensors } = tf.memory();
    const reports = session.run();
    const [first, second] = await takeSteps(reports, 2);
    const values = await samplerValues(session);
    expect(tf.memory().numTensors).toBe(numTensors);
    // Early after an eighth, a quarter and a half of the interval: here after one step.
    for (const step of [first, second]) {
      expect(step?.blockGradNorms).toHaveLength(inOrder(unetBlocks(smallConfig())).length);
      expect(normOf(step?.blockGradNorms) / (step?.gradNorm ?? 0)).toBeCloseTo(1, 5);
    }
    expect(normOf(second?.blockWeightNorms) / Math.hypot(...values)).toBeCloseTo(1, 6);
    expect(second?.blockWeightNorms).not.toEqual(first?.blockWeightNorms);
    session.dispose();
  });

  it("without live validations has them at the end of each epoch, and trains the same", async () => {
    const trained = async (validateEvery: number) => {
      const session = smallSession({ validateEvery, epochs: 2 });
      const steps = await takeSteps(session.run());
      const end = await samplerValues(session);
      session.dispose();
      return { steps, end, losses: steps.map(({ loss }) => loss) };
    };
    const [without, withLive] = [await trained(0), await trained(1)];
    const haveNorms = without.steps.map((step) => "blockGradNorms" in step);
    expect(haveNorms).toEqual([false, true, false, true]);
    expect(without.steps[1]?.blockWeightNorms).toEqual(withLive.steps[1]?.blockWeightNorms);
    expect(withLive.losses).toEqual(without.losses);
    expect(withLive.end).toEqual(without.end);
  });
});
