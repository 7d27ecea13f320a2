/**
 * A device proves itself before it trains. Drivers exist that compute wrong numbers without a word: gradients of zero,
 * NaN, subgroups of another size than they say. In training that would look like a bad learning rate, or like nothing.
 *
 * The run's own network takes one pass at the run's own size, with the very programs, tiles and numbers of workgroups
 * that training has, filled with two images over and over. The mean gradient of such a batch is that of the two images,
 * so that the reference, WebAssembly on the processor, needs to compute no more than these two. The pass is computed
 * twice and has to be the same bit for bit, which finds races and reads of what was never written. Then the loss and
 * each parameter's gradient have to be near those of the reference, which finds all else.
 *
 * Where nothing is trained, and digits are only drawn, one prediction of one image is compared in the same way.
 */
import * as tf from "@tensorflow/tfjs-core";
import { IMAGE_SIZE, NUM_PIXELS, type RunConfig } from "../config/hyperparameters.ts";
import { numTimestepsOf } from "../diffusion/objectives.ts";
import { messageOf } from "../messageOf.ts";
import { labelRows } from "../nn/embedding.ts";
import { networkParameters } from "../nn/networkBlocks.ts";
import { initialValues, numElements, type ParameterSpec } from "../nn/parameters.ts";
import type { Precision } from "../ops/precision.ts";
import { randomNormals } from "../random.ts";
import { denoiserOf, lossAndGradient, parametersOf } from "./gradient.ts";

/** |g - r| / |r| of a parameter's gradient g, of which r is the reference's; float32 alone gives 1e-6 to 1e-5. */
const MAX_ERROR: Record<Precision, number> = { float32: 1e-3, mixed: 5e-2 };

/** A gradient so much smaller than the whole, a number for a number, is compared with that instead: it is rounding. */
const NEGLIGIBLE = 1e-4;

/** A device computes wrong numbers. The message says which. */
export class WrongNumbersError extends Error {
  override name = "WrongNumbersError";
}

/** The reference does not start, and so nothing is known of the device. */
export class NoReferenceError extends Error {
  override name = "NoReferenceError";
}

/** A batch has a mean loss, and its gradient by the parameters, `[P]`. */
interface Pass {
  loss: number;
  gradient: Float32Array;
}

/**
 * Computes a training pass on the current backend and compares it with the reference. The current backend stays what it is.
 *
 * @param options.numImages of the pass, at least 1
 * @param options.startReference makes WebAssembly the current backend
 * @throws WrongNumbersError where they differ, NoReferenceError where there is nothing to compare with
 */
export async function checkDevice(
  config: RunConfig,
  options: { numImages: number; startReference: () => Promise<void> },
): Promise<void> {
  const { numImages, startReference } = options;
  const parameters = networkParameters(config);
  const network = untrained(config);
  const passes = [await pass(network, numImages, 0), await pass(network, numImages, 0)] as const;
  const expected = await onReference(startReference, async () => {
    const [first, second] = [await pass(network, 1, 0), await pass(network, 1, 1)];
    return mean(first, second, Math.floor(numImages / 2) / numImages);
  });
  const failure = failureOf(parameters, {
    passes,
    expected,
    maxError: MAX_ERROR[config.precision],
  });
  if (failure) throw new WrongNumbersError(failure);
}

/**
 * Computes a prediction on the current backend and compares it with the reference. The current backend stays what it is.
 *
 * @param startReference makes WebAssembly the current backend
 * @throws WrongNumbersError where they differ, NoReferenceError where there is nothing to compare with
 */
export async function checkPrediction(
  config: RunConfig,
  startReference: () => Promise<void>,
): Promise<void> {
  const network = untrained(config);
  const computed = await prediction(network);
  const again = await prediction(network);
  const expected = await onReference(startReference, () => prediction(network));
  const { error, words } = errorOf(computed, expected);
  const isSame = areSame(computed, again);
  // Not the other way around, which a NaN would pass.
  const isRight = error < MAX_ERROR[config.precision];
  if (isSame && isRight) return;
  throw new WrongNumbersError(
    formatFailure(
      isSame ? [] : ["two predictions for the same image differ"],
      isRight ? [] : [`the prediction is wrong ${words}`],
    ),
  );
}

/** A network, with its initial values drawn once: those of a large one take a third of a second. */
interface UntrainedNetwork {
  config: RunConfig;
  values: Float32Array;
}

function untrained(config: RunConfig): UntrainedNetwork {
  return { config, values: initialValues(networkParameters(config), config.seed) };
}

async function onReference<T>(
  startReference: () => Promise<void>,
  compute: () => Promise<T>,
): Promise<T> {
  const backend = tf.getBackend();
  try {
    await startReference().catch((cause) => {
      throw new NoReferenceError(messageOf(cause), { cause });
    });
    return await compute();
  } finally {
    await tf.setBackend(backend);
  }
}

/** For noise, `[H * W]`. */
async function prediction({ config, values }: UntrainedNetwork): Promise<Float32Array> {
  const { classes } = config;
  const predicted = tf.tidy(() => {
    const { network, values: vector } = denoiserOf(config, values);
    return network.forward(parametersOf(network, vector), {
      x: images([0]),
      timesteps: Int32Array.of(Math.floor(0.9 * numTimestepsOf(config))),
      labels: classes > 0 ? labelRows([0], classes) : null,
    });
  });
  try {
    return await predicted.data<"float32">();
  } finally {
    predicted.dispose();
  }
}

/** Image `first + i`, of two that follow each other for ever, is the i-th of the batch. */
async function pass(
  { config, values }: UntrainedNetwork,
  numImages: number,
  first: number,
): Promise<Pass> {
  const { classes, selfCondition } = config;
  const numTimesteps = numTimestepsOf(config);
  const of = <T>(pair: readonly [T, T]) =>
    Array.from({ length: numImages }, (_, i) => pair[(first + i) % 2] as T);
  const result = tf.tidy(() => {
    const denoiser = denoiserOf(config, values);
    const batch = {
      x0: images(of([0, 1])),
      eps: images(of([2, 3])),
      timesteps: Int32Array.from(of([0.1, 0.9]), (share) => Math.floor(share * numTimesteps)),
      labels: classes > 0 ? labelRows(of([0, classes]), classes) : null,
    };
    return lossAndGradient(denoiser, batch, { selfConditions: selfCondition });
  });
  const [[loss], gradient] = await Promise.all([
    result.loss.data<"float32">(),
    result.gradient.data<"float32">(),
  ]);
  tf.dispose([result.loss, result.gradient]);
  return { loss: loss as number, gradient: gradient as Float32Array };
}

/** Noise, `[B, H, W, 1]`, one image for each index. */
function images(indices: readonly number[]): tf.Tensor4D {
  const values = new Float32Array(indices.length * NUM_PIXELS);
  for (const [i, index] of indices.entries()) {
    values.set(randomNormals({ seed: 0, stream: "noise", index }, NUM_PIXELS), i * NUM_PIXELS);
  }
  return tf.tensor4d(values, [indices.length, IMAGE_SIZE, IMAGE_SIZE, 1]);
}

/** The means of a batch are weighted by how often it has each image: `share` of it is the second. */
function mean(first: Pass, second: Pass, share: number): Pass {
  const of = (a: number, b: number) => (1 - share) * a + share * b;
  return {
    loss: of(first.loss, second.loss),
    gradient: first.gradient.map((value, i) => of(value, second.gradient[i] as number)),
  };
}

/** What is wrong, in words; null where nothing is. Exported for its test. */
export function failureOf(
  parameters: readonly ParameterSpec[],
  {
    passes: [computed, again],
    expected,
    maxError,
  }: { passes: readonly [Pass, Pass]; expected: Pass; maxError: number },
): string | null {
  const errors = errorsOf(parameters, computed.gradient, expected.gradient);
  // Not the other way around, which a NaN would pass.
  const isRight = (error: number) => error < maxError;
  const numWrong = errors.filter(({ error }) => !isRight(error)).length;
  const isLossRight = isRight(Math.abs(computed.loss - expected.loss) / Math.abs(expected.loss));
  const isSame = computed.loss === again.loss && areSame(computed.gradient, again.gradient);
  if (isSame && isLossRight && numWrong === 0) return null;
  // Gradients come from the last layer back, so the wrong one that comes last is nearest to the cause.
  const wrong = errors.findLast(({ error }) => !isRight(error));
  return formatFailure(isSame ? [] : ["two passes over the same images differ"], [
    ...(isLossRight ? [] : [`the loss is ${computed.loss} instead of ${expected.loss}`]),
    ...(wrong
      ? [
          `the gradients of ${numWrong} of ${errors.length} parameters are wrong, that of ${wrong.name} ${wrong.words}`,
        ]
      : []),
  ]);
}

/** @param compared what differs from the reference */
function formatFailure(alone: readonly string[], compared: readonly string[]): string {
  const asCompared =
    compared.length > 0 ? [`compared with the processor, ${compared.join("; ")}`] : [];
  return `The graphics card computes wrong numbers: ${[...alone, ...asCompared].join("; ")}.`;
}

/** For each parameter how far its gradient is from what is expected, relative to that. */
function errorsOf(
  parameters: readonly ParameterSpec[],
  computed: Float32Array,
  expected: Float32Array,
): { name: string; error: number; words: string }[] {
  const least = (NEGLIGIBLE * norm(expected)) / Math.sqrt(expected.length);
  let end = 0;
  return parameters.map(({ name, shape }) => {
    const start = end;
    end += numElements(shape);
    const [given, right] = [computed.subarray(start, end), expected.subarray(start, end)];
    return { name, ...errorOf(given, right, least * Math.sqrt(end - start)) };
  });
}

/** @param leastNorm what is expected counts as at least so large */
function errorOf(
  given: Float32Array,
  right: Float32Array,
  leastNorm = 0,
): { error: number; words: string } {
  const difference = norm(given.map((value, i) => value - (right[i] as number)));
  const error = difference / Math.max(norm(right), leastNorm);
  const words = !Number.isFinite(error)
    ? "by numbers that are not finite"
    : norm(given) === 0
      ? "by being zero"
      : `by ${error.toPrecision(2)} of its size`;
  return { error, words };
}

function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

/** Bit for bit, so that NaN is the same as NaN. */
function areSame(a: Float32Array, b: Float32Array): boolean {
  const [bitsOfA, bitsOfB] = [a, b].map((of) => new Uint32Array(of.slice().buffer));
  return (bitsOfA as Uint32Array).every((bits, i) => bits === bitsOfB?.[i]);
}
