import { afterEach, expect, it, vi } from "vitest";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import { numParameters } from "../../../../src/engine/nn/networkBlocks.ts";
import { drawSamples } from "../../../../src/engine/quality/drawSamples.ts";
import { DigitSampler } from "../../../../src/engine/train/digitSampler.ts";
import { FramesInFlight } from "../../../../src/engine/train/framesInFlight.ts";
import { denoiserOf } from "../../../../src/engine/train/gradient.ts";
import { FAST, SLOW, type Speed, startOnScriptedGpu } from "../../scriptedGpu.ts";

afterEach(() => vi.restoreAllMocks());

/** What a browser that looks at its queue every 100 ms takes to notice that something can be read. */
const NOTICED_MS = 100;

/** Ten steps of DDIM with a network of the size of Medium, whose weights are zero: nothing computes with them. */
const config = presetConfig("medium");
const denoiser = () => denoiserOf(config, new Float32Array(numParameters(config)));
const sampler = { kind: "ddim", timesteps: 10, eta: 0 } as const;

async function draw({ speed, isWanted }: { speed: Speed; isWanted?: (index: number) => boolean }) {
  const gpu = await startOnScriptedGpu(speed, { noticedMs: NOTICED_MS });
  const drawing = new DigitSampler({
    denoiser: denoiser(),
    count: 36,
    seed: 0,
    chunkSize: 36,
    sampler,
    start: { from: "noise" },
  });
  const frames = new FramesInFlight(drawing, isWanted);
  const startMs = performance.now();
  const groups: number[][] = [];
  while (!frames.isDone) groups.push((await frames.next()).map(({ index }) => index));
  drawing.dispose();
  return { ...gpu, groups, elapsedMs: performance.now() - startMs };
}

it("where a reading takes 100 ms ten steps of a fast card take 0.3 s at most, with all of their frames", async () => {
  const { groups, elapsedMs } = await draw({ speed: FAST });
  expect(groups.flat()).toEqual(Array.from({ length: 11 }, (_, index) => index));
  expect(elapsedMs).toBeLessThanOrEqual(300);
});

it("frames that nobody wants stay on the card, but for the last of each group", async () => {
  const { groups, numReads } = await draw({ speed: FAST, isWanted: () => false });
  for (const group of groups) expect(group).toHaveLength(1);
  expect(groups.at(-1)).toEqual([10]);
  expect(numReads).toBe(groups.length);
});

it("a slow card is given no more than it does in a quarter of a second, as soon as its speed is known", async () => {
  // So many that the second half is measured.
  const { submits, groups } = await draw({ speed: SLOW });
  expect(groups.length).toBeGreaterThan(3);
  const later = submits.slice(submits.length / 2);
  expect(Math.max(...later.map(({ inFlightMs }) => inFlightMs))).toBeLessThanOrEqual(250);
});

it("what is drawn to be measured is read once a group of steps, and nothing waits for each", async () => {
  const gpu = await startOnScriptedGpu(FAST, { noticedMs: NOTICED_MS });
  const startMs = performance.now();
  const drawing = drawSamples({
    denoiser: denoiser(),
    sampler,
    seed: 0,
    count: 1000,
    chunkSize: 100,
  });
  for await (const _ of drawing);
  // Ten groups of eleven frames.
  expect(gpu.numReads).toBeLessThan(110 / 2);
  expect(performance.now() - startMs).toBeLessThan((110 * NOTICED_MS) / 5);
});
