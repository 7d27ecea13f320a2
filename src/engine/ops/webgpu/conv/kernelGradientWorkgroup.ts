import { unrolled } from "../program.ts";
import { rowReader, rowWriter } from "../rows.ts";
import {
  type GradientTile,
  gradientTile,
  MAX_STRIPS_PER_ROW,
  STRIP,
  type Tuning,
} from "../tuning.ts";
import { type GradientCode, type GradientSizes, type GradientTiles, sourcePlace } from "./sizes.ts";

/** Strips of pixels that are fetched at a time, in whole rows: three or two of 28, six or four of 14, twelve or eight of 7. */
const numStripsOf = ({ mostOut }: Pick<GradientTile, "mostOut">) => (mostOut === 16 ? 12 : 8);

/**
 * In workgroup memory: a workgroup sums all taps of the kernel for up to 16 or 32 input channels and as many
 * outputs over its part of the batch. A few rows at a time are fetched, those of X with the rows that the kernel
 * reaches above and below. An invocation adds up one row of the kernel for 4 x 4 channels or more, over
 * some of the strips; those that have the same channels add their sums up in the end. So more invocations
 * are at work than there are parts, which take memory: 73 MB for all of Assignment's kernels.
 *
 * An invocation of Assignment goes through up to 1,260 positions. At most 128 would be worse on paper: four times the parts
 * are 0.47 GB a step more to write and read, 5 % of a step on an M1 or RTX 4070, for invocations that a card cannot hold at
 * once.
 */
export function gradientWorkgroupTiles(sizes: GradientSizes, tuning: Tuning): GradientTiles {
  const { kernelSize, width, numRows, numIn, numOut, channels } = sizes;
  const tile = gradientTile(tuning, sizes);
  const numInTiles = Math.ceil(numIn / (kernelSize === 1 ? 32 : 16));
  const numOutTiles = Math.ceil(numOut / tile.mostOut);
  const inGroups = Math.ceil(numIn / (4 * tile.inVectors * numInTiles));
  const outGroups = Math.ceil(numOut / (4 * tile.outVectors * numOutTiles));
  const numTiles = numInTiles * numOutTiles;
  const stripsPerRow = kernelSize === 1 ? 1 : width / STRIP;
  const numPlaces = numRows * width;
  const numStrips = numStripsOf(tile);
  const numSteps = Math.ceil(numPlaces / (STRIP * numStrips));
  // As if an invocation had 4 x 4 channels of all pixels: the others come without more memory.
  const perPart = numInTiles * Math.ceil(numOut / 32) * 32 * Math.max(2, kernelSize);
  const mostParts = Math.ceil(tuning.minInvocations / perPart);
  const stepsPerPart = Math.ceil(numSteps / mostParts);
  const numParts = Math.ceil(numSteps / stepsPerPart);
  const workgroupSize = kernelSize * tile.pixelGroups * inGroups * outGroups;
  const hasNeighbors = stripsPerRow > 1;
  return {
    name: "kernelGradientWorkgroup",
    variant: [
      Number(hasNeighbors),
      tile.inVectors,
      tile.outVectors,
      tile.pixelGroups,
      numStrips,
      inGroups,
      outGroups,
    ],
    uniforms: {
      numInTiles,
      numOutTiles,
      numPlaces,
      numSteps,
      stepsPerPart,
      stripsPerRow,
      firstIn: channels[0] as number,
    },
    numParts,
    serialPositions: stepsPerPart * STRIP * Math.ceil(numStrips / tile.pixelGroups),
    numInvocations: numParts * numTiles * workgroupSize,
    workgroupSize,
    code: () => gradientCode({ ...sizes, ...tile, hasNeighbors, inGroups, outGroups }),
  };
}

interface CodeOptions extends GradientCode, GradientTile {
  /** Whether a row has more than one strip, so that the kernel reaches from one into the next. */
  hasNeighbors: boolean;
  /** Invocations along the channels of X and of dY. */
  inGroups: number;
  outGroups: number;
}

function gradientCode(options: CodeOptions): string {
  const { kernelSize, outWidth, inGroups, outGroups, pixelGroups, hasNeighbors } = options;
  const { inVectors, outVectors } = options;
  const numStrips = numStripsOf(options);
  const numGroups = inGroups * outGroups;
  const size = kernelSize * pixelGroups * numGroups;
  const pad = (kernelSize - 1) / 2;
  const inQuads = inGroups * inVectors;
  const outQuads = outGroups * outVectors;
  // With the rows above and below.
  const allStrips = numStrips + 2 * pad * (hasNeighbors ? MAX_STRIPS_PER_ROW : 1);
  const eachTap = (line: (kx: number, u: number, c: number) => string) =>
    unrolled(kernelSize, (kx) => unrolled(inVectors, (u) => unrolled(4, (c) => line(kx, u, c))));
  const eachSum = (line: (sum: string, kx: number, u: number, c: number, j: number) => string) =>
    eachTap((kx, u, c) =>
      unrolled(outVectors, (j) => line(`sum${kx}_${u}_${c}_${j}`, kx, u, c, j)),
    );
  const eachOut = (line: (j: number) => string) => unrolled(outVectors, line);
  let numSummed = 0;
  return `
var<workgroup> pixels: array<array<vec4<f32>, ${STRIP}>, ${allStrips * inQuads}>;
var<workgroup> slopes: array<array<vec4<f32>, ${STRIP}>, ${Math.max(numStrips * outQuads, Math.ceil(size / STRIP))}>;
${pixelReader(options)}
${rowReader("readSlope", "dy", outWidth)}
${rowWriter("writeKernel", "kernel", outWidth)}
${rowWriter("writeBias", "bias", outWidth)}

/** What invocations with the same channels have left where the slopes were, added up. */
fn sumOf(first: i32, end: i32, distance: i32) -> vec4<f32> {
  var sum = vec4<f32>(0.0);
  for (var i = first; i < end; i += distance) {
    sum += slopes[i / ${STRIP}][i % ${STRIP}];
  }
  return sum;
}

fn main(group: i32, local: i32) {
  let outGroup = local % ${outGroups};
  let inGroup = (local / ${outGroups}) % ${inGroups};
  let pixelGroup = (local / ${numGroups}) % ${pixelGroups};
  let ky = local / ${pixelGroups * numGroups};
  let outTile = (group % uniforms.numOutTiles) * ${outQuads};
  let inTile = ((group / uniforms.numOutTiles) % uniforms.numInTiles) * ${inQuads};
  let part = group / (uniforms.numOutTiles * uniforms.numInTiles);
  if (part >= uniforms.numParts) { return; }
  let reach = ${pad} * uniforms.stripsPerRow;
  ${eachSum((sum) => `var ${sum} = vec4<f32>(0.0);`)}
  var total = vec4<f32>(0.0);
  let end = min((part + 1) * uniforms.stepsPerPart, uniforms.numSteps);
  for (var step = part * uniforms.stepsPerPart; step < end; step++) {
    let firstStrip = step * ${numStrips};
    workgroupBarrier();
    for (var i = u32(local); i < u32((${numStrips} + 2 * reach) * ${STRIP * inQuads}); i += ${size}u) {
      let q = i % ${inQuads}u;
      let at = i / ${inQuads}u;
      pixels[(at / ${STRIP}u) * ${inQuads}u + q][at % ${STRIP}u] =
        readPixel((firstStrip - reach) * ${STRIP} + i32(at), inTile + i32(q));
    }
    for (var i = u32(local); i < ${numStrips * STRIP * outQuads}u; i += ${size}u) {
      let q = i % ${outQuads}u;
      let at = i / ${outQuads}u;
      let place = firstStrip * ${STRIP} + i32(at);
      var slope = vec4<f32>(0.0);
      if (place < uniforms.numPlaces) {
        slope = readSlope(place, uniforms.numOut, outTile + i32(q));
      }
      slopes[(at / ${STRIP}u) * ${outQuads}u + q][at % ${STRIP}u] = slope;
    }
    workgroupBarrier();
    for (var i = pixelGroup; i < ${numStrips}; i += ${pixelGroups}) {
      let y = ((firstStrip + i) / uniforms.stripsPerRow) % uniforms.height + ky - ${pad};
      if (y >= 0 && y < uniforms.height) {
        ${stripOfProducts(options, { eachSum, eachOut })}
      }
    }
    if (inTile == 0) {
      // One of the workgroups with the same dY, an invocation the same channels of it all the time.
      for (var i = local; i < ${numStrips * outQuads}; i += ${size}) {
        ${unrolled(STRIP, (x) => `total += slopes[i][${x}];`)}
      }
    }
  }
  ${eachSum((sum, kx, u, c, j) =>
    writeSum(
      sum,
      `let channel = 4 * (inTile + inGroup + ${u * inGroups}) + ${c};
    let tap = part * ${kernelSize ** 2} + ky * ${kernelSize} + ${kx};
    if (channel < uniforms.numIn) {
      writeKernel(tap * uniforms.numIn + channel, uniforms.numOut, outTile + outGroup + ${j * outGroups}, sum);
    }`,
    ),
  )}
  workgroupBarrier();
  slopes[local / ${STRIP}][local % ${STRIP}] = total;
  workgroupBarrier();
  if (inTile == 0 && local < ${outQuads}) {
    writeBias(part, uniforms.numOut, outTile + local, sumOf(local, ${size}, ${outQuads}));
  }
}`;

  /** The sums in turn by another of the invocations that have parts of them. */
  function writeSum(own: string, write: string): string {
    return `
  workgroupBarrier();
  slopes[local / ${STRIP}][local % ${STRIP}] = ${own};
  workgroupBarrier();
  if (pixelGroup == ${numSummed++ % pixelGroups}) {
    let first = ky * ${pixelGroups * numGroups};
    let sum = sumOf(first + inGroup * ${outGroups} + outGroup, first + ${pixelGroups * numGroups}, ${numGroups});
    ${write}
  }`;
  }
}

interface Each {
  eachSum(line: (sum: string, kx: number, u: number, c: number, j: number) => string): string;
  eachOut(line: (j: number) => string): string;
}

/** sum[kx, c] += v[x + kx, c] dY[x] for all pixels of a strip. */
function stripOfProducts(options: CodeOptions, { eachSum, eachOut }: Each): string {
  const { kernelSize, inGroups, outGroups, inVectors, outVectors, hasNeighbors } = options;
  const pad = (kernelSize - 1) / 2;
  const inQuads = inGroups * inVectors;
  const outQuads = outGroups * outVectors;
  const eachIn = (line: (u: number) => string) => unrolled(inVectors, line);
  // What lies beside a whole row is zero.
  const isInside = (x: number) => hasNeighbors || (x >= 0 && x < STRIP);
  const v = (x: number, u: number) => `v${x < 0 ? "Before" : x < STRIP ? x : "Behind"}_${u}`;
  return `
        let column = (firstStrip + i) % uniforms.stripsPerRow;
        ${
          pad > 0 && hasNeighbors
            ? `let numBefore = i32(column > 0);
        let numBehind = i32(column < uniforms.stripsPerRow - 1);`
            : ""
        }
        ${eachIn(
          (
            u,
          ) => `let strip${u} = (i + ky * uniforms.stripsPerRow) * ${inQuads} + inGroup + ${u * inGroups};
        ${unrolled(STRIP, (x) => `let v${x}_${u} = pixels[strip${u}][${x}];`)}
        ${
          pad > 0 && hasNeighbors
            ? `let vBefore_${u} = select(vec4<f32>(0.0), pixels[strip${u} - ${inQuads} * numBefore][${STRIP - 1}], numBefore > 0);
        let vBehind_${u} = select(vec4<f32>(0.0), pixels[strip${u} + ${inQuads} * numBehind][0], numBehind > 0);`
            : ""
        }`,
        )}
        ${eachOut((j) => `let slope${j} = i * ${outQuads} + outGroup + ${j * outGroups};`)}
        ${unrolled(
          STRIP,
          (x) => `{
          ${eachOut((j) => `let d${j} = slopes[slope${j}][${x}];`)}
          ${eachSum((sum, kx, u, c, j) =>
            isInside(x + kx - pad) ? `${sum} += ${v(x + kx - pad, u)}[${c}] * d${j};` : "",
          )}
        }`,
        )}`;
}

/** WGSL of `readPixel(place, c)`: the channels 4c to 4c + 3 of all inputs together. */
function pixelReader({ inWidth, numInputs, resample }: CodeOptions): string {
  const isOutside = "place < 0 || place >= uniforms.numPlaces";
  if (numInputs === 1) {
    return `${rowReader("readFirst", "x0", inWidth, sourcePlace(resample, "row"))}
fn readPixel(place: i32, c: i32) -> vec4<f32> {
  if (${isOutside}) { return vec4<f32>(0.0); }
  return readFirst(place, uniforms.numIn, c);
}`;
  }
  const numSecond = "(uniforms.numIn - uniforms.firstIn)";
  if (inWidth === 4) {
    return `${rowReader("readFirst", "x0", 4, sourcePlace(resample, "row"))}
${rowReader("readSecond", resample ? "x0" : "x1", 4, sourcePlace(resample, "row", 1))}
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
