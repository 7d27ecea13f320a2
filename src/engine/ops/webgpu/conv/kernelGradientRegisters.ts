import { unrolled } from "../program.ts";
import { vectorType } from "../programSource.ts";
import { MAX_SERIAL, type Tuning } from "../tuning.ts";
import { type GradientCode, type GradientSizes, type GradientTiles, sourcePlace } from "./sizes.ts";

/** In registers, without barriers: an invocation keeps the sums of one row of the kernel, up to 4 x 8 channels. */
export function gradientRegisterTiles(
  sizes: GradientSizes,
  { minInvocations, tiles }: Tuning,
): GradientTiles {
  const { kernelSize, width, numRows, numIn, inWidth, numOut, outWidth, channels } = sizes;
  const numVectors = numOut % 8 === 0 ? 2 : 1;
  const inBlocks = numIn / inWidth;
  const outBlocks = numOut / (outWidth * numVectors);
  const tasks = kernelSize * inBlocks * outBlocks;
  const mostRows = tiles === "registers" ? numRows : Math.max(1, Math.floor(MAX_SERIAL / width));
  const rowsPerPart = Math.min(mostRows, Math.ceil(numRows / Math.ceil(minInvocations / tasks)));
  const numParts = Math.ceil(numRows / rowsPerPart);
  const firstInBlocks = (channels[0] as number) / inWidth;
  return {
    name: "kernelGradientRegisters",
    variant: [numVectors],
    uniforms: { inBlocks, firstInBlocks, outBlocks, rowsPerPart },
    numParts,
    serialPositions: rowsPerPart * width,
    numInvocations: tasks * numParts,
    code: () => gradientCode(sizes, numVectors),
  };
}

function gradientCode(
  { kernelSize, inWidth, outWidth, numInputs, resample }: GradientCode,
  numVectors: number,
): string {
  const pad = (kernelSize - 1) / 2;
  const inType = vectorType(inWidth);
  const outType = vectorType(outWidth);
  const lane = (c: number) => (inWidth === 4 ? `[${c}]` : "");
  const each = (line: (kx: number, c: number, j: number) => string) =>
    unrolled(kernelSize, (kx) =>
      unrolled(inWidth, (c) => unrolled(numVectors, (j) => line(kx, c, j))),
    );
  return `
fn pixel(row: i32, column: i32, block: i32) -> ${inType} {
  if (column < 0 || column >= uniforms.width) { return ${inType}(0.0); }
  let place = row * uniforms.width + column;
  ${
    numInputs === 1
      ? `return x0[${sourcePlace(resample, "place")} * uniforms.inBlocks + block];`
      : `if (block < uniforms.firstInBlocks) {
    return x0[${sourcePlace(resample, "place")} * uniforms.firstInBlocks + block];
  }
  let numSecond = uniforms.inBlocks - uniforms.firstInBlocks;
  return ${resample ? "x0" : "x1"}[${sourcePlace(resample, "place", 1)} * numSecond + block - uniforms.firstInBlocks];`
  }
}

fn main(index: i32) {
  let outBlock = (index % uniforms.outBlocks) * ${numVectors};
  let rest = index / uniforms.outBlocks;
  let inBlock = rest % uniforms.inBlocks;
  let ky = (rest / uniforms.inBlocks) % ${kernelSize};
  let part = rest / (uniforms.inBlocks * ${kernelSize});
  if (part >= uniforms.numParts) { return; }
  let outs = uniforms.numOut / ${outWidth};
  ${each((kx, c, j) => `var sum${kx}_${c}_${j} = ${outType}(0.0);`)}
  ${unrolled(numVectors, (j) => `var total${j} = ${outType}(0.0);`)}
  let end = min((part + 1) * uniforms.rowsPerPart, uniforms.numRows);
  for (var row = part * uniforms.rowsPerPart; row < end; row++) {
    let y = row % uniforms.height;
    if (y + ky < ${pad} || y + ky - ${pad} >= uniforms.height) { continue; }
    let inputRow = row + ky - ${pad};
    ${unrolled(kernelSize, (kx) => `var v${kx} = pixel(inputRow, ${kx - pad - 1}, inBlock);`)}
    for (var column = 0; column < uniforms.width; column++) {
      ${unrolled(kernelSize - 1, (kx) => `v${kx} = v${kx + 1};`)}
      v${kernelSize - 1} = pixel(inputRow, column + ${kernelSize - 1 - pad}, inBlock);
      let at = (row * uniforms.width + column) * outs + outBlock;
      ${unrolled(numVectors, (j) => `let d${j} = dy[at + ${j}];`)}
      ${unrolled(numVectors, (j) => `total${j} += d${j};`)}
      ${each((kx, c, j) => `sum${kx}_${c}_${j} += v${kx}${lane(c)} * d${j};`)}
    }
  }
  ${each(
    (kx, c, j) =>
      `kernel[((part * ${kernelSize ** 2} + ky * ${kernelSize} + ${kx}) * uniforms.numIn + inBlock * ${inWidth} + ${c}) * outs + outBlock + ${j}] = sum${kx}_${c}_${j};`,
  )}
  // The kernel's middle row is the one that sees every row of dY.
  if (ky == ${pad} && inBlock == 0) {
    ${unrolled(numVectors, (j) => `bias[part * outs + outBlock + ${j}] = total${j};`)}
  }
}`;
}
