import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { IMAGE_SIZE } from "../../../../src/engine/config/hyperparameters.ts";
import { lookAtBlock, MAX_MAPS } from "../../../../src/engine/nn/blockLook.ts";
import { labelRows } from "../../../../src/engine/nn/embedding.ts";
import { inOrder, type UnetConfig, unetBlocks } from "../../../../src/engine/nn/unetBlocks.ts";
import { randomNormals } from "../../../../src/engine/random.ts";
import { denoiserOf, parametersOf } from "../../../../src/engine/train/gradient.ts";
import { smallConfig } from "../train/smallRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

function ready(changes: Partial<UnetConfig> = {}) {
  const config = smallConfig(changes);
  const { network, values } = denoiserOf(config, null);
  const noise = randomNormals({ seed: 0, stream: "weights", index: 1000 }, IMAGE_SIZE ** 2);
  const x = tf.tensor4d(noise, [1, IMAGE_SIZE, IMAGE_SIZE, 1]);
  const labels = config.classes > 0 ? labelRows([3], config.classes) : null;
  const inputs = { x, timesteps: [40], labels };
  const given = { network, parameters: parametersOf(network, values), inputs };
  const look = (block: string, position: number | null = null) =>
    lookAtBlock(given, { block, position });
  return { config, ...given, look };
}

describe.each([
  { case: "plain", changes: {} },
  { case: "with classes", changes: { classes: 10 } },
  { case: "self-conditioned", changes: { selfCondition: true } },
  { case: "of three levels", changes: { dimMults: [1, 2, 3] } },
])("a network that is looked into, $case", ({ changes }) => {
  it("computes the same, bit for bit, and shows each block that makes images once", async () => {
    const { config, network, parameters, inputs } = ready(changes);
    const alone = await network.forward(parameters, inputs).data();
    const shapes = new Map<string, readonly number[]>();
    const onBlock = ({ name }: { name: string }, { shape }: tf.Tensor) => shapes.set(name, shape);
    const watched = await network.forward(parameters, { ...inputs, onBlock }).data();
    expect(watched).toEqual(alone);
    const blocks = inOrder(unetBlocks(config)).filter(
      ({ kind }) => kind !== "time" && kind !== "label",
    );
    expect([...shapes.keys()]).toEqual(blocks.map(({ name }) => name));
    for (const { name, numOut, levelOut } of blocks) {
      const size = IMAGE_SIZE / 2 ** levelOut;
      expect(shapes.get(name)).toEqual([1, size, size, numOut]);
    }
  });

  it("makes its prediction in its last block", async () => {
    const { network, parameters, inputs, look } = ready(changes);
    const prediction = await network.forward(parameters, inputs).data();
    const { maps, ranges, size, numChannels } = await look("final_conv");
    expect([size, numChannels]).toEqual([IMAGE_SIZE, 1]);
    const [least, most] = ranges as unknown as [number, number];
    expect(least).toBe(Math.min(...prediction));
    expect(most).toBe(Math.max(...prediction));
    expect([...maps]).toEqual(
      Array.from(prediction, (value) => Math.round((255 * (value - least)) / (most - least))),
    );
  });
});

describe("the maps of a block", () => {
  it("are its channels one after the other", async () => {
    const { network, parameters, inputs, look } = ready();
    let output: tf.Tensor4D | null = null;
    network.forward(parameters, {
      ...inputs,
      onBlock: ({ name }, made) => {
        if (name === "downs.1.0") output = tf.clone(made);
      },
    });
    const values = await (output as unknown as tf.Tensor4D).data();
    const { maps, ranges, size, numChannels } = await look("downs.1.0");
    expect([size, numChannels, maps.length]).toEqual([14, 4, 4 * 14 * 14]);
    const channel = (c: number) => Array.from({ length: 196 }, (_, i) => values[4 * i + c] ?? 0);
    for (const c of [0, 1, 2, 3]) {
      expect([ranges[2 * c], ranges[2 * c + 1]]).toEqual([
        Math.min(...channel(c)),
        Math.max(...channel(c)),
      ]);
      const brightest = maps.subarray(196 * c, 196 * (c + 1)).indexOf(255);
      expect(channel(c)[brightest]).toBe(ranges[2 * c + 1]);
    }
  });

  it("are at most 64, the first ones", async () => {
    const { look } = ready({ dim: 40 });
    const { maps, ranges, size, numChannels } = await look("mid_block1");
    expect([size, numChannels]).toEqual([14, 80]);
    expect(maps).toHaveLength(MAX_MAPS * 14 * 14);
    expect(ranges).toHaveLength(2 * MAX_MAPS);
  });

  it("are not there of an embedding, which an error says", async () => {
    const { look } = ready();
    await expect(look("time_mlp")).rejects.toThrow(/a block that makes images, got "time_mlp"/);
  });

  it("leave no tensor behind", async () => {
    const { look } = ready();
    const { numTensors } = tf.memory();
    await look("mid_attn", 5);
    await look("init_conv");
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});

describe("the attention of a pixel", () => {
  it.each([
    ["downs.0.2", 28],
    ["mid_attn", 14],
  ])("adds up to 1 in each head, with the memory: %s", async (block, size) => {
    const { look } = ready({ attnHeads: 2 });
    const { attention } = await look(block, 3 * size + 5);
    const { pixels, memory } = attention ?? { pixels: [], memory: [] };
    expect([pixels.length, memory.length]).toEqual([2 * size ** 2, 2 * 4]);
    for (const head of [0, 1]) {
      const ofHead = [
        ...pixels.slice(head * size ** 2, (head + 1) * size ** 2),
        ...memory.slice(4 * head, 4 * head + 4),
      ];
      expect(ofHead.every((weight) => weight > 0)).toBe(true);
      expect(ofHead.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
    }
    const other = await look(block, 20 * 5);
    expect(other.attention?.pixels).not.toEqual(pixels);
  });

  it("is not there of other blocks, nor where no pixel is chosen", async () => {
    const { look } = ready();
    expect((await look("downs.0.1", 5)).attention).toBe(null);
    expect((await look("mid_attn")).attention).toBe(null);
  });

  it("outside of the image is an error", async () => {
    const { look } = ready();
    await expect(look("mid_attn", 14 * 14)).rejects.toThrow(/a pixel from 0 to 195, got 196/);
  });
});
