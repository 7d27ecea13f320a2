/**
 * RMSNorm with invocations side by side along the channels of a pixel, so that they load from the same cache
 * lines, and each number of x only once. They add up in subgroups or through workgroup memory.
 *
 * In Assignment an invocation goes through 25 pixels one after the other, not 784, and a step has 41 dispatches and 0.6 GB
 * less than with an invocation a pixel. SwiftShader takes 2 to 5 times as long for it, because of the barriers, so software
 * adapters keep `registers.ts`.
 */

import { util } from "@tensorflow/tfjs-core";
import { type KernelCall, type Output, type Program, unrolled } from "../program.ts";
import { vectorType } from "../programSource.ts";
import { minSubgroupSize } from "../tuning.ts";
import {
  dotOf,
  inverseOf,
  normProgram,
  normSizes,
  storeParameterGradients,
} from "./normProgram.ts";

const FORWARD_SIZE = 64;
/** As many as every device has: one workgroup adds up an image's gradients of parameters. */
const GRADIENT_SIZE = 256;

/** Vectors that an invocation keeps in registers, at most, where pixels have no more than 192. */
const MAX_OWN_VECTORS = 3;

export function forwardInWorkgroups(call: KernelCall<"RmsNorm">): Program {
  const { x, addend } = call.inputs;
  const { numPixels, width } = normSizes(x);
  const { variant, enables, perPixel, eachVector, ifChannel, load, sumAcross } = lanesOf(call);
  return normProgram(call, {
    name: "normForward",
    variant,
    enables,
    inputs: { addend: addend && [addend, width] },
    outputs: { result: [x.shape, width, "activation"] },
    numInvocations: numPixels * perPixel,
    workgroupSize: FORWARD_SIZE,
    code: () => `${sumAcross("sumAcross", FORWARD_SIZE)}
fn main(group: i32, local: i32) {
  let pixel = (group * ${FORWARD_SIZE} + local) / ${perPixel};
  let lane = local % ${perPixel};
  // Invocations beyond the last pixel repeat it, up to where they write.
  let start = min(pixel, uniforms.numPixels - 1) * uniforms.channels;
  let image = pixel / uniforms.pixelsPerImage;
  var squares = 0.0;
  ${eachVector(
    (k) => `
  let x${k} = ${load(k, "x")};
  squares += ${dotOf(width, `x${k}`, `x${k}`)};`,
  )}
  let inverse = ${inverseOf("sumAcross(local, squares)")};
  if (pixel >= uniforms.numPixels) { return; }
  ${eachVector((k, c) =>
    ifChannel(
      k,
      `result[start + ${c}] = activated(x${k} * inverse * amplitude(image, ${c}) + shift(image, ${c}))
    ${addend ? `+ addend[start + ${c}]` : ""};`,
    ),
  )}
}`,
  });
}

/**
 * Computes dL/dx = (dn - n (dn . n)) / |x| with n = x / |x|, plus the addend, `[B, H, W, C]`, and the gradients of gain
 * and FiLM. One workgroup an image: its invocations go through the pixels, and add up what each has of the
 * parameters' gradients at the end.
 */
export function gradientInWorkgroups(call: KernelCall<"RmsNormGradient">): Program {
  const { x, dy, film, addend } = call.inputs;
  const { numImages, pixelsPerImage, numChannels, width } = normSizes(x);
  const { variant, enables, perPixel, eachVector, ifChannel, nearest, load, sumAcross } =
    lanesOf(call);
  const type = vectorType(width);
  // Linear attention's comes by its heads.
  const numParts = util.sizeFromShape(dy.shape) / util.sizeFromShape(x.shape);
  const sumOfParts = (k: number) =>
    Array.from({ length: numParts }, (_, part) => load(k, "dy", part)).join(" + ");
  const pixelsAtOnce = GRADIENT_SIZE / perPixel;
  const result: Output = [x.shape, width];
  const dGain: Output = [[numImages, numChannels], width, "gradient"];
  const dFilm: Output = [[numImages, 2 * numChannels], width, "filmGradient"];
  return normProgram(call, {
    name: "normGradient",
    variant: `${variant},${numParts}`,
    enables,
    inputs: { dy: [dy, width], addend: addend && [addend, width] },
    outputs: film ? { result, dGain, dFilm } : { result, dGain },
    numInvocations: numImages * GRADIENT_SIZE,
    workgroupSize: GRADIENT_SIZE,
    work: () => ({ serialPositions: Math.ceil(pixelsPerImage / pixelsAtOnce) }),
    // The sums over lanes have a memory each: writing to one, all have read from the other.
    code: () => `
${sumAcross("squaresAcross", GRADIENT_SIZE)}
${sumAcross("sumAcross", GRADIENT_SIZE)}
var<workgroup> columns: array<${type}, ${GRADIENT_SIZE}>;
/** Who calls it again must wait first, until all have read. */
fn sumOfPixels(local: i32, value: ${type}) -> ${type} {
  columns[local] = value;
  workgroupBarrier();
  var sum = ${type}(0.0);
  if (local < ${perPixel}) {
    for (var i = 0; i < ${pixelsAtOnce}; i++) { sum += columns[local + i * ${perPixel}]; }
  }
  return sum;
}
fn main(group: i32, local: i32) {
  let image = group;
  let lane = local % ${perPixel};
  ${eachVector(
    (k) => `
  let amplitude${k} = amplitude(image, ${nearest(k)});
  let shift${k} = shift(image, ${nearest(k)});
  var gained${k} = ${type}(0.0);
  var shifted${k} = ${type}(0.0);`,
  )}
  for (var first = 0; first < uniforms.pixelsPerImage; first += ${pixelsAtOnce}) {
    let pixel = first + local / ${perPixel};
    // Beyond the image dY is zero, and so is all that is added up there.
    let isInside = pixel < uniforms.pixelsPerImage;
    let row = image * uniforms.pixelsPerImage + min(pixel, uniforms.pixelsPerImage - 1);
    let start = row * uniforms.channels;
    var squares = 0.0;
    ${eachVector(
      (k) => `
    let x${k} = ${load(k, "x")};
    let dy${k} = select(${type}(0.0), ${sumOfParts(k)}, isInside);
      squares += ${dotOf(width, `x${k}`, `x${k}`)};`,
    )}
    let inverse = ${inverseOf("squaresAcross(local, squares)")};
    var along = 0.0;
    ${eachVector(
      (k) => `
    let unit${k} = x${k} * inverse;
    let dV${k} = gradient(unit${k} * amplitude${k} + shift${k}, dy${k});
    gained${k} += dV${k} * unit${k};
    shifted${k} += dV${k};
    let dUnit${k} = dV${k} * amplitude${k};
    along += ${dotOf(width, `unit${k}`, `dUnit${k}`)};`,
    )}
    along = sumAcross(local, along);
    if (isInside) {
      ${eachVector((k, c) =>
        ifChannel(
          k,
          `result[start + ${c}] = (dUnit${k} - unit${k} * along) * inverse
        ${addend ? `+ addend[start + ${c}]` : ""};`,
        ),
      )}
    }
  }
  ${eachVector(
    (k, c) => `{
    ${k > 0 ? "workgroupBarrier();" : ""}
    let gained = sumOfPixels(local, gained${k});
    ${film ? "workgroupBarrier();" : ""}
    let shifted = ${film ? `sumOfPixels(local, shifted${k})` : "0.0"};
    let c = ${c};
    if (local < ${perPixel} && c < uniforms.channels) {
      ${storeParameterGradients(film !== undefined)}
    }
  }`,
  )}
}`,
  });
}

/**
 * How the invocations of a workgroup share the vectors of a pixel: every invocation has as many of them, and
 * neighbors have neighboring ones.
 */
function lanesOf({ backend, inputs: { x } }: KernelCall<"RmsNorm">) {
  const { numChannels, width } = normSizes(x);
  const type = vectorType(width);
  const numVectors = numChannels / width;
  let perPixel = 1;
  const isTooFew = () =>
    perPixel < Math.min(8, numVectors) || numVectors > MAX_OWN_VECTORS * perPixel;
  while (perPixel < FORWARD_SIZE && isTooFew()) perPixel *= 2;
  const numOwn = Math.ceil(numVectors / perPixel);
  const isInSubgroup = perPixel <= minSubgroupSize(backend.device);
  const indexOf = (k: number) => `(lane + ${k * perPixel})`;
  /** An invocation may have fewer vectors than others. */
  const isSure = (k: number) => (k + 1) * perPixel <= numVectors;
  const nearest = (k: number) =>
    isSure(k) ? indexOf(k) : `min${indexOf(k).replace(")", ", uniforms.channels - 1)")}`;
  return {
    perPixel,
    variant: `${perPixel},${numVectors},${isInSubgroup}`,
    enables: isInSubgroup && perPixel > 1 ? (["subgroups"] as const) : undefined,
    /** Code for each of an invocation's vectors, with WGSL of its place in the pixel. */
    eachVector: (code: (k: number, c: string) => string) =>
      unrolled(numOwn, (k) => code(k, indexOf(k))),
    ifChannel: (k: number, code: string) =>
      isSure(k) ? code : `if (${indexOf(k)} < uniforms.channels) { ${code} }`,
    /** The place in the pixel, or that of the last vector. */
    nearest,
    /** A vector of a buffer; zeros beyond the pixel. */
    load: (k: number, buffer: string, part = 0) => {
      const first = part === 0 ? "" : `${part} * uniforms.numPixels * uniforms.channels + `;
      const vector = `${buffer}[${first}start + ${nearest(k)}]`;
      return isSure(k)
        ? vector
        : `select(${type}(0.0), ${vector}, ${indexOf(k)} < uniforms.channels)`;
    },
    /** WGSL of `name(local, value)`: the sum of the values of all invocations at the same pixel. */
    sumAcross: (name: string, workgroupSize: number) =>
      isInSubgroup
        ? sumInSubgroups(name, perPixel)
        : sumInWorkgroups(name, perPixel, workgroupSize),
  };
}

function sumInSubgroups(name: string, perPixel: number): string {
  return `
fn ${name}(local: i32, value: f32) -> f32 {
  var sum = value;
  ${unrolled(Math.log2(perPixel), (i) => `sum += subgroupShuffleXor(sum, ${2 ** i}u);`)}
  return sum;
}`;
}

function sumInWorkgroups(name: string, perPixel: number, workgroupSize: number): string {
  return `
var<workgroup> ${name}Values: array<f32, ${workgroupSize}>;
fn ${name}(local: i32, value: f32) -> f32 {
  ${name}Values[local] = value;
  workgroupBarrier();
  let first = local - local % ${perPixel};
  var sum = 0.0;
  for (var i = 0; i < ${perPixel}; i++) { sum += ${name}Values[first + i]; }
  return sum;
}`;
}
