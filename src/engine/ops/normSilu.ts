import * as tf from "@tensorflow/tfjs-core";
import { plus } from "./elementwise.ts";
import { runStep } from "./kernel.ts";
import { siluGradient } from "./linear.ts";
import { spatialSums } from "./pooling.ts";
import { withGradient } from "./tape.ts";

interface NormExtras {
  /** Scale, then shift (Perez et al. 2018), `[B, 2C]`. */
  film?: tf.Tensor2D | undefined;
  /** Added to the result, as a residual connection does: `[B, H, W, C]`. */
  addend?: tf.Tensor4D | undefined;
}

/**
 * RMSNorm over the channels (Zhang and Sennrich 2019): y = x / max(|x|, 1e-12) * g * sqrt(C) + addend.
 *
 * @param x `[B, H, W, C]`
 * @param gain g, `[C]`
 */
export function rmsNorm(x: tf.Tensor4D, gain: tf.Tensor1D, extras: Omit<NormExtras, "film"> = {}) {
  return normalize({ x, gain, ...extras, hasSilu: false });
}

/**
 * RMSNorm, FiLM and SiLU in one: with u = rmsNorm(x, g) and v = u (scale + 1) + shift,
 * y = v sigmoid(v) + addend. Without `film`, v = u. Only the inputs are kept for the backward pass.
 *
 * @param x `[B, H, W, C]`
 * @param gain g, `[C]`
 */
export function rmsNormSilu(x: tf.Tensor4D, gain: tf.Tensor1D, extras: NormExtras = {}) {
  return normalize({ x, gain, ...extras, hasSilu: true });
}

interface Norm extends NormExtras {
  x: tf.Tensor4D;
  gain: tf.Tensor1D;
  hasSilu: boolean;
}

function normalize(norm: Norm): tf.Tensor4D {
  const { x, gain, film, addend, hasSilu } = norm;
  const attrs = { hasSilu };
  const given = [x, gain, film, addend].filter((tensor) => tensor !== undefined);
  return withGradient(given, () => ({
    value: runStep("RmsNorm", {
      inputs: { x, gain, film, addend },
      attrs,
      composed: () => plus(composedForward(norm), addend),
    }),
    takesParts: !addend,
    gradient: (dy, { takeSum }) => {
      const before = takeSum<tf.Tensor4D>(0);
      const gradients = runStep("RmsNormGradient", {
        inputs: { x, gain, film, dy, addend: before },
        attrs,
        composed: () => {
          const [dX, ...others] = composedGradient(norm, dy as tf.Tensor4D);
          return [plus(dX as tf.Tensor4D, before), ...others];
        },
      });
      return addend ? [...gradients, dy] : gradients;
    },
  }));
}

function composedForward({ x, gain, film, hasSilu }: Norm): tf.Tensor4D {
  const v = modulate(unitVectors(x).units, gain, splitFilm(film));
  return hasSilu ? tf.mul(v, tf.sigmoid(v)) : v;
}

/** Gradients of x, gain and, if given, film. */
function composedGradient({ x, gain, film, hasSilu }: Norm, dy: tf.Tensor4D): tf.Tensor[] {
  const rootC = Math.sqrt(x.shape[3]);
  const { units, inverseNorms } = unitVectors(x);
  const halves = splitFilm(film);
  const dV = hasSilu ? siluGradient(dy, modulate(units, gain, halves)) : dy;
  const dUnits = tf.mul<tf.Tensor4D>(dV, effectiveGain(gain, halves?.scale));
  // Through n = x / |x|: (dn - n (dn . n)) / |x|.
  const alongUnit = tf.sum(tf.mul(dUnits, units), -1, true);
  const dX = tf.mul(tf.sub(dUnits, tf.mul(units, alongUnit)), inverseNorms);
  const dGained = spatialSums(tf.mul(dV, units)); // [B, 1, 1, C]
  if (!film || !halves) return [dX, tf.mul(tf.sum(dGained, [0, 1, 2]), rootC)];
  const dGain = tf.sum(tf.mul(dGained, tf.add(halves.scale, 1)), [0, 1, 2]);
  const dFilm = tf.concat([tf.mul(dGained, tf.mul(gain, rootC)), spatialSums(dV)], 3);
  return [dX, tf.mul(dGain, rootC), tf.reshape(dFilm, film.shape)];
}

type FilmHalves = ReturnType<typeof splitFilm>;

/** `[B, 1, 1, C]` each. */
function splitFilm(film: tf.Tensor2D | undefined) {
  if (!film) return undefined;
  const [numImages, width] = film.shape;
  const [scale, shift] = tf
    .split(film, 2, 1)
    .map((half) => tf.reshape(half, [numImages, 1, 1, width / 2])) as [tf.Tensor4D, tf.Tensor4D];
  return { scale, shift };
}

/** g sqrt(C) (scale + 1): `[C]`, or `[B, 1, 1, C]` with FiLM. */
function effectiveGain(gain: tf.Tensor1D, scale: tf.Tensor4D | undefined): tf.Tensor {
  const rootGain = tf.mul(gain, Math.sqrt(gain.shape[0]));
  return scale ? tf.mul(tf.add(scale, 1), rootGain) : rootGain;
}

function modulate(units: tf.Tensor4D, gain: tf.Tensor1D, film: FilmHalves) {
  const v = tf.mul(units, effectiveGain(gain, film?.scale)) as tf.Tensor4D;
  return film ? (tf.add(v, film.shift) as tf.Tensor4D) : v;
}

/** x / |x| over the channels, `[B, H, W, C]`, and 1 / |x|, `[B, H, W, 1]`. */
function unitVectors(x: tf.Tensor4D) {
  const squaredNorms = tf.sum(tf.square(x), -1, true);
  // The square of 1e-12, the smallest norm that the PyTorch library divides by.
  const inverseNorms = tf.rsqrt(tf.maximum(squaredNorms, 1e-24)) as tf.Tensor4D;
  return { units: tf.mul<tf.Tensor4D>(x, inverseNorms), inverseNorms };
}
