import "@tensorflow/tfjs-backend-wasm";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { mixedCondition } from "../../../../src/engine/config/condition.ts";
import { defaultConfig, type RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import { samplerOf } from "../../../../src/engine/config/sampling.ts";
import { createNetwork } from "../../../../src/engine/nn/networks.ts";
import { initialValues } from "../../../../src/engine/nn/parameters.ts";
import { registerWasmKernels } from "../../../../src/engine/ops/wasm/register.ts";
import { DigitSampler } from "../../../../src/engine/train/digitSampler.ts";
import { denoiserOf } from "../../../../src/engine/train/gradient.ts";
import type { Drawing, loadDigits as LoadDigits } from "../../../../src/hosts/embed/digits.ts";
import { importWeights } from "../../../../src/runtime/files/importedWeights.ts";
import { encodeWeights } from "../../../../src/runtime/files/weightsFile.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const model = (name: string) =>
  new Uint8Array(readFileSync(join(ROOT, `public/models/${name}.safetensors`)));
const QUICK = model("pretrained-quick");
const STUDENT = model("pretrained-quick-1-step");

let folder = "";
/** Of the module as it is built. */
let loadDigits: typeof LoadDigits;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "embed-"));
  const configFile = join(ROOT, "vite.embed.config.ts");
  await build({ configFile, logLevel: "error", build: { outDir: folder, emptyOutDir: true } });
  ({ loadDigits } = await import(pathToFileURL(join(folder, "digits.js")).href));
  await tf.setBackend("wasm");
  await registerWasmKernels("simd");
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** A small network with the weights of its seed, as a file. */
function fileOf(changes: Partial<RunConfig>): Uint8Array<ArrayBuffer> {
  const small = { dim: 8, dimMults: [1, 2], attnHeads: 2, attnDimHead: 8, timesteps: 20 };
  const config = { ...defaultConfig(), ...small, samplingTimesteps: 4, ...changes };
  const facts = {
    trainedSteps: 0,
    isAverage: false,
    dataset: null,
    lastEpoch: null,
    startedFrom: null,
  };
  const values = initialValues(createNetwork(config).parameters, 1);
  return encodeWeights({ config, values, facts, dtype: "F32" });
}

/** All frames, one after the other, as the engine draws them on TensorFlow.js' backend. */
async function framesOfEngine(bytes: Uint8Array<ArrayBuffer>, drawing: Drawing) {
  const file = new File([bytes], "weights.safetensors");
  const { config, values, ema } = await importWeights(file, defaultConfig());
  const { digits: asked, seed = 0 } = drawing;
  const digits = asked && Array.from(asked, Number);
  const { count = digits?.length ?? 0 } = drawing;
  const { steps = config.samplingTimesteps, guidance = config.guidance } = drawing;
  const denoiser = denoiserOf(config, ema ?? values);
  const sampler = new DigitSampler({
    denoiser,
    count,
    seed,
    chunkSize: count,
    start: { from: "noise" },
    sampler: samplerOf(steps, config),
    condition: digits
      ? { labels: digits, guidance }
      : mixedCondition({ ...config, guidance }, count),
  });
  const frames: number[][] = [];
  while (!sampler.isDone) frames.push([...(await sampler.nextFrame()).pixels]);
  sampler.dispose();
  denoiser.values.dispose();
  return frames;
}

async function framesOfModule(bytes: Uint8Array<ArrayBuffer>, drawing: Drawing) {
  const frames: number[][] = [];
  const network = await loadDigits(bytes);
  const last = await network.draw({
    ...drawing,
    onStep: ({ pixels }) => {
      frames.push([...pixels]);
    },
  });
  expect([...last]).toEqual(frames.at(-1));
  return frames;
}

describe("the module that draws digits in any page", () => {
  it("has, with its weights, some 400 KB", () => {
    const [module, weights] = ["digits.js", "weights.safetensors"].map(
      (name) => statSync(join(folder, name)).size,
    ) as [number, number];
    expect(weights).toBe(QUICK.length);
    expect(module + Math.max(weights, STUDENT.length)).toBeLessThan(410_000);
  });

  it.each<[what: string, file: Uint8Array<ArrayBuffer>, drawing: Drawing]>([
    ["digits of the shipped network", QUICK, { digits: [3, 1, 4], seed: 7 }],
    ["those of its student, in one step", STUDENT, { digits: [2, 0, 2, 6] }],
    ["all classes in turn, in two passes", QUICK, { count: 27, steps: 2, seed: 2 ** 32 - 1 }],
    ["digits without guidance", QUICK, { digits: [0], guidance: 1, steps: 3 }],
    ["no label", QUICK, { digits: [5, 5], guidance: 0, steps: 1 }],
    ["ancestral sampling without labels", fileOf({ samplingTimesteps: 20 }), { count: 2 }],
    ["DDIM with fresh noise", fileOf({ ddimEta: 0.5, betaSchedule: "linear" }), { count: 2 }],
    [
      "Heun",
      fileOf({ samplerKind: "heun", objective: "noise", betaSchedule: "cosine" }),
      { count: 1 },
    ],
    [
      "a sampler that corrects itself",
      fileOf({ samplerKind: "corrected", objective: "noise" }),
      { count: 2, steps: 3 },
    ],
    ["a flow", fileOf({ samplerKind: "heun", objective: "flow" }), { count: 2, steps: 3 }],
    [
      "self-conditioning with labels",
      fileOf({ selfCondition: true, classes: 3, guidance: 2, objective: "x0", dim: 6 }),
      { digits: [2, 0] },
    ],
  ])("draws pixel for pixel what the engine does: %s", async (_, file, drawing) => {
    const expected = await framesOfEngine(file, drawing);
    expect(expected.length).toBeGreaterThan(1);
    expect(await framesOfModule(file, drawing)).toEqual(expected);
  });

  it("draws several at the same time, and takes no more memory for it later", async () => {
    const network = await loadDigits(QUICK);
    const drawing = { digits: [8], steps: 2 };
    const [one, other, same] = await Promise.all([
      ...[network.draw(drawing), network.draw({ ...drawing, seed: 1 }), network.draw(drawing)],
    ]);
    expect(same).toEqual(one);
    expect(other).not.toEqual(one);
    const grow = vi.spyOn(WebAssembly.Memory.prototype, "grow");
    expect(await network.draw(drawing)).toEqual(one);
    expect(grow).not.toHaveBeenCalled();
  });

  it("takes texts for numbers, and null for what is left out", async () => {
    const network = await loadDigits(QUICK);
    const asNumbers = await network.draw({ digits: [4, 2], seed: 7, steps: 2, guidance: 2 });
    const asTexts: object = { digits: "42", seed: "7", steps: "2", guidance: "2" };
    expect(await network.draw(asTexts)).toEqual(asNumbers);
    expect(await network.draw({ ...asTexts, digits: ["4", "2"] as unknown[] as number[] })).toEqual(
      asNumbers,
    );
    const student = await loadDigits(STUDENT);
    const asNull: object = { digits: null, count: null, seed: null, steps: null, guidance: null };
    expect(await student.draw(asNull)).toEqual(await student.draw());
  });

  it("draws ten where nothing is said", async () => {
    expect(await (await loadDigits(STUDENT)).draw()).toHaveLength(7840);
  });

  it("gives the memory of a network back, which then draws no more", async () => {
    const first = await loadDigits(STUDENT);
    const drawing = { digits: [8] };
    const digit = await first.draw(drawing);
    first.dispose();
    first.dispose();
    await expect(first.draw(drawing)).rejects.toThrow("Load it again");
    const grow = vi.spyOn(WebAssembly.Memory.prototype, "grow");
    expect(await (await loadDigits(STUDENT)).draw(drawing)).toEqual(digit);
    expect(grow).not.toHaveBeenCalled();
  });

  it("is ended by what onStep throws, and draws again", async () => {
    const network = await loadDigits(QUICK);
    const stop = vi.fn(({ index }) => {
      if (index === 2) throw new Error("Enough.");
    });
    await expect(network.draw({ digits: [1], onStep: stop })).rejects.toThrow("Enough.");
    expect(stop).toHaveBeenCalledTimes(3);
    expect(stop.mock.lastCall?.[0]).toMatchObject({ numSteps: 10 });
    expect(await network.draw({ digits: [1], steps: 1 })).toHaveLength(784);
  });
});

describe("what the module cannot draw, it says in a sentence", () => {
  it.each<[what: string, weights: string | Uint8Array<ArrayBuffer>, message: RegExp]>([
    [
      "another file",
      new TextEncoder().encode("# Read me"),
      /^Expected a safetensors file, got a text file/,
    ],
    ["half a file", QUICK.slice(0, 100_000), /truncated/],
    ["heads of 6 channels", fileOf({ attnDimHead: 6 }), /multiple of 4 channels, got 6/],
    ["too many levels", fileOf({ dimMults: [1, 1, 1, 1] }), /cannot run here.*At most 3 levels/],
    ["a network of points", fileOf(presetConfig("points")), /network of digits, got one of points/],
    ["an address without a file", "data:,", /^Expected a safetensors file, got an empty one/],
    ["an address that is none", "nowhere", /^Expected a weights file at nowhere, got: /],
  ])("%s", async (_, weights, message) => {
    const error = await loadDigits(weights).catch((reason) => reason);
    expect(error).toMatchObject({ name: "FormatError", message: expect.stringMatching(message) });
  });

  it.each<[{ [Name in keyof Drawing]: unknown }, RegExp]>([
    [{ digits: "4 2" }, /label from 0 to 9, got NaN/],
    [{ digits: "" }, /whole number of digits, 1 to 100, got 0/],
    [{ digits: { 0: 4 } }, /whole number of digits, 1 to 100, got 0/],
    [{ digits: [4, "two"] }, /label from 0 to 9, got NaN/],
    [{ guidance: "strong" }, /guidance scale from 0 to 8, got NaN/],
    [{ digits: [4], guidance: "9" }, /guidance scale from 0 to 8, got 9/],
    [{ guidance: Number.NaN }, /guidance scale from 0 to 8, got NaN/],
    [{ count: "" }, /digits, 1 to 100, got NaN/],
    [{ seed: "2.5" }, /seed, 0 to 4,294,967,295, got 2.5/],
    [{ digits: [10] }, /label from 0 to 9, got 10/],
    [{ digits: [] }, /whole number of digits, 1 to 100, got 0/],
    [{ count: 101 }, /digits, 1 to 100, got 101/],
    [{ count: 1, steps: 1001 }, /steps, 1 to 1,000, got 1001/],
    [{ count: 1, seed: -1 }, /seed, 0 to 4,294,967,295, got -1/],
    [{ count: 1, guidance: 9 }, /guidance scale from 0 to 8, got 9/],
  ])("%o", async (drawing, message) => {
    const network = await loadDigits(QUICK);
    const error = await network.draw(drawing as Drawing).catch((reason) => reason);
    expect(error).toMatchObject({ name: "RangeError", message: expect.stringMatching(message) });
  });

  it("digits of a network without labels", async () => {
    const network = await loadDigits(fileOf({}));
    expect(network).toMatchObject({ classes: 0, steps: 4 });
    await expect(network.draw({ digits: [3] })).rejects.toThrow(/trained without labels/);
  });

  it("a browser without WebAssembly SIMD", async () => {
    vi.spyOn(WebAssembly, "instantiate").mockRejectedValue(new Error("invalid opcode"));
    const again = await import(`${pathToFileURL(join(folder, "digits.js")).href}?again`);
    await expect(again.loadDigits(QUICK)).rejects.toThrow(/WebAssembly SIMD.*got: invalid opcode/);
  });
});
