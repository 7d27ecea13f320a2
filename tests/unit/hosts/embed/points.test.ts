import "@tensorflow/tfjs-backend-wasm";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import { samplerOf } from "../../../../src/engine/config/sampling.ts";
import { planeGrid } from "../../../../src/engine/data/plane.ts";
import { createNetwork } from "../../../../src/engine/nn/networks.ts";
import { initialValues } from "../../../../src/engine/nn/parameters.ts";
import { registerWasmKernels } from "../../../../src/engine/ops/wasm/register.ts";
import { pointPaths, predictedStarts } from "../../../../src/engine/quality/drawPoints.ts";
import { denoiserOf } from "../../../../src/engine/train/gradient.ts";
import type { loadPoints as LoadPoints } from "../../../../src/hosts/embed/points.ts";
import { encodeWeights } from "../../../../src/runtime/files/weightsFile.ts";
import { embedPlugins } from "../../../../vite.embed.config.ts";

const ROOT = join(import.meta.dirname, "../../../..");

let folder = "";
/** Of the module as it is built. */
let loadPoints: typeof LoadPoints;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "embed-points-"));
  await build({
    configFile: false,
    logLevel: "error",
    publicDir: false,
    plugins: [embedPlugins()],
    build: {
      outDir: folder,
      target: "esnext",
      lib: {
        entry: join(ROOT, "src/hosts/embed/points.ts"),
        formats: ["es"],
        fileName: "points",
      },
      rolldownOptions: {
        checks: { pluginTimings: false, importIsUndefined: false },
        output: { codeSplitting: false },
      },
    },
  });
  ({ loadPoints } = await import(pathToFileURL(join(folder, "points.js")).href));
  await tf.setBackend("wasm");
  await registerWasmKernels("simd");
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

const DRAWING = { count: 50, seed: 3, steps: 4, gridSize: 5 };

function madeWeights(changes: object) {
  const config = { ...presetConfig("points"), width: 32, depth: 2, timesteps: 20, ...changes };
  const values = initialValues(createNetwork(config).parameters, 1);
  const facts = {
    trainedSteps: 0,
    isAverage: false,
    dataset: null,
    lastEpoch: null,
    startedFrom: null,
  };
  return { config, values, bytes: encodeWeights({ config, values, facts, dtype: "F32" }) };
}

describe("the module that draws points in any page", () => {
  it.each([
    ["the flow", { objective: "flow" }],
    ["v", { objective: "v" }],
    ["a network with classes", { objective: "flow", classes: 2 }],
  ])("draws what the engine draws, with the field: %s", async (_, changes) => {
    const { config, values, bytes } = madeWeights(changes);
    const drawn = await (await loadPoints(bytes)).draw(DRAWING);

    const denoiser = denoiserOf(config, values);
    const { count, seed, steps, gridSize } = DRAWING;
    const flow = pointPaths({ denoiser, sampler: samplerOf(steps, config), seed, count });
    let step = await flow.next();
    while (!step.done) step = await flow.next();
    const { times, frames } = step.value;
    expect(drawn.frames).toEqual(frames);
    expect(drawn.levels.at(-1)).toEqual({ signal: 1, noise: 0 });
    const points = planeGrid(gridSize);
    const [first] = times as [number];
    const starts = await predictedStarts({ denoiser, points, t: first, condition: null });
    expect(drawn.starts).toHaveLength(steps + 1);
    expect(drawn.starts[0]).toEqual(starts);
    expect(drawn.starts.at(-1)).toBeNull();
  });

  it("refuses a network of digits, and ends when it is told to", async () => {
    const quick = readFileSync(join(ROOT, "public/models/pretrained-quick.safetensors"));
    await expect(loadPoints(quick)).rejects.toThrow("Expected a network of points");
    const network = await loadPoints(madeWeights({}).bytes);
    let numSteps = 0;
    const onStep = () => {
      numSteps++;
      throw new Error("No more.");
    };
    await expect(network.draw({ ...DRAWING, onStep })).rejects.toThrow("No more.");
    expect(numSteps).toBe(1);
  });
});
