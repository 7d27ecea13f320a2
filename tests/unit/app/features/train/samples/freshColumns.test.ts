import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import {
  columnPlaces,
  columnRequest,
  withFreshDigits,
} from "../../../../../../src/app/features/train/samples/useFreshColumns.ts";
import {
  freshPreview,
  NO_SAMPLES,
  type PanelGeneration,
  shownPixels,
} from "../../../../../../src/app/state/slices/samples.ts";
import { samplerOf } from "../../../../../../src/engine/config/sampling.ts";
import {
  SNAPSHOT,
  snapshotCondition,
  snapshotCount,
} from "../../../../../../src/engine/config/snapshotSteps.ts";
import { imageAt } from "../../../../../../src/engine/data/imageOrder.ts";
import {
  DigitSampler,
  type SamplingOptions,
} from "../../../../../../src/engine/train/digitSampler.ts";
import { denoiserOf } from "../../../../../../src/engine/train/gradient.ts";
import { requestedStart } from "../../../../../../src/hosts/worker/requestedStart.ts";
import { smallConfig } from "../../../../engine/train/smallRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

async function drawn(options: Omit<SamplingOptions, "chunkSize">): Promise<Uint8Array> {
  const sampler = new DigitSampler({ chunkSize: 20, ...options });
  let frame = await sampler.nextFrame();
  while (frame.index < sampler.numSteps) frame = await sampler.nextFrame();
  sampler.dispose();
  return frame.pixels;
}

it.each([
  { classes: 4, guidance: 1.5, samplerKind: "dpmpp2m" },
  { classes: 0, guidance: 1, samplerKind: "ddim" },
] as const)("the digits of a column are those of the preview: %o", async (changes) => {
  const config = smallConfig({ previewTimesteps: 3, ...changes });
  const denoiser = denoiserOf(config, null);
  const preview = await drawn({
    denoiser,
    count: snapshotCount(config),
    sampler: samplerOf(config.previewTimesteps, config),
    seed: SNAPSHOT.seed,
    start: { from: "noise" },
    condition: snapshotCondition(config),
  });
  const places = columnPlaces(1, config);
  expect(places.length).toBeGreaterThan(1);
  const request = columnRequest(places, config);
  if (!request) throw new Error("Expected a request.");
  const { start } = requestedStart(request, { dataset: null, config });
  const column = await drawn({ denoiser, ...request, start });
  for (const [i, place] of places.entries()) {
    const [ofColumn, ofPreview] = [imageAt(column, i), imageAt(preview, place)];
    // Other sizes of a batch add up in another order.
    const apart = Math.max(...ofColumn.map((gray, k) => Math.abs(gray - (ofPreview[k] ?? 0))));
    expect(apart).toBeLessThanOrEqual(1);
  }
  denoiser.values.dispose();
});

it("columns are all digits of a preview, each once", () => {
  const all = Array.from({ length: 10 }, (_, i) => columnPlaces(i, { classes: 10 })).flat();
  expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
});

it("steps with fresh noise are left alone", () => {
  const noisy = smallConfig({ samplerKind: "ddim", ddimEta: 0.5 });
  expect(columnRequest([0], noisy)).toBeNull();
});

const preview: PanelGeneration = {
  sampleId: "preview-1",
  origin: "preview",
  start: "noise",
  count: 2,
  times: [9, -1],
  trainedSteps: 100,
  fileName: null,
  askedFor: null,
  drawnBy: null,
  frames: [{ index: 1, pixels: new Uint8Array(2 * 784).fill(5), x0: null }],
  status: "done",
  elapsedMs: 1,
};

it("fresh digits stand in the preview that they are of, until one goes back in it or the next has come", () => {
  const samples = { ...NO_SAMPLES, generations: [preview] };
  const digits = { places: [1], pixels: new Uint8Array(784).fill(9), trainedSteps: 150 };
  const fresh = withFreshDigits(samples, { of: "preview-1", ...digits });
  expect(shownPixels(fresh)?.[0]).toBe(5);
  expect(shownPixels(fresh)?.[784]).toBe(9);
  expect(preview.frames[0]?.pixels[784]).toBe(5);
  expect(freshPreview({ ...fresh, frameIndex: 0 })).toBeNull();
  expect(withFreshDigits(samples, { of: "another", ...digits })).toBe(samples);
  const next = { ...preview, sampleId: "preview-2" };
  expect(freshPreview({ ...fresh, generations: [next] })).toBeNull();
});
