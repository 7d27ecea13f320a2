import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type Program, run, vectorType, type Width, widthOf } from "./program.ts";

export interface Norm {
  backend: WebGPUBackend;
  /** `[B, H, W, C]`. */
  x: TensorInfo;
  /** `[C]`. */
  gain: TensorInfo;
  /** Scale, then shift, `[B, 2C]`. */
  film: TensorInfo | undefined;
  hasSilu: boolean;
}

/** v = x / |x| g sqrt(C) (scale + 1) + shift; y = v sigmoid(v), or v. One invocation a pixel. */
export function normForward(norm: Norm): TensorInfo {
  const { numPixels, width } = sizesOf(norm);
  return run(norm.backend, {
    ...common("normForward", norm, ["x", "gain", "film"]),
    outputShape: norm.x.shape,
    outputWidth: width,
    numInvocations: numPixels,
    code: `${inverseNormFunction(width)}${modulation(norm, width)}
fn main(index: i32) {
  if (index >= uniforms.numPixels) { return; }
  let start = index * uniforms.channels;
  let image = index / uniforms.pixelsPerImage;
  let inverse = inverseNorm(start);
  for (var c = 0; c < uniforms.channels; c++) {
    let v = modulated(x[start + c] * inverse, image, c);
    result[start + c] = ${norm.hasSilu ? "v / (1.0 + exp(-v))" : "v"};
  }
}`,
  });
}

/** dL/dx = (dn - n (dn . n)) / |x| with n = x / |x|; `[B, H, W, C]`. One invocation a pixel. */
export function normInputGradient(norm: Norm, dy: TensorInfo): TensorInfo {
  const { numPixels, width } = sizesOf(norm);
  return run(norm.backend, {
    ...common("normInputGradient", norm, ["x", "gain", "film"], { dy }),
    outputShape: norm.x.shape,
    outputWidth: width,
    numInvocations: numPixels,
    code: `${inverseNormFunction(width)}${modulation(norm, width)}${gradientFunctions(norm, width)}
fn main(index: i32) {
  if (index >= uniforms.numPixels) { return; }
  let start = index * uniforms.channels;
  let image = index / uniforms.pixelsPerImage;
  let inverse = inverseNorm(start);
  var along = 0.0;
  for (var c = 0; c < uniforms.channels; c++) {
    let unit = x[start + c] * inverse;
    along += ${sum(width, "unit * gradient(unit, start, image, c) * amplitude(image, c)")};
  }
  for (var c = 0; c < uniforms.channels; c++) {
    let unit = x[start + c] * inverse;
    let dUnit = gradient(unit, start, image, c) * amplitude(image, c);
    result[start + c] = (dUnit - unit * along) * inverse;
  }
}`,
  });
}

/** 1 / |x| of each pixel, `[B H W]`. */
export function inverseNorms(norm: Norm): TensorInfo {
  const { numPixels, width } = sizesOf(norm);
  return run(norm.backend, {
    ...common("inverseNorms", norm, ["x"]),
    outputShape: [numPixels],
    outputWidth: 1,
    numInvocations: numPixels,
    code: `${inverseNormFunction(width)}
fn main(index: i32) {
  if (index < uniforms.numPixels) { result[index] = inverseNorm(index * uniforms.channels); }
}`,
  });
}

/**
 * Sums over the pixels of each image of dv n and of dv, from which the gradients of gain and FiLM
 * follow; `[B, 2C]`.
 *
 * @param inverses `[B H W]`
 */
export function normSums(norm: Norm, dy: TensorInfo, inverses: TensorInfo): TensorInfo {
  const { numImages, numChannels, width } = sizesOf(norm);
  return run(norm.backend, {
    ...common("normSums", norm, norm.hasSilu ? ["x", "gain", "film"] : ["x"], { dy, inverses }),
    outputShape: [numImages, 2 * numChannels],
    outputWidth: width,
    numInvocations: (numImages * numChannels) / width,
    code: `${norm.hasSilu ? modulation(norm, width) : ""}${gradientFunctions(norm, width)}
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
  result[2 * image * uniforms.channels + c] = gained;
  result[(2 * image + 1) * uniforms.channels + c] = shifted;
}`,
  });
}

/** dL/dg = sqrt(C) sum over images of (scale + 1) sum of dv n; `[C]`. @param sums of `normSums` */
export function normGainGradient(norm: Norm, sums: TensorInfo): TensorInfo {
  const { numChannels, width } = sizesOf(norm);
  const scale = norm.film ? `film[2 * image * uniforms.channels + index] + 1.0` : "1.0";
  return run(norm.backend, {
    ...common("normGainGradient", norm, ["film"], { sums }),
    outputShape: [numChannels],
    outputWidth: width,
    numInvocations: numChannels / width,
    code: `
fn main(index: i32) {
  if (index >= uniforms.channels) { return; }
  var total = ${vectorType(width)}(0.0);
  for (var image = 0; image < uniforms.numPixels / uniforms.pixelsPerImage; image++) {
    total += sums[2 * image * uniforms.channels + index] * (${scale});
  }
  result[index] = total * ${rootOfChannels(width)};
}`,
  });
}

/** Gradients of scale and shift, `[B, 2C]`. @param sums of `normSums` */
export function normFilmGradient(norm: Norm, sums: TensorInfo): TensorInfo {
  const { numImages, numChannels, width } = sizesOf(norm);
  return run(norm.backend, {
    ...common("normFilmGradient", norm, ["gain"], { sums }),
    outputShape: [numImages, 2 * numChannels],
    outputWidth: width,
    numInvocations: (2 * numImages * numChannels) / width,
    code: `
fn main(index: i32) {
  if (index >= 2 * uniforms.channels * (uniforms.numPixels / uniforms.pixelsPerImage)) { return; }
  let c = index % (2 * uniforms.channels);
  var value = sums[index];
  if (c < uniforms.channels) { value *= gain[c] * ${rootOfChannels(width)}; }
  result[index] = value;
}`,
  });
}

function sizesOf({ x }: Norm) {
  const [numImages, height, width, numChannels] = x.shape as [number, number, number, number];
  const numPixels = numImages * height * width;
  return { numImages, numPixels, numChannels, width: widthOf(numChannels) };
}

/** @param used those that the code reads: WebGPU refuses to bind any other */
function common(
  name: string,
  norm: Norm,
  used: ("x" | "gain" | "film")[],
  more: Record<string, TensorInfo> = {},
) {
  const { film, hasSilu } = norm;
  const { numImages, numPixels, numChannels, width } = sizesOf(norm);
  return {
    name,
    variant: JSON.stringify([width, film !== undefined, hasSilu]),
    inputs: [...used.map((name) => [name, norm[name]] as const), ...Object.entries(more)].flatMap(
      ([name, tensor]): Program["inputs"] =>
        tensor ? [{ name, tensor, width: name === "inverses" ? 1 : width }] : [],
    ),
    uniforms: {
      numPixels,
      pixelsPerImage: numPixels / numImages,
      channels: numChannels / width,
    } as Record<string, number>,
  };
}

function sum(width: Width, vector: string): string {
  return width === 4 ? `dot(${vector}, vec4<f32>(1.0))` : vector;
}

function rootOfChannels(width: Width): string {
  return `sqrt(f32(uniforms.channels * ${width}))`;
}

function inverseNormFunction(width: Width): string {
  return `
fn inverseNorm(start: i32) -> f32 {
  var squares = 0.0;
  for (var c = 0; c < uniforms.channels; c++) {
    let value = x[start + c];
    squares += ${sum(width, "value * value")};
  }
  return inverseSqrt(max(squares, 1e-24));
}`;
}

function modulation({ film }: Norm, width: Width): string {
  const type = vectorType(width);
  const row = "2 * image * uniforms.channels";
  const scale = film ? `(film[${row} + c] + 1.0) * ` : "";
  const shift = film ? ` + film[${row} + uniforms.channels + c]` : "";
  return `
fn amplitude(image: i32, c: i32) -> ${type} {
  return ${scale}gain[c] * ${rootOfChannels(width)};
}
fn modulated(unit: ${type}, image: i32, c: i32) -> ${type} {
  return unit * amplitude(image, c)${shift};
}`;
}

/** dL/dv from dL/dy: for y = v s with s = sigmoid(v) it is dy s (1 + v (1 - s)). */
function gradientFunctions({ hasSilu }: Norm, width: Width): string {
  const type = vectorType(width);
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
