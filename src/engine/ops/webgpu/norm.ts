import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { KernelCall } from "./kernelCall.ts";
import {
  type Input,
  type Output,
  type Program,
  run,
  vectorType,
  type Width,
  widthOf,
} from "./program.ts";

/** v = x / |x| g sqrt(C) (scale + 1) + shift; y = v sigmoid(v), or v; plus the addend; `[B, H, W, C]`. */
export function rmsNorm(call: KernelCall): TensorInfo {
  const norm = normOf(call);
  const { x, addend, inputs, common, numPixels, hasSilu, width } = norm;
  return run(call.backend, {
    name: "normForward",
    ...common,
    inputs: { ...inputs, addend },
    outputs: { result: [x.shape, width] },
    numInvocations: numPixels,
    code: () => `${modulation(norm)}
fn main(index: i32) {
  if (index >= uniforms.numPixels) { return; }
  let start = index * uniforms.channels;
  let image = index / uniforms.pixelsPerImage;
  ${inverseNorm(width)}
  for (var c = 0; c < uniforms.channels; c++) {
    let v = modulated(x[start + c] * inverse, image, c);
    result[start + c] = ${hasSilu ? "v / (1.0 + exp(-v))" : "v"}${addend ? " + addend[start + c]" : ""};
  }
}`,
  }).result;
}

/** Gradients of x, `[B, H, W, C]`, and of gain and FiLM (see `parameterGradients`). */
export function rmsNormGradient(call: KernelCall): TensorInfo[] {
  const norm = normOf(call);
  const { result, inverses } = inputGradient(call, norm);
  const ofParameters = parameterGradients(call, norm, inverses);
  call.dispose([inverses]);
  return [result, ...ofParameters];
}

/**
 * dL/dx = (dn - n (dn . n)) / |x| with n = x / |x|, plus the addend, `[B, H, W, C]`; and 1 / |x| of each
 * pixel, `[B H W]`. One invocation a pixel.
 */
function inputGradient(call: KernelCall, norm: Norm): Record<"result" | "inverses", TensorInfo> {
  const { x, dy, addend, inputs, common, numPixels, width } = norm;
  return run(call.backend, {
    name: "normInputGradient",
    ...common,
    inputs: { ...inputs, dy, addend },
    outputs: { result: [x.shape, width], inverses: [[numPixels], 1] },
    numInvocations: numPixels,
    code: () => `${modulation(norm)}${gradientFunctions(norm)}
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
function parameterGradients(call: KernelCall, norm: Norm, inverses: TensorInfo): TensorInfo[] {
  const { dy, inputs, common, numImages, numChannels, width } = norm;
  const { film } = inputs;
  const dGain: Output = [[numImages, numChannels], width];
  const dFilm: Output = [[numImages, 2 * numChannels], width];
  const made = run<string>(call.backend, {
    name: "normParameterGradients",
    ...common,
    inputs: { ...inputs, dy, inverses: [inverses, 1] },
    outputs: film ? { dGain, dFilm } : { dGain },
    numInvocations: (numImages * numChannels) / width,
    code: () => `${modulation(norm)}${gradientFunctions(norm)}
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
  return Object.values(made);
}

type Norm = ReturnType<typeof normOf>;

function normOf(call: KernelCall) {
  const { x, gain } = call.inputs("x", "gain");
  const [numImages, height, imageWidth, numChannels] = x.shape as [number, number, number, number];
  const numPixels = numImages * height * imageWidth;
  const width = widthOf(numChannels);
  const optional = (name: string): Input | undefined => {
    const tensor = call.optional(name);
    return tensor && [tensor, width];
  };
  const film = optional("film");
  const inputs = { x: [x, width], gain: [gain, width], film } satisfies Program["inputs"];
  const [dy, addend] = [optional("dy"), optional("addend")];
  const hasSilu = call.number("hasSilu") === 1;
  const pixelsPerImage = height * imageWidth;
  const uniforms = { numPixels, pixelsPerImage, channels: numChannels / width };
  const common = { variant: String(hasSilu), uniforms };
  const sizes = { numImages, numPixels, numChannels, width };
  return { x, dy, addend, inputs, hasSilu, common, ...sizes };
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

function modulation({ inputs: { film }, width }: Norm): string {
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
function gradientFunctions({ hasSilu, width }: Norm): string {
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
