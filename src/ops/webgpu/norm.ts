import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type Input, type Output, run, vectorType, type Width, widthOf } from "./program.ts";

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

/** v = x / |x| g sqrt(C) (scale + 1) + shift; y = v sigmoid(v), or v; plus the addend. */
export function normForward(norm: Norm, addend: TensorInfo | undefined): TensorInfo {
  const { numPixels, width } = sizesOf(norm);
  return run(norm.backend, {
    ...common("normForward", norm, { addend }),
    outputs: { result: { shape: norm.x.shape, width } },
    numInvocations: numPixels,
    code: () => `${modulation(norm, width)}
fn main(index: i32) {
  if (index >= uniforms.numPixels) { return; }
  let start = index * uniforms.channels;
  let image = index / uniforms.pixelsPerImage;
  ${inverseNorm(width)}
  for (var c = 0; c < uniforms.channels; c++) {
    let v = modulated(x[start + c] * inverse, image, c);
    result[start + c] = ${norm.hasSilu ? "v / (1.0 + exp(-v))" : "v"}${addend ? " + addend[start + c]" : ""};
  }
}`,
  }).result;
}

/**
 * dL/dx = (dn - n (dn . n)) / |x| with n = x / |x|, plus the addend, `[B, H, W, C]`; and 1 / |x| of each
 * pixel, `[B H W]`. One invocation a pixel.
 */
export function normInputGradient(
  norm: Norm,
  dy: TensorInfo,
  addend: TensorInfo | undefined,
): Record<"result" | "inverses", TensorInfo> {
  const { numPixels, width } = sizesOf(norm);
  return run(norm.backend, {
    ...common("normInputGradient", norm, { dy, addend }),
    outputs: {
      result: { shape: norm.x.shape, width },
      inverses: { shape: [numPixels], width: 1 },
    },
    numInvocations: numPixels,
    code: () => `${modulation(norm, width)}${gradientFunctions(norm, width)}
fn main(index: i32) {
  if (index >= uniforms.numPixels) { return; }
  let start = index * uniforms.channels;
  let image = index / uniforms.pixelsPerImage;
  ${inverseNorm(width)}
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
}

/**
 * From the sums over the pixels of each image of dv n and of dv: the gradient of the gain by each image,
 * `[B, C]`, to be summed over these, sqrt(C) (scale + 1) sum of dv n; and of scale and shift, `[B, 2C]`.
 *
 * @param inverses `[B H W]`
 */
export function normParameterGradients(
  norm: Norm,
  dy: TensorInfo,
  inverses: TensorInfo,
): TensorInfo[] {
  const { numImages, numChannels, width } = sizesOf(norm);
  const gain = { shape: [numImages, numChannels], width };
  const outputs: Record<string, Output> = norm.film
    ? { dGain: gain, dFilm: { shape: [numImages, 2 * numChannels], width } }
    : { dGain: gain };
  const made = run(norm.backend, {
    ...common("normParameterGradients", norm, { dy, inverses }),
    outputs,
    numInvocations: (numImages * numChannels) / width,
    code: () => `${modulation(norm, width)}${gradientFunctions(norm, width)}
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
    norm.film
      ? `let row = 2 * image * uniforms.channels + c;
  dGain[index] = root * (film[row] + 1.0) * gained;
  dFilm[row] = root * gain[c] * gained;
  dFilm[row + uniforms.channels] = shifted;`
      : "dGain[index] = root * gained;"
  }
}`,
  });
  return Object.values(made);
}

function sizesOf({ x }: Norm) {
  const [numImages, height, width, numChannels] = x.shape as [number, number, number, number];
  const numPixels = numImages * height * width;
  return { numImages, numPixels, numChannels, width: widthOf(numChannels) };
}

/** @param more inputs besides those of the forward pass; without those that are not there */
function common(name: string, norm: Norm, more: Record<string, TensorInfo | undefined>) {
  const { x, gain, film, hasSilu } = norm;
  const { numImages, numPixels, numChannels, width } = sizesOf(norm);
  const inputs = Object.entries({ x, gain, film, ...more }).flatMap(([name, tensor]): Input[] =>
    tensor ? [{ name, tensor, width: name === "inverses" ? 1 : width }] : [],
  );
  return {
    name,
    variant: `${width},${hasSilu},${inputs.map((input) => input.name)}`,
    inputs,
    uniforms: {
      numPixels,
      pixelsPerImage: numPixels / numImages,
      channels: numChannels / width,
    },
  };
}

function sum(width: Width, vector: string): string {
  return width === 4 ? `dot(${vector}, vec4<f32>(1.0))` : vector;
}

function rootOfChannels(width: Width): string {
  return `sqrt(f32(uniforms.channels * ${width}))`;
}

/** `inverse`, 1 / |x| of the pixel that begins at `start`. */
function inverseNorm(width: Width): string {
  return `
  var squares = 0.0;
  for (var c = 0; c < uniforms.channels; c++) {
    let value = x[start + c];
    squares += ${sum(width, "value * value")};
  }
  let inverse = inverseSqrt(max(squares, 1e-24));`;
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
