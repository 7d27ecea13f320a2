/** RMSNorm, FiLM and SiLU: v = x / |x| g sqrt(C) (scale + 1) + shift; y = v sigmoid(v), or v. */

import type { TensorInfo } from "@tensorflow/tfjs-core";
import {
  type KernelCall,
  type Output,
  type Program,
  run,
  vectorType,
  type Width,
  widthOf,
} from "./program.ts";

/** y plus the addend; `[B, H, W, C]`. */
export function rmsNorm(call: KernelCall<"RmsNorm">): TensorInfo {
  const { x, addend } = call.inputs;
  const { numPixels, width } = sizesOf(x);
  const y = call.attrs.hasSilu ? "v / (1.0 + exp(-v))" : "v";
  return runNorm(call, {
    name: "normForward",
    inputs: { addend: addend && [addend, width] },
    outputs: { result: [x.shape, width] },
    numInvocations: numPixels,
    code: () => `
fn main(index: i32) {
  ${pixelStart(width)}
  for (var c = 0; c < uniforms.channels; c++) {
    let v = modulated(x[start + c] * inverse, image, c);
    result[start + c] = ${y}${addend ? " + addend[start + c]" : ""};
  }
}`,
  }).result;
}

/**
 * Of x, dL/dx = (dn - n (dn . n)) / |x| with n = x / |x|, plus the addend, `[B, H, W, C]`, one invocation a
 * pixel; and of gain and FiLM (see `parameterGradients`).
 */
export function rmsNormGradient(call: KernelCall<"RmsNormGradient">): TensorInfo[] {
  const { x, dy, addend } = call.inputs;
  const { numPixels, width } = sizesOf(x);
  const { result, inverses } = runNorm(call, {
    name: "normInputGradient",
    inputs: { dy: [dy, width], addend: addend && [addend, width] },
    outputs: { result: [x.shape, width], inverses: [[numPixels], 1] },
    numInvocations: numPixels,
    code: () => `${gradientFunction(call)}
fn main(index: i32) {
  ${pixelStart(width)}
  var along = 0.0;
  for (var c = 0; c < uniforms.channels; c++) {
    let unit = x[start + c] * inverse;
    along += ${sum(width, "unit * gradient(unit, start, image, c) * amplitude(image, c)")};
  }
  for (var c = 0; c < uniforms.channels; c++) {
    let unit = x[start + c] * inverse;
    let dUnit = gradient(unit, start, image, c) * amplitude(image, c);
    result[start + c] = (dUnit - unit * along) * inverse${addend ? " + addend[start + c]" : ""};
  }
  inverses[index] = inverse;
}`,
  });
  const ofParameters = parameterGradients(call, inverses);
  call.backend.disposeData(inverses.dataId);
  return [result, ...ofParameters];
}

/**
 * From the sums over the pixels of each image of dv n and of dv: the gradient of the gain by each image,
 * `[B, C]`, to be summed over these, sqrt(C) (scale + 1) sum of dv n; and of scale and shift, `[B, 2C]`.
 */
function parameterGradients(call: KernelCall<"RmsNormGradient">, inverses: TensorInfo) {
  const { x, dy, film } = call.inputs;
  const { numImages, pixelsPerImage, numChannels, width } = sizesOf(x);
  const dGain: Output = [[numImages, numChannels], width];
  const dFilm: Output = [[numImages, 2 * numChannels], width];
  const gradients = runNorm<string>(call, {
    name: "normParameterGradients",
    inputs: { dy: [dy, width], inverses: [inverses, 1] },
    outputs: film ? { dGain, dFilm } : { dGain },
    numInvocations: (numImages * numChannels) / width,
    work: () => ({ serialPositions: pixelsPerImage }),
    code: () => `${gradientFunction(call)}
fn main(index: i32) {
  let c = index % uniforms.channels;
  let image = index / uniforms.channels;
  if (image * uniforms.pixelsPerImage >= uniforms.numPixels) { return; }
  var gained = ${vectorType(width)}(0.0);
  var shifted = ${vectorType(width)}(0.0);
  let first = image * uniforms.pixelsPerImage;
  for (var pixel = first; pixel < first + uniforms.pixelsPerImage; pixel++) {
    let start = pixel * uniforms.channels;
    let unit = x[start + c] * inverses[pixel];
    let dV = gradient(unit, start, image, c);
    gained += dV * unit;
    shifted += dV;
  }
  let root = ${rootOfChannels(width)};
  ${
    film
      ? `let row = 2 * image * uniforms.channels + c;
  dGain[index] = root * (film[row] + 1.0) * gained;
  dFilm[row] = root * gain[c] * gained;
  dFilm[row + uniforms.channels] = shifted;`
      : "dGain[index] = root * gained;"
  }
}`,
  });
  return Object.values<TensorInfo>(gradients);
}

/** Runs a program with `amplitude` and `modulated`, functions of its code, and x, gain and FiLM as inputs. */
function runNorm<K extends string>(
  { backend, inputs: { x, gain, film }, attrs: { hasSilu } }: KernelCall<"RmsNorm">,
  program: Omit<Program<K>, "uniforms">,
): Record<K, TensorInfo> {
  const { numPixels, pixelsPerImage, numChannels, width } = sizesOf(x);
  const ofFilm: Program["inputs"] = { film: film && [film, width] };
  return run(backend, {
    ...program,
    variant: String(hasSilu),
    inputs: { x: [x, width], gain: [gain, width], ...ofFilm, ...program.inputs },
    uniforms: { numPixels, pixelsPerImage, channels: numChannels / width },
    code: () => `${modulation(width, film !== undefined)}${program.code()}`,
  });
}

function sizesOf({ shape }: TensorInfo) {
  const [numImages, height, imageWidth, numChannels] = shape as [number, number, number, number];
  const pixelsPerImage = height * imageWidth;
  const numPixels = numImages * pixelsPerImage;
  return { numImages, pixelsPerImage, numPixels, numChannels, width: widthOf(numChannels) };
}

function sum(width: Width, vector: string): string {
  return width === 4 ? `dot(${vector}, vec4<f32>(1.0))` : vector;
}

function rootOfChannels(width: Width): string {
  return `sqrt(f32(uniforms.channels * ${width}))`;
}

/** Of the pixel `index`: its `image`, where it begins as `start`, and 1 / |x| as `inverse`. */
function pixelStart(width: Width): string {
  return `
  if (index >= uniforms.numPixels) { return; }
  let start = index * uniforms.channels;
  let image = index / uniforms.pixelsPerImage;
  var squares = 0.0;
  for (var c = 0; c < uniforms.channels; c++) {
    let value = x[start + c];
    squares += ${sum(width, "value * value")};
  }
  let inverse = inverseSqrt(max(squares, 1e-24));`;
}

function modulation(width: Width, hasFilm: boolean): string {
  const type = vectorType(width);
  const row = "2 * image * uniforms.channels";
  const scale = hasFilm ? `(film[${row} + c] + 1.0) * ` : "";
  const shift = hasFilm ? ` + film[${row} + uniforms.channels + c]` : "";
  return `
fn amplitude(image: i32, c: i32) -> ${type} {
  return ${scale}gain[c] * ${rootOfChannels(width)};
}
fn modulated(unit: ${type}, image: i32, c: i32) -> ${type} {
  return unit * amplitude(image, c)${shift};
}`;
}

/** dL/dv from dL/dy: for y = v s with s = sigmoid(v) it is dy s (1 + v (1 - s)). */
function gradientFunction({ inputs: { x }, attrs: { hasSilu } }: KernelCall<"RmsNorm">): string {
  const type = vectorType(sizesOf(x).width);
  return `
fn gradient(unit: ${type}, start: i32, image: i32, c: i32) -> ${type} {
  let dOut = dy[start + c];
  ${
    hasSilu
      ? `let v = modulated(unit, image, c);
  let s = 1.0 / (1.0 + exp(-v));
  return dOut * s * (1.0 + v * (1.0 - s));`
      : "return dOut;"
  }
}`;
}
