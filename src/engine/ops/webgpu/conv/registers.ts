import { unrolled } from "../program.ts";
import { vectorType, type Width } from "../programSource.ts";
import { STRIP } from "../tuning.ts";
import { type ConvCode, type ConvSizes, type ConvTiles, sourcePlace, storing } from "./sizes.ts";

/**
 * Convolution with stride 1 that keeps the image size, in register tiles without barriers: each
 * invocation computes 7 neighboring pixels in 8 channels, and reads each pixel of a row once for all
 * columns of the kernel. Adapters in software are faster with these: llvmpipe reaches 6.8 GFLOP/s at 28 x 28 x 32 to 32
 * and batch 8, with workgroup tiles 3.8.
 */
export function registerTiles(sizes: ConvSizes): ConvTiles {
  const { numImages, height, width, channels, inWidth, numOut, outWidth } = sizes;
  const numVectors = numOut % 8 === 0 ? 2 : 1;
  const numBlocks = Math.ceil(numOut / (outWidth * numVectors));
  const numTiles = Math.ceil(width / STRIP);
  const numRows = numImages * height;
  return {
    name: "convRegisters",
    inWidths: channels.map(() => inWidth),
    variant: [numVectors],
    uniforms: { numBlocks, numTiles, numRows },
    numInvocations: numRows * numTiles * numBlocks,
    code: () => convCode({ ...sizes, numVectors }),
  };
}

interface CodeOptions extends ConvCode {
  inWidth: Width;
  numVectors: number;
}

function convCode(options: CodeOptions): string {
  const { kernelSize, outWidth, numVectors, numInputs, hasBias } = options;
  const pad = (kernelSize - 1) / 2;
  const outType = vectorType(outWidth);
  const start = (j: number) => (hasBias ? `bias[min(block + ${j}, last)]` : `${outType}(0.0)`);
  const store = (i: number, j: number) => `store(first + ${i}, block + ${j}, sum${i}_${j});`;
  const element = (name: string, row: string, length: string, c: string) =>
    `${name}[${row} * (${length} / ${outWidth}) + ${c}]`;
  return `
fn store(place: i32, c: i32, sum: ${outType}) {
  ${storing(options, {
    write: (name, row, length, c, value) => `${element(name, row, length, c)} = ${value};`,
    read: element,
  })}
}
fn main(index: i32) {
  let block = (index % uniforms.numBlocks) * ${numVectors};
  let tile = index / uniforms.numBlocks;
  let left = (tile % uniforms.numTiles) * ${STRIP};
  let row = tile / uniforms.numTiles;
  if (row >= uniforms.numRows) { return; }
  let y = row % uniforms.height;
  let last = uniforms.numOut / ${outWidth} - 1;
  ${unrolled(STRIP, (i) => unrolled(numVectors, (j) => `var sum${i}_${j} = ${start(j)};`))}
  for (var ky = 0; ky < ${kernelSize}; ky++) {
    let inputRow = row + ky - ${pad};
    if (y + ky < ${pad} || y + ky - ${pad} >= uniforms.height) { continue; }
    var firstIn = 0;
    ${unrolled(numInputs, (input) => inputLoop(input, options))}
  }
  let first = row * uniforms.width + left;
  ${unrolled(
    STRIP,
    (i) => `if (left + ${i} < uniforms.width) { ${unrolled(numVectors, (j) => store(i, j))} }`,
  )}
}`;
}

/** Adds what one of the concatenated inputs contributes through one row of the kernel. */
function inputLoop(input: number, options: CodeOptions): string {
  const { kernelSize, inWidth, isTurned } = options;
  const resample = isTurned ? undefined : options.resample;
  const pad = (kernelSize - 1) / 2;
  const inType = vectorType(inWidth);
  const source = `x${resample ? 0 : input}[${sourcePlace(resample, "place", input)} * depth + c]`;
  return `{
    let depth = uniforms.channels${input} / ${inWidth};
    for (var c = 0; c < depth; c++) {
      ${unrolled(STRIP + kernelSize - 1, (i) => `var v${i} = ${inType}(0.0);`)}
      ${unrolled(
        STRIP + kernelSize - 1,
        (i) => `{
          let column = left + ${i - pad};
          let place = inputRow * uniforms.width + column;
          if (column >= 0 && column < uniforms.width) { v${i} = ${source}; }
        }`,
      )}
      ${unrolled(kernelSize, (kx) => (options.isTurned ? turnedTap(kx, options) : tap(kx, options)))}
    }
    firstIn += uniforms.channels${input};
  }`;
}

/** sum[i] += v[i + kx][c] K[ky, kx, c, :]. */
function tap(kx: number, { kernelSize, inWidth, outWidth, numVectors }: CodeOptions): string {
  const lane = (c: number) => (inWidth === 4 ? `[${c}]` : "");
  return unrolled(
    inWidth,
    (c) => `{
      let tapRow = (ky * ${kernelSize} + ${kx}) * uniforms.kernelIn + firstIn + c * ${inWidth} + ${c};
      let at = tapRow * (uniforms.kernelOut / ${outWidth}) + block;
      ${unrolled(numVectors, (j) => `let k${j} = kernel[at + ${j}];`)}
      ${unrolled(STRIP, (i) =>
        unrolled(numVectors, (j) => `sum${i}_${j} += v${i + kx}${lane(c)} * k${j};`),
      )}
    }`,
  );
}

/** sum[i][o] += v[i + kx] . K[k - 1 - ky, k - 1 - kx, o, :]. */
function turnedTap(kx: number, { kernelSize, inWidth, outWidth, numVectors }: CodeOptions): string {
  const product = (i: number) => (inWidth === 4 ? `dot(v${i + kx}, k)` : `v${i + kx} * k`);
  const lane = (o: number) => (outWidth === 4 ? `[${o}]` : "");
  return unrolled(numVectors, (j) =>
    unrolled(
      outWidth,
      (o) => `{
        let out = uniforms.firstOut + (block + ${j}) * ${outWidth} + ${o};
        let tap = (${kernelSize - 1} - ky) * ${kernelSize} + ${kernelSize - 1 - kx};
        let tapRow = tap * uniforms.kernelIn + out;
        let k = kernel[tapRow * (uniforms.kernelOut / ${inWidth}) + firstIn / ${inWidth} + c];
        ${unrolled(STRIP, (i) => `sum${i}_${j}${lane(o)} += ${product(i)};`)}
      }`,
    ),
  );
}
