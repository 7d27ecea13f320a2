import { unrolled, widthOf } from "../program.ts";
import type { Width } from "../programSource.ts";
import { rowReader, rowWriter } from "../rows.ts";
import { type ConvTile, convTile, MAX_STRIPS_PER_ROW, STRIP, type Tuning } from "../tuning.ts";
import { type ConvCode, type ConvSizes, type ConvTiles, sourcePlace, storing } from "./sizes.ts";

/** Output channels of a workgroup, at most. */
const MAX_OUT = 32;

/** Strips of a workgroup times their channels in fours: 7 KB, which leaves room for neighboring rows and the kernel. */
const MAX_STRIP_QUADS = 64;

/**
 * Convolution in workgroup memory, a matrix product of pixels by channels. An invocation computes a strip,
 * 7 neighbors of a row, in 4 or 8 channels; a workgroup some rows of strips in up to 32 channels. Of each
 * block of input channels it fetches the pixels once, with the rows that the kernel reaches above and
 * below, and the kernel row by row. For such a row of 3 x 3 an invocation reads 9 pixels, not 3 times 7.
 * A turned kernel is transposed on its way into workgroup memory, so dL/dx is the same loop.
 *
 * The inner indices of both arrays are constants: browsers clamp all others, each with an address of its own.
 *
 * With strips, a load from workgroup memory serves 20 multiply-adds where it served 10.7 before. By AMD's compiler (navi31)
 * 88 % of the inner loop's instructions are multiply-adds, where it was 51, in 132 registers instead of 252.
 */
export function workgroupTiles(sizes: ConvSizes, tuning: Tuning): ConvTiles {
  const { numImages, height, width, kernelSize, numOut, channels } = sizes;
  const numPlaces = numImages * height * width;
  const stripsPerRow = kernelSize === 1 ? 1 : width / STRIP;
  const numOutTiles = Math.ceil(numOut / MAX_OUT);
  const sharesOf = (tile: ConvTile) => {
    const outGroups = Math.ceil(numOut / (4 * tile.outVectors * numOutTiles));
    // Whole rows of strips, so that a workgroup begins with the first of one.
    const numStrips = Math.min(
      MAX_STRIP_QUADS / tile.depth,
      4 * Math.floor(tile.invocations / (4 * outGroups)),
    );
    return { ...tile, outGroups, numStrips };
  };
  const numWorkgroups = ({ numStrips }: { numStrips: number }) =>
    numOutTiles * Math.ceil(numPlaces / (STRIP * numStrips));
  const tile = sharesOf(convTile(tuning, sizes, (of) => numWorkgroups(sharesOf(of))));
  const { outVectors, depth, outGroups, numStrips } = tile;
  const inWidths = channels.map(widthOf);
  const blocks = channels.map((count) => Math.ceil(count / (4 * depth)));
  const hasNeighbors = stripsPerRow > 1;
  const workgroupSize = outGroups * numStrips;
  return {
    name: "convWorkgroup",
    inWidths,
    variant: [
      Number(hasNeighbors),
      outVectors,
      depth,
      outGroups,
      numStrips,
      Number(tile.pixels === "scalars"),
    ],
    uniforms: {
      stripsPerRow,
      numPlaces,
      numOutTiles,
      firstBlocks: blocks[0] as number,
      numBlocks: blocks.reduce((sum, count) => sum + count, 0),
    },
    numInvocations: workgroupSize * numWorkgroups(tile),
    workgroupSize,
    code: () => convCode({ ...sizes, ...tile, hasNeighbors, inWidths }),
  };
}

interface CodeOptions extends ConvCode, Pick<ConvTile, "outVectors" | "depth" | "pixels"> {
  /** Whether a row has more than one strip, so that the kernel reaches from one into the next. */
  hasNeighbors: boolean;
  /** Invocations side by side along the output's channels. */
  outGroups: number;
  numStrips: number;
  inWidths: Width[];
}

function convCode(options: CodeOptions): string {
  const { kernelSize, outVectors, depth, outGroups, numStrips, hasNeighbors } = options;
  const { inWidths, kernelWidth, outWidth, numInputs, isTurned, hasBias, resample } = options;
  const size = outGroups * numStrips;
  const pad = (kernelSize - 1) / 2;
  const outQuads = outGroups * outVectors;
  // With the rows above and below.
  const allStrips = numStrips + 2 * pad * (hasNeighbors ? MAX_STRIPS_PER_ROW : 1);
  // One more than is used for each vector, so that neighbors' weights lie in different banks.
  const numWeights = outVectors * (4 * kernelSize + 1);
  const eachSum = (line: (i: number, j: number) => string) =>
    unrolled(STRIP, (i) => unrolled(outVectors, (j) => line(i, j)));
  return `
var<workgroup> pixels: array<array<vec4<f32>, ${STRIP}>, ${depth * allStrips}>;
var<workgroup> weights: array<array<vec4<f32>, ${numWeights}>, ${depth * outGroups}>;
${inWidths
  .map((width, i) => {
    const [buffer, place] = isTurned
      ? [`x${i}`]
      : [resample ? "x0" : `x${i}`, sourcePlace(resample, "row", i)];
    return rowReader(`read${i}`, buffer as string, width, place);
  })
  .join("")}
${rowReader("readKernel", "kernel", kernelWidth)}
${hasBias ? rowReader("readBias", "bias", outWidth) : ""}
${options.hasAddend ? rowReader("read_addend", "addend", outWidth) : ""}
${options.hasSecondAddend ? rowReader("read_addend1", "addend1", outWidth) : ""}
${rowWriter("write_result", "result", outWidth)}
${options.hasTwoResults ? rowWriter("write_result1", "result1", outWidth) : ""}

fn store(place: i32, c: i32, sum: vec4<f32>) {
  if (place >= uniforms.numPlaces) { return; }
  ${storing(options, {
    write: (name, ...given) => `write_${name}(${given.join(", ")});`,
    read: (name, ...given) => `read_${name}(${given.join(", ")})`,
  })}
}

fn main(group: i32, local: i32) {
  let firstStrip = (group / uniforms.numOutTiles) * ${numStrips};
  let outTile = (group % uniforms.numOutTiles) * ${outQuads};
  let outGroup = local % ${outGroups};
  let own = local / ${outGroups};
  let column = own % uniforms.stripsPerRow;
  ${
    hasNeighbors
      ? `let numBefore = i32(column > 0);
  let numBehind = i32(column < uniforms.stripsPerRow - 1);`
      : ""
  }
  let y = ((firstStrip + own) / uniforms.stripsPerRow) % uniforms.height;
  let reach = ${pad} * uniforms.stripsPerRow;
  ${unrolled(
    outVectors,
    (j) =>
      `let start${j} = ${hasBias ? `readBias(0, uniforms.numOut, outTile + outGroup + ${j * outGroups})` : "vec4<f32>(0.0)"};`,
  )}
  ${eachSum((i, j) => `var sum${i}_${j} = start${j};`)}
  for (var step = 0; step < uniforms.numBlocks; step++) {
    ${
      numInputs === 1
        ? `let length = uniforms.channels0; let firstIn = 0; let block = step * ${depth};`
        : `let isFirst = step < uniforms.firstBlocks;
    let length = select(uniforms.channels1, uniforms.channels0, isFirst);
    let firstIn = select(uniforms.channels0, 0, isFirst);
    let block = select(step - uniforms.firstBlocks, step, isFirst) * ${depth};`
    }
    for (var ky = 0; ky < ${kernelSize}; ky++) {
      workgroupBarrier();
      if (ky == 0) {
        for (var i = u32(local); i < u32(${depth * STRIP} * (${numStrips} + 2 * reach)); i += ${size}u) {
          let c = i % ${depth}u;
          let at = i / ${depth}u;
          let place = ${STRIP} * (firstStrip - reach) + i32(at);
          var pixel = vec4<f32>(0.0);
          if (place >= 0 && place < uniforms.numPlaces) {
            ${
              numInputs === 1
                ? "pixel = read0(place, length, block + i32(c));"
                : `if (isFirst) { pixel = read0(place, length, block + i32(c)); }
            else { pixel = read1(place, length, block + i32(c)); }`
            }
          }
          pixels[c * ${allStrips}u + at / ${STRIP}u][at % ${STRIP}u] = pixel;
        }
      }
      ${isTurned ? stageTurnedKernel(options) : stageKernel(options)}
      workgroupBarrier();
      let line = y + ky - ${pad};
      if (line >= 0 && line < uniforms.height) {
        ${
          options.pixels === "vectors"
            ? `for (var c = 0; c < ${depth}; c++) {`
            : `for (var channel = 0; channel < ${4 * depth}; channel++) {
          let c = channel / 4;
          let lane = channel % 4;`
        }
          let strip = c * ${allStrips} + own + ky * uniforms.stripsPerRow;
          let w = c * ${outGroups} + outGroup;
          ${rowOfProducts(options)}
        }
      }
    }
  }
  let place = ${STRIP} * (firstStrip + own);
  ${eachSum((i, j) => `store(place + ${i}, outTile + outGroup + ${j * outGroups}, sum${i}_${j});`)}
}`;
}

/**
 * sum[x] += v[x + kx][c] K[kx, c, :] for a strip, all columns of the kernel and four input channels; for pixels that are
 * read as scalars, one channel, since compilers unroll a loop of four and then read all four first.
 */
function rowOfProducts(options: CodeOptions): string {
  const { kernelSize, pixels } = options;
  const isScalar = pixels === "scalars";
  const taps = (kx: number) =>
    isScalar ? tapOf(options, kx, "lane", "") : unrolled(4, (c) => tapOf(options, kx, c, `[${c}]`));
  return `${stripOf(options, isScalar ? "[lane]" : "")}
          ${unrolled(kernelSize, taps)}`;
}

/** The pixels of a strip and its two neighbors, `lane` of each. */
function stripOf({ hasNeighbors }: CodeOptions, lane: string): string {
  const zero = lane ? "0.0" : "vec4<f32>(0.0)";
  const neighbors = `
        let before = select(${zero}, pixels[strip - numBefore][${STRIP - 1}]${lane}, numBefore > 0);
        let behind = select(${zero}, pixels[strip + numBehind][0]${lane}, numBehind > 0);`;
  return `${unrolled(STRIP, (x) => `let v${x} = pixels[strip][${x}]${lane};`)}
        ${hasNeighbors ? neighbors : ""}`;
}

function tapOf(
  { kernelSize, outVectors, hasNeighbors }: CodeOptions,
  kx: number,
  c: number | string,
  lane: string,
): string {
  const pad = (kernelSize - 1) / 2;
  // What lies beside a whole row is zero.
  const isInside = (x: number) => hasNeighbors || (x >= 0 && x < STRIP);
  return `{
          ${unrolled(outVectors, (j) => `let k${j} = weights[w][(${4 * kx} + ${c}) * ${outVectors} + ${j}];`)}
          ${unrolled(STRIP, (i) => {
            const x = i + kx - pad;
            if (!isInside(x)) return "";
            const v = x < 0 ? "before" : x < STRIP ? `v${x}` : "behind";
            return unrolled(outVectors, (j) => `sum${i}_${j} += ${v}${lane} * k${j};`);
          })}
        }`;
}

/** K[ky, kx, c, outputs] of the block's input channels, as vectors of four outputs. */
function stageKernel({ kernelSize, outGroups, outVectors, depth, numStrips }: CodeOptions) {
  const outQuads = outGroups * outVectors;
  return `
      for (var i = u32(local); i < ${4 * depth * outQuads}u; i += ${outGroups * numStrips}u) {
        let q = i % ${outQuads}u;
        let c = i / ${outQuads}u;
        let channel = 4 * block + i32(c);
        let w = (c / 4u) * ${outGroups}u + q % ${outGroups}u;
        let first = (c % 4u) * ${outVectors}u + q / ${outGroups}u;
        let row = ky * ${kernelSize} * uniforms.kernelIn + firstIn + channel;
        ${unrolled(
          kernelSize,
          (kx) => `{
          var four = vec4<f32>(0.0);
          if (channel < length) {
            four = readKernel(row + ${kx} * uniforms.kernelIn, uniforms.kernelOut, outTile + i32(q));
          }
          weights[w][first + ${4 * kx * outVectors}u] = four;
        }`,
        )}
      }`;
}

/** The turned kernel, K[last - ky, last - kx, outputs, c], is staged like the other, but transposed, one row at a time. */
function stageTurnedKernel({ kernelSize, outGroups, outVectors, depth, numStrips }: CodeOptions) {
  const outQuads = outGroups * outVectors;
  const last = kernelSize - 1;
  return `
      for (var i = u32(local); i < ${kernelSize * depth * outQuads}u; i += ${outGroups * numStrips}u) {
        let c = i % ${depth}u;
        let q = (i / ${depth}u) % ${outQuads}u;
        let kx = i / ${depth * outQuads}u;
        let out = 4 * (outTile + i32(q));
        let tap = (${last} - ky) * ${kernelSize} + ${last} - i32(kx);
        let row = tap * uniforms.kernelIn + uniforms.firstOut + out;
        let w = c * ${outGroups}u + q % ${outGroups}u;
        let first = kx * ${4 * outVectors}u + q / ${outGroups}u;
        for (var o = 0; o < 4; o++) {
          var four = vec4<f32>(0.0);
          if (out + o < uniforms.numOut) { four = readKernel(row + o, uniforms.kernelOut, block + i32(c)); }
          ${unrolled(4, (lane) => `weights[w][first + ${lane * outVectors}u][o] = four[${lane}];`)}
        }
      }`;
}
