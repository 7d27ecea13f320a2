import * as tf from "@tensorflow/tfjs-core";
import type { Model, SamplerStep, StepOptions } from "../../src/engine/diffusion/model.ts";
import type { Schedule } from "../../src/engine/diffusion/schedule.ts";
import { evenTimesteps } from "../../src/engine/diffusion/spacings.ts";
import { relativeError } from "../relativeError.ts";
import { type Comparison, OUTPUT_BOUND, type Reference } from "./reference.ts";

const NUM_PIXELS = 784;

interface Options {
  model: Model;
  schedule: Schedule;
  step: (options: StepOptions) => SamplerStep;
  /** For `step`; 0 when left out. */
  eta?: number;
  /** Name of `[numDraws, B, 1, 28, 28]` or `[B, 1, 28, 28]`: x_T, then the fresh noise in the order it is used. */
  draws: string;
  /** Name of `[B, numSteps + 1, 1, 28, 28]`, all frames from x_T on. */
  trajectory: string;
  /** Whether the frames of the reference are mapped from the model's range to [0, 1]. */
  isMapped: boolean;
}

/** Every frame of sampling with evenly spaced timesteps; their number follows from the reference. */
export async function* compareTrajectory(
  reference: Reference,
  options: Options,
): AsyncGenerator<Comparison> {
  const { model, schedule, step, eta = 0, isMapped } = options;
  const draws = reference.get(options.draws).values as Float32Array;
  const { values: expected, shape } = reference.get(options.trajectory);
  const [numImages, numFrames] = shape as [number, number];
  const size = numImages * NUM_PIXELS;
  const drawAt = (i: number) =>
    tf.tensor4d(draws.slice(i * size, (i + 1) * size), [numImages, 28, 28, 1]);
  const times = evenTimesteps(schedule.numTimesteps, numFrames - 1);
  let x = drawAt(0);
  let before: StepOptions["before"] = null;
  for (let frame = 0; frame < numFrames; frame++) {
    if (frame > 0) {
      const [t, tNext] = times.slice(frame - 1) as [number, number];
      const noise = eta > 0 && tNext >= 0 ? drawAt(frame) : null;
      const next: SamplerStep = step({ model, schedule, x, before, t, tNext, eta, noise });
      x = next.x;
      before = { t, x0: next.x0 };
    }
    const ours = await x.data();
    const theirs = Float32Array.from({ length: size }, (_, i) => {
      const offset = (Math.floor(i / NUM_PIXELS) * numFrames + frame) * NUM_PIXELS;
      return expected[offset + (i % NUM_PIXELS)] as number;
    });
    yield {
      quantity: `${options.trajectory}, frame ${frame}`,
      error: relativeError(isMapped ? ours.map((value) => (value + 1) / 2) : ours, theirs),
      bound: OUTPUT_BOUND,
    };
  }
}
