/** RMSNorm with one invocation a pixel: no invocation waits for another. */

import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { KernelCall, Output, Program } from "../program.ts";
import { vectorType, type Width } from "../programSource.ts";
import {
  dotOf,
  inverseOf,
  normProgram,
  normSizes,
  storeParameterGradients,
} from "./normProgram.ts";

export function forwardInRegisters(call: KernelCall<"RmsNorm">): Program {
  const { x, addend } = call.inputs;
  const { numPixels, width } = normSizes(x);
  return normProgram(call, {
    name: "normForward",
    inputs: { addend: addend && [addend, width] },
    outputs: { result: [x.shape, width, "activation"] },
    numInvocations: numPixels,
    code: () => `
fn main(index: i32) {
  ${pixelStart(width)}
  for (var c = 0; c < uniforms.channels; c++) {
    let v = x[start + c] * inverse * amplitude(image, c) + shift(image, c);
    result[start + c] = activated(v)${addend ? " + addend[start + c]" : ""};
  }
}`,
  });
}

/** Computes the gradient of x, and 1 / |x| of each pixel. */
export function inputGradient(call: KernelCall<"RmsNormGradient">): Program {
  const { x, dy, addend } = call.inputs;
  const { numPixels, width } = normSizes(x);
  return normProgram(call, {
    name: "normInputGradient",
    inputs: { dy: [dy, width], addend: addend && [addend, width] },
    outputs: { result: [x.shape, width], inverses: [[numPixels], 1] },
    numInvocations: numPixels,
    code: () => `${gradientOfUnit(width)}
fn main(index: i32) {
  ${pixelStart(width)}
  var along = 0.0;
  for (var c = 0; c < uniforms.channels; c++) {
    let unit = x[start + c] * inverse;
    along += ${dotOf(width, "unit", "gradientAt(unit, start, image, c) * amplitude(image, c)")};
  }
  for (var c = 0; c < uniforms.channels; c++) {
    let unit = x[start + c] * inverse;
    let dUnit = gradientAt(unit, start, image, c) * amplitude(image, c);
    result[start + c] = (dUnit - unit * along) * inverse${addend ? " + addend[start + c]" : ""};
  }
  inverses[index] = inverse;
}`,
  });
}

/** Computes the gradients of gain and FiLM, with an invocation for each image's channel or four channels. */
export function parameterGradients(
  call: KernelCall<"RmsNormGradient">,
  inverses: TensorInfo,
): Program {
  const { x, dy, film } = call.inputs;
  const { numImages, pixelsPerImage, numChannels, width } = normSizes(x);
  const dGain: Output = [[numImages, numChannels], width, "gradient"];
  const dFilm: Output = [[numImages, 2 * numChannels], width, "filmGradient"];
  return normProgram(call, {
    name: "normParameterGradients",
    inputs: { dy: [dy, width], inverses: [inverses, 1] },
    outputs: film ? { dGain, dFilm } : { dGain },
    numInvocations: (numImages * numChannels) / width,
    work: () => ({ serialPositions: pixelsPerImage }),
    code: () => `${gradientOfUnit(width)}
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
    let dV = gradientAt(unit, start, image, c);
    gained += dV * unit;
    shifted += dV;
  }
  ${storeParameterGradients(film !== undefined)}
}`,
  });
}

/** Finds for the pixel `index` its `image`, where it begins as `start`, and 1 / |x| as `inverse`. */
function pixelStart(width: Width): string {
  return `
  if (index >= uniforms.numPixels) { return; }
  let start = index * uniforms.channels;
  let image = index / uniforms.pixelsPerImage;
  var squares = 0.0;
  for (var c = 0; c < uniforms.channels; c++) {
    let value = x[start + c];
    squares += ${dotOf(width, "value", "value")};
  }
  let inverse = ${inverseOf("squares")};`;
}

/** dL/dv at a unit vector's component. */
function gradientOfUnit(width: Width): string {
  const type = vectorType(width);
  return `
fn gradientAt(unit: ${type}, start: i32, image: i32, c: i32) -> ${type} {
  return gradient(unit * amplitude(image, c) + shift(image, c), dy[start + c]);
}`;
}
