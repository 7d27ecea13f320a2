import * as tf from "@tensorflow/tfjs-core";
import { posteriorMeans } from "../../src/engine/diffusion/exactDenoiser.ts";
import { mixingAt, qSample } from "../../src/engine/diffusion/forward.ts";
import type { ObjectiveId } from "../../src/engine/diffusion/objectives.ts";
import { labelRows } from "../../src/engine/nn/embedding.ts";
import { createPerceptron } from "../../src/engine/nn/perceptron.ts";
import { chamferDistance, slicedWasserstein } from "../../src/engine/quality/pointDistances.ts";
import {
  imageLosses,
  lossAndGradient,
  type NoisyBatch,
  parametersOf,
} from "../../src/engine/train/gradient.ts";
import { relativeError } from "../relativeError.ts";
import { sigmoidSchedule } from "../sigmoidSchedule.ts";
import {
  type Comparison,
  compareParameters,
  integersOf,
  OUTPUT_BOUND,
  type Reference,
  referenceParameters,
} from "./reference.ts";
import { compareTraining } from "./training.ts";

/** Every quantity of a file `plane-*.safetensors`: a perceptron for points of the plane, the exact answer, distances. */
export async function* comparePlane(reference: Reference): AsyncGenerator<Comparison> {
  const network = createPerceptron(JSON.parse(reference.metadata.net ?? ""));
  const values = tf.tensor1d(referenceParameters(reference, network, "weight"));
  const scheduleOf = (objective: ObjectiveId) =>
    sigmoidSchedule(1000, objective, { lossWeight: "none", bound: Number.POSITIVE_INFINITY });
  const output = async (quantity: string, ours: ArrayLike<number>): Promise<Comparison> => {
    const error = relativeError(ours, reference.get(quantity).values);
    return { quantity, error, bound: OUTPUT_BOUND };
  };
  const batchAt = (prefix: string): NoisyBatch => {
    const eps = pointsOf(reference, `${prefix}noise`);
    const { classes } = network;
    return {
      // The set of points may be larger than the batch, which has the first ones.
      x0: tf.slice(pointsOf(reference, `${prefix}points`), 0, eps.shape[0]),
      eps,
      timesteps: Int32Array.from(integersOf(reference, `${prefix}timesteps`)),
      labels: classes > 0 ? labelRows(integersOf(reference, `${prefix}labels`), classes) : null,
    };
  };

  const batch = batchAt("");
  for (const objective of ["noise", "x0", "v", "flow"] as const) {
    const schedule = scheduleOf(objective);
    const xT = qSample(batch.x0, batch.eps, mixingAt(schedule, batch.timesteps));
    const prediction = network.forward(parametersOf(network, values), { ...batch, x: xT });
    yield output(`${objective}.out`, await prediction.data());
    const denoiser = { network, values, schedule };
    yield output(`${objective}.loss_per_sample`, await imageLosses(denoiser, batch).data());
    if (!reference.names.some((name) => name.startsWith(`${objective}.grad.`))) continue;
    const { gradient } = lossAndGradient(denoiser, batch);
    yield* compareParameters(reference, network, `${objective}.grad`, await gradient.data());
  }

  const points = reference.get("points").values as Float32Array;
  for (const [path, objective] of [
    ["schedule", "v"],
    ["straight", "flow"],
  ] as const) {
    const { signals, noises } = scheduleOf(objective);
    const xT = reference.get(`exact.${path}.x_t`).values as Float32Array;
    const means = Array.from(batch.timesteps, (t, i) => [
      ...posteriorMeans(points, xT.subarray(2 * i, 2 * i + 2), {
        signal: signals[t] as number,
        noise: noises[t] as number,
      }),
    ]);
    yield output(`exact.${path}.x0`, means.flat());
  }

  const others = reference.get("distance.points").values as Float32Array;
  yield output("distance.sliced_wasserstein", [slicedWasserstein(points, others)]);
  yield output("distance.chamfer", [chamferDistance(points, others)]);

  const denoiser = { network, values, schedule: scheduleOf("v") };
  tf.dispose(yield* compareTraining(reference, denoiser, { learningRate: 1e-3, batchAt }));
}

/** Points as the network sees them, `[B, 1, 2, 1]`. */
function pointsOf(reference: Reference, quantity: string): tf.Tensor4D {
  const { values, shape } = reference.get(quantity);
  return tf.tensor4d(values as Float32Array, [shape[0] as number, 1, 2, 1]);
}
