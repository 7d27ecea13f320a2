import * as tf from "@tensorflow/tfjs-core";
import { noisedBack, withKnown } from "../../src/engine/diffusion/editing/filling.ts";
import { invertStep } from "../../src/engine/diffusion/editing/inversion.ts";
import { mixingAt, qSample } from "../../src/engine/diffusion/forward.ts";
import {
  type Model,
  mixedAt,
  predictClippedStart,
  predictStart,
} from "../../src/engine/diffusion/model.ts";
import { correctStep } from "../../src/engine/diffusion/samplers/corrected.ts";
import { ddimStep } from "../../src/engine/diffusion/samplers/ddim.ts";
import type { Schedule } from "../../src/engine/diffusion/schedule.ts";
import { evenTimesteps } from "../../src/engine/diffusion/spacings.ts";
import { boundTerm, priorTerm } from "../../src/engine/quality/variationalBound.ts";
import { relativeError } from "../relativeError.ts";
import { sigmoidSchedule } from "../sigmoidSchedule.ts";
import {
  type Comparison,
  imagesOf,
  OUTPUT_BOUND,
  type Reference,
  referenceModel,
} from "./reference.ts";

const NUM_PIXELS = 784;

interface Given {
  reference: Reference;
  model: Model;
  schedule: Schedule;
  /** In [-1, 1]. */
  x0: tf.Tensor4D;
}

/** Every quantity of a file `edit-*.safetensors`: filling in, inversion, correction by the score, the variational bound. */
export async function* compareEdit(reference: Reference): AsyncGenerator<Comparison> {
  const given: Given = {
    reference,
    model: referenceModel(reference),
    schedule: scheduleOf(reference),
    x0: tf.sub(tf.mul(imagesOf(reference, "images"), 2), 1),
  };
  yield* compareFilling(given);
  yield* compareInversion(given);
  // On the straight path there is neither.
  if (!given.schedule.noiseSchedule) return;
  yield* compareCorrection(given);
  yield* compareBound(given);
}

/** The schedule that the metadata name, as `"sigmoid, 1000"`, and what the network predicts. */
function scheduleOf({ metadata }: Reference): Schedule {
  const [betaSchedule, timesteps] = JSON.parse(metadata.schedule ?? "").split(", ");
  return sigmoidSchedule(Number(timesteps), JSON.parse(metadata.objective ?? ""), { betaSchedule });
}

async function* compareFilling({ reference, model, schedule, x0 }: Given) {
  const { steps, resamplings } = JSON.parse(reference.metadata.fill ?? "");
  const mask = tf.tensor4d(reference.get("fill.mask").values as Int32Array, x0.shape);
  const times = evenTimesteps(schedule.numTimesteps, steps);
  let x = imagesOf(reference, "fill.draws");
  yield compareFrame(reference, "fill.trajectory", 0, x);
  for (let i = 0; i < steps; i++) {
    const [t, tNext] = times.slice(i) as [number, number];
    const numTries = tNext >= 0 ? resamplings : 1;
    for (let j = 0; j < numTries; j++) {
      const step = ddimStep({ model, schedule, x, before: null, t, tNext, eta: 0, noise: null });
      const noise = tNext >= 0 ? imagesOf(reference, `fill.${i}.${j}.known_noise`) : null;
      x = withKnown(schedule, { x0, mask }, { x: step.x, t: tNext, noise });
      if (j === numTries - 1) continue;
      const backNoise = imagesOf(reference, `fill.${i}.${j}.back_noise`);
      x = noisedBack(schedule, { x, t: tNext, tBefore: t, noise: backNoise });
    }
    yield compareFrame(reference, "fill.trajectory", i + 1, x);
  }
}

async function* compareInversion({ reference, model, schedule, x0 }: Given) {
  const numSteps = (reference.get("invert.trajectory").shape[1] as number) - 1;
  const times = evenTimesteps(schedule.numTimesteps, numSteps);
  let x = x0;
  for (const [frame, tNext] of times.toReversed().entries()) {
    if (frame > 0) x = invertStep({ model, schedule, x, t: times.at(-frame) as number, tNext }).x;
    yield compareFrame(reference, "invert.trajectory", frame, x);
  }
  for (const [frame, tNext] of times.entries()) {
    if (frame > 0) {
      const t = times[frame - 1] as number;
      const prediction = predictStart({ model, schedule, x, t, before: null });
      x = mixedAt(schedule, { x, ...prediction }, [tNext]);
    }
    yield compareFrame(reference, "invert.back", frame, x);
  }
}

async function* compareCorrection({ reference, model, schedule }: Given) {
  const { t, r: ratio } = JSON.parse(reference.metadata.correct ?? "");
  const [x, noise] = ["x_t", "noise"].map((of) => imagesOf(reference, `correct.${of}`)) as [
    tf.Tensor4D,
    tf.Tensor4D,
  ];
  const corrected = correctStep({ model, schedule, x, t, ratio, noise, isShared: true });
  yield compared("correct.out", await corrected.x.data(), reference.get("correct.out").values);
}

async function* compareBound({ reference, model, schedule, x0 }: Given) {
  const { t: timesteps } = JSON.parse(reference.metadata.bound ?? "");
  const images = rowsOf(await x0.data());
  const terms = new Float32Array(images.length * timesteps.length);
  for (const [column, t] of timesteps.entries()) {
    const eps = imagesOf(reference, `bound.${t}.noise`);
    const x = qSample(x0, eps, mixingAt(schedule, [t]));
    const { x0: start } = predictClippedStart({ model, schedule, x, t, before: null });
    for (const [row, predicted] of rowsOf(await start.data()).entries()) {
      const image = { x0: images[row] as Float32Array, predicted };
      terms[row * timesteps.length + column] = boundTerm(schedule, t, image);
    }
  }
  yield compared("bound.terms", terms, reference.get("bound.terms").values);
  const prior = images.map((image) => priorTerm(schedule, image));
  yield compared("bound.prior", prior, reference.get("bound.prior").values);
}

function rowsOf(values: ArrayLike<number>): Float32Array[] {
  const all = Float32Array.from(values);
  return Array.from({ length: all.length / NUM_PIXELS }, (_, i) =>
    all.subarray(i * NUM_PIXELS, (i + 1) * NUM_PIXELS),
  );
}

/** A frame of a trajectory `[B, frames, 1, 28, 28]`. */
async function compareFrame(
  reference: Reference,
  trajectory: string,
  frame: number,
  x: tf.Tensor4D,
): Promise<Comparison> {
  const { values, shape } = reference.get(trajectory);
  const numFrames = shape[1] as number;
  const expected = rowsOf(values).filter((_, i) => i % numFrames === frame);
  const theirs = expected.flatMap((row) => [...row]);
  return compared(`${trajectory}, frame ${frame}`, await x.data(), theirs);
}

function compared(
  quantity: string,
  ours: ArrayLike<number>,
  theirs: ArrayLike<number>,
): Comparison {
  return { quantity, error: relativeError(ours, theirs), bound: OUTPUT_BOUND };
}
