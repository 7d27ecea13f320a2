/** What both forms of RMSNorm, FiLM and SiLU share: v = x / |x| g sqrt(C) (scale + 1) + shift; y = v sigmoid(v), or v. */

import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type KernelCall, type Program, widthOf } from "../program.ts";
import { vectorType, type Width } from "../programSource.ts";

/**
 * A program with x, gain and FiLM as inputs, and with functions of its code: `amplitude` and `shift` of
 * an image's channels, so that v = unit amplitude + shift; y of v as `activated`; dL/dv as `gradient`.
 */
export function normProgram(
  { inputs: { x, gain, film }, attrs: { hasSilu } }: KernelCall<"RmsNorm">,
  program: Omit<Program, "uniforms">,
): Program {
  const { numPixels, pixelsPerImage, numChannels, width } = normSizes(x);
  const ofFilm: Program["inputs"] = { film: film && [film, width] };
  return {
    ...program,
    variant: `${hasSilu} ${program.variant ?? ""}`,
    inputs: { x: [x, width], gain: [gain, width], ...ofFilm, ...program.inputs },
    uniforms: { numPixels, pixelsPerImage, channels: numChannels / width },
    code: () => modulation(width, film !== undefined) + activation(width, hasSilu) + program.code(),
  };
}

export function normSizes({ shape }: TensorInfo) {
  const [numImages, height, imageWidth, numChannels] = shape as [number, number, number, number];
  const pixelsPerImage = height * imageWidth;
  const numPixels = numImages * pixelsPerImage;
  return { numImages, pixelsPerImage, numPixels, numChannels, width: widthOf(numChannels) };
}

/** WGSL of the sum of the products of two vectors' components. */
export function dotOf(width: Width, a: string, b: string): string {
  return width === 4 ? `dot(${a}, ${b})` : `${a} * (${b})`;
}

/** WGSL of 1 / |x| from the sum of squares. */
export function inverseOf(squares: string): string {
  return `inverseSqrt(max(${squares}, 1e-24))`;
}

/**
 * WGSL that stores the gradients of an image's parameters, from the sums over its pixels of dv n, `gained`, and of
 * dv, `shifted`: of the gain, `[B, C]`, to be summed over the images; of scale and shift, `[B, 2C]`.
 */
export function storeParameterGradients(hasFilm: boolean): string {
  return `
  dGain[image * uniforms.channels + c] = ${hasFilm ? "scale(image, c) * " : ""}root() * gained;
  ${
    hasFilm
      ? `let row = 2 * image * uniforms.channels + c;
  dFilm[row] = root() * gain[c] * gained;
  dFilm[row + uniforms.channels] = shifted;`
      : ""
  }`;
}

function modulation(width: Width, hasFilm: boolean): string {
  const type = vectorType(width);
  return `
fn root() -> f32 { return sqrt(f32(uniforms.channels * ${width})); }
${
  hasFilm
    ? `
fn scale(image: i32, c: i32) -> ${type} { return film[2 * image * uniforms.channels + c] + 1.0; }
fn shift(image: i32, c: i32) -> ${type} { return film[(2 * image + 1) * uniforms.channels + c]; }
fn amplitude(image: i32, c: i32) -> ${type} { return scale(image, c) * gain[c] * root(); }`
    : `
fn shift(image: i32, c: i32) -> ${type} { return ${type}(0.0); }
fn amplitude(image: i32, c: i32) -> ${type} { return gain[c] * root(); }`
}`;
}

/** For y = v s with s = sigmoid(v), dL/dv is dL/dy s (1 + v (1 - s)). */
function activation(width: Width, hasSilu: boolean): string {
  const type = vectorType(width);
  return hasSilu
    ? `
fn activated(v: ${type}) -> ${type} { return v / (1.0 + exp(-v)); }
fn gradient(v: ${type}, dOut: ${type}) -> ${type} {
  let s = 1.0 / (1.0 + exp(-v));
  return dOut * s * (1.0 + v * (1.0 - s));
}`
    : `
fn activated(v: ${type}) -> ${type} { return v; }
fn gradient(v: ${type}, dOut: ${type}) -> ${type} { return dOut; }`;
}
