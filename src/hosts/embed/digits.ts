/**
 * Draws digits in any page: the module that `npm run build:embed` builds, with `tensors.ts` in place of
 * TensorFlow.js. It computes with WebAssembly where it is called, on a page or in a worker, and loads nothing but
 * the weights.
 */

import * as tf from "@tensorflow/tfjs-core";
import { checkCondition, mixedCondition } from "../../engine/config/condition.ts";
import {
  defaultConfig,
  HYPERPARAMETERS,
  IMAGE_SIZE,
  NUM_PIXELS,
} from "../../engine/config/hyperparameters.ts";
import { MAX_DIGITS, samplerOf } from "../../engine/config/sampling.ts";
import { numTimestepsOf } from "../../engine/diffusion/objectives.ts";
import { createSchedule } from "../../engine/diffusion/schedule.ts";
import { FormatError } from "../../engine/formats/formatError.ts";
import { messageOf } from "../../engine/messageOf.ts";
import { takesPoints } from "../../engine/nn/architectures.ts";
import { createUnet } from "../../engine/nn/unet.ts";
import { DigitSampler, type SampleFrame } from "../../engine/train/digitSampler.ts";
import { importWeights } from "../../runtime/files/importedWeights.ts";
import { drawingProblem } from "../../runtime/files/reportChoices.ts";
import { nextMacrotask } from "../../runtime/threads/macrotask.ts";
import { startKernels } from "./kernels.ts";

/** Most images in one forward pass: it bounds the memory. */
const CHUNK = 25;

/**
 * What digits to draw, and how; what is left out is as the weights file says. Numbers may be texts, as inputs have
 * them.
 */
export interface Drawing {
  /** What each is to be, from 0 on, at most 100; also as a text, such as "2026". Only of a network with classes. */
  digits?: readonly number[] | string;
  /** How many, 1 to 100, where `digits` is left out: then all classes come in turn; 10 when both are. */
  count?: number;
  /** Seed of the noise, a whole number from 0 to 4,294,967,295; 0 when left out. */
  seed?: number;
  /** Denoising steps, 1 to those of the network's diffusion. */
  steps?: number;
  /** How strongly the network is asked for the digits, 0 to 8; unless it is 0 or 1, each step takes twice as long. */
  guidance?: number;
  /**
   * Called after every step, and before the first, with index 0, for the noise. A promise is waited for. `pixels` as
   * those of the result.
   */
  onStep?(frame: Pick<SampleFrame, "index" | "pixels"> & { numSteps: number }): unknown;
}

/** A network that draws digits. */
export interface Digits {
  /** What it can be asked for: 10 for the digits 0 to 9; 0 for a network that was trained without labels. */
  readonly classes: number;
  /** Steps and guidance that `draw` takes by default. */
  readonly steps: number;
  readonly guidance: number;
  /**
   * Draws digits from noise: the same as the page of this project and `npm run sample` for the same seed and settings.
   * Between two steps, what waits in the page has its turn.
   *
   * @returns `[count, 28, 28]`, 0 black to 255 white
   * @throws RangeError for what the network cannot be asked for, OutOfMemoryError
   */
  draw(drawing?: Drawing): Promise<Uint8Array<ArrayBuffer>>;
  /** Frees the network's memory, once nothing is being drawn. It draws nothing afterwards. */
  dispose(): void;
}

/**
 * Loads a network.
 *
 * @param weights a safetensors file that this project exported, or its PyTorch library's `Unet` in one: its address, or its
 *   bytes
 * @throws FormatError when it is no such file, its network cannot run here, or it cannot be fetched; Error where the browser
 *   has no WebAssembly SIMD
 */
export async function loadDigits(weights: string | URL | BlobPart): Promise<Digits> {
  await startKernels();
  const file = new File([await contentsOf(weights)], "weights.safetensors");
  const { config, values, ema } = await importWeights(file, defaultConfig());
  const { classes, guidance: defaultGuidance } = config;
  const maxSteps = numTimestepsOf(config);
  const defaultSteps = Math.min(config.samplingTimesteps, maxSteps);
  if (takesPoints(config))
    throw new FormatError("Expected a network of digits, got one of points.");
  const problem = drawingProblem(config);
  if (problem) throw new FormatError(`The network in the file cannot run here: ${problem}`);
  const denoiser = {
    network: createUnet(config),
    values: tf.tensor1d(ema ?? values),
    schedule: createSchedule(config),
  };
  let isDisposed = false;
  return {
    classes,
    steps: defaultSteps,
    guidance: defaultGuidance,
    async draw({ digits: asked, onStep, ...drawing } = {}) {
      if (isDisposed) throw new Error("The network was disposed. Load it again to draw with it.");
      const digits = asked && numbersOf(asked);
      const [count, seed, steps, guidance] = numbersOf([
        digits?.length ?? drawing.count ?? 10,
        drawing.seed ?? 0,
        drawing.steps ?? defaultSteps,
        drawing.guidance ?? defaultGuidance,
      ]) as [number, number, number, number];
      checkWhole("digits", count, 1, MAX_DIGITS);
      checkWhole("steps", steps, 1, maxSteps);
      checkWhole("seed", seed, 0, HYPERPARAMETERS.seed.max);
      const condition = digits
        ? { labels: digits, guidance }
        : mixedCondition({ classes, guidance }, count);
      if (condition) checkCondition(condition, classes);
      const sampler = new DigitSampler({
        denoiser,
        count,
        seed,
        condition,
        chunkSize: CHUNK,
        start: { from: "noise" },
        sampler: samplerOf(steps, config),
      });
      try {
        for (;;) {
          const { index, pixels } = await sampler.nextFrame();
          await onStep?.({ index, pixels, numSteps: sampler.numSteps });
          if (sampler.isDone) return pixels;
          if (index > 0) await nextMacrotask();
        }
      } finally {
        sampler.dispose();
      }
    },
    dispose() {
      if (!isDisposed) denoiser.values.dispose();
      isDisposed = true;
    },
  };
}

/**
 * Paints digits side by side, 28 pixels high, in the CSS `color` that the canvas has now, on its background.
 *
 * @param pixels of `draw`
 */
export function paintDigits(canvas: HTMLCanvasElement, pixels: Uint8Array): void {
  const width = pixels.length / IMAGE_SIZE;
  Object.assign(canvas, { width, height: IMAGE_SIZE });
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  const opacity = context.createImageData(width, IMAGE_SIZE);
  pixels.forEach((value, i) => {
    const [digit, row] = [Math.floor(i / NUM_PIXELS), Math.floor(i / IMAGE_SIZE) % IMAGE_SIZE];
    opacity.data[4 * (row * width + digit * IMAGE_SIZE + (i % IMAGE_SIZE)) + 3] = value;
  });
  context.putImageData(opacity, 0, 0);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = getComputedStyle(canvas).color;
  context.fillRect(0, 0, width, IMAGE_SIZE);
}

async function contentsOf(weights: string | URL | BlobPart): Promise<BlobPart> {
  if (typeof weights !== "string" && !(weights instanceof URL)) return weights;
  let got: string;
  try {
    const response = await fetch(weights);
    if (response.ok) return await response.blob();
    got = `status ${response.status}`;
  } catch (error) {
    got = messageOf(error);
  }
  throw new FormatError(`Expected a weights file at ${weights}, got: ${got}`);
}

/** NaN for what is no number. */
function numbersOf(values: readonly number[] | string): number[] {
  return Array.from<unknown, number>(values, (value) => Number.parseFloat(value as string));
}

function checkWhole(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  const range = `${min} to ${max.toLocaleString("en")}`;
  throw new RangeError(`Expected a whole number of ${name}, ${range}, got ${value}.`);
}
