import { unrolled } from "../program.ts";
import { rowReader, rowWriter } from "../rows.ts";
import type { Tuning } from "../tuning.ts";
import type { GradientCode, GradientSizes, GradientTiles } from "./sizes.ts";

/** Pixels that are fetched at a time, in whole rows: two of 28, four of 14, eight of 7. */
const MAX_PLACES = 56;

/**
 * In workgroup memory: a workgroup sums all taps of the kernel for 16 or 32 input channels and 16 or 32
 * outputs over the rows of its part. A few rows at a time are fetched, those of X with the rows that the
 * kernel reaches above and below; an invocation adds up one row of the kernel for 4 x 4 channels, and
 * reads a pixel of X once for all columns of the kernel.
 */
export function gradientWorkgroupTiles(
  sizes: GradientSizes,
  { minInvocations }: Tuning,
): GradientTiles {
  const { kernelSize, width, numRows, numIn, numOut, channels } = sizes;
  const inGroups = kernelSize === 1 ? 8 : 4;
  const outGroups = numOut <= 16 ? 4 : 8;
  const workgroupSize = kernelSize * inGroups * outGroups;
  const numInTiles = Math.ceil(numIn / (4 * inGroups));
  const numOutTiles = Math.ceil(numOut / (4 * outGroups));
  const rowsAtOnce = Math.max(1, Math.floor(MAX_PLACES / width));
  const numTiles = numInTiles * numOutTiles;
  const mostParts = Math.ceil(minInvocations / (numTiles * workgroupSize));
  const stepsPerPart = Math.ceil(numRows / rowsAtOnce / mostParts);
  const rowsPerPart = stepsPerPart * rowsAtOnce;
  const numParts = Math.ceil(numRows / rowsPerPart);
  const firstIn = channels[0] as number;
  return {
    name: "kernelGradientWorkgroup",
    variant: [inGroups, outGroups],
    uniforms: { numInTiles, numOutTiles, rowsPerPart, rowsAtOnce, firstIn },
    numParts,
    rowsPerPart,
    numInvocations: numParts * numTiles * workgroupSize,
    workgroupSize,
    code: () => gradientCode({ ...sizes, inGroups, outGroups }),
  };
}

interface CodeOptions extends GradientCode {
  /** Invocations along the channels of X and of dY, four channels each. */
  inGroups: number;
  outGroups: number;
}

function gradientCode(options: CodeOptions): string {
  const { kernelSize, outWidth, inGroups, outGroups } = options;
  const size = kernelSize * inGroups * outGroups;
  const pad = (kernelSize - 1) / 2;
  // Enough for images up to the width that `tilesOf` allows. The pixel behind stays zero.
  const zeroPlace = MAX_PLACES + 2 * pad * (MAX_PLACES / 2);
  const eachSum = (line: (kx: number, c: number) => string) =>
    unrolled(kernelSize, (kx) => unrolled(4, (c) => line(kx, c)));
  return `
var<workgroup> pixels: array<vec4<f32>, ${(zeroPlace + 1) * inGroups}>;
var<workgroup> slopes: array<vec4<f32>, ${MAX_PLACES * outGroups}>;
${pixelReader(options)}
${rowReader("readSlope", "dy", outWidth)}
${rowWriter("writeKernel", "kernel", outWidth)}
${rowWriter("writeBias", "bias", outWidth)}

fn main(group: i32, local: i32) {
  let outGroup = local % ${outGroups};
  let inGroup = (local / ${outGroups}) % ${inGroups};
  let ky = local / ${outGroups * inGroups};
  let outTile = (group % uniforms.numOutTiles) * ${outGroups};
  let inTile = ((group / uniforms.numOutTiles) % uniforms.numInTiles) * ${inGroups};
  let part = group / (uniforms.numOutTiles * uniforms.numInTiles);
  if (part >= uniforms.numParts) { return; }
  ${eachSum((kx, c) => `var sum${kx}_${c} = vec4<f32>(0.0);`)}
  var total = vec4<f32>(0.0);
  let width = uniforms.width;
  let end = min((part + 1) * uniforms.rowsPerPart, uniforms.numRows);
  for (var first = part * uniforms.rowsPerPart; first < end; first += uniforms.rowsAtOnce) {
    workgroupBarrier();
    for (var i = local; i < (uniforms.rowsAtOnce + ${2 * pad}) * width * ${inGroups}; i += ${size}) {
      pixels[i] = readPixel((first - ${pad}) * width + i / ${inGroups}, inTile + i % ${inGroups});
    }
    for (var i = local; i < uniforms.rowsAtOnce * width * ${outGroups}; i += ${size}) {
      let place = first * width + i / ${outGroups};
      var slope = vec4<f32>(0.0);
      if (place < uniforms.numRows * width) {
        slope = readSlope(place, uniforms.numOut, outTile + i % ${outGroups});
      }
      slopes[i] = slope;
    }
    workgroupBarrier();
    for (var row = first; row < min(first + uniforms.rowsAtOnce, end); row++) {
      let y = row % uniforms.height + ky - ${pad};
      if (y < 0 || y >= uniforms.height) { continue; }
      let start = (row - first + ky) * width;
      ${unrolled(kernelSize, (kx) => `var v${kx} = vec4<f32>(0.0);`)}
      ${unrolled(pad, (x) => `v${pad + 1 + x} = ${pixelAt(String(x))};`)}
      for (var x = 0; x < width; x++) {
        ${unrolled(kernelSize - 1, (kx) => `v${kx} = v${kx + 1};`)}
        v${kernelSize - 1} = ${pixelAt(`x + ${pad}`)};
        let d = slopes[((row - first) * width + x) * ${outGroups} + outGroup];
        total += d;
        ${eachSum((kx, c) => `sum${kx}_${c} += v${kx}[${c}] * d;`)}
      }
    }
  }
  ${eachSum(
    (kx, c) => `{
    let channel = 4 * (inTile + inGroup) + ${c};
    let tap = part * ${kernelSize ** 2} + ky * ${kernelSize} + ${kx};
    if (channel < uniforms.numIn) {
      writeKernel(tap * uniforms.numIn + channel, uniforms.numOut, outTile + outGroup, sum${kx}_${c});
    }
  }`,
  )}
  // The kernel's middle row is the one that sees every row of dY.
  if (ky == ${pad} && inTile + inGroup == 0) {
    writeBias(part, uniforms.numOut, outTile + outGroup, total);
  }
}`;

  /** The pixel of X at column x of the row, for the invocation's channels. */
  function pixelAt(x: string): string {
    return `pixels[select(${zeroPlace}, start + ${x}, ${x} < width) * ${inGroups} + inGroup]`;
  }
}

/** WGSL of `readPixel(place, c)`: the channels 4c to 4c + 3 of all inputs together. */
function pixelReader({ inWidth, numInputs }: CodeOptions): string {
  const isOutside = "place < 0 || place >= uniforms.numRows * uniforms.width";
  if (numInputs === 1) {
    return `${rowReader("readFirst", "x0", inWidth)}
fn readPixel(place: i32, c: i32) -> vec4<f32> {
  if (${isOutside}) { return vec4<f32>(0.0); }
  return readFirst(place, uniforms.numIn, c);
}`;
  }
  const numSecond = "(uniforms.numIn - uniforms.firstIn)";
  if (inWidth === 4) {
    return `${rowReader("readFirst", "x0", 4)}${rowReader("readSecond", "x1", 4)}
fn readPixel(place: i32, c: i32) -> vec4<f32> {
  if (${isOutside}) { return vec4<f32>(0.0); }
  if (4 * c < uniforms.firstIn) { return readFirst(place, uniforms.firstIn, c); }
  return readSecond(place, ${numSecond}, c - uniforms.firstIn / 4);
}`;
  }
  return `
fn readPixel(place: i32, c: i32) -> vec4<f32> {
  var four = vec4<f32>(0.0);
  if (${isOutside}) { return four; }
  for (var lane = 0; lane < 4; lane++) {
    let channel = 4 * c + lane;
    if (channel < uniforms.firstIn) {
      four[lane] = x0[place * uniforms.firstIn + channel];
    } else if (channel < uniforms.numIn) {
      four[lane] = x1[place * ${numSecond} + channel - uniforms.firstIn];
    }
  }
  return four;
}`;
}
