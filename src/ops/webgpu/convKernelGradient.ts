import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { run, unrolled, vectorType, type Width, widthOf } from "./program.ts";
import { sumParts } from "./sumParts.ts";

/** Invocations that keep an adapter busy; the rows of the batch are split until there are as many. */
const MIN_INVOCATIONS = 2048;

export interface KernelGradient {
  backend: WebGPUBackend;
  /** `[B, H, W, C]`. */
  x: TensorInfo;
  /** `[B, H, W, C_out]`. */
  dy: TensorInfo;
  kernelSize: number;
}

/** dL/dK of a convolution with stride 1 that keeps the image size; `[k, k, C, C_out]`. */
export function convKernelGradient(gradient: KernelGradient): TensorInfo {
  const { backend, x, dy, kernelSize } = gradient;
  const parts = convKernelGradientParts(gradient);
  const [numIn, numOut] = [x.shape[3] as number, dy.shape[3] as number];
  const sum = sumParts(backend, parts, [kernelSize, kernelSize, numIn, numOut]);
  backend.disposeData(parts.dataId);
  return sum;
}

/**
 * The same as sums over parts of the batch:
 * K[ky, kx, c, o] = sum over b, y, x of X[b, y + ky - p, x + kx - p, c] dY[b, y, x, o]. Each invocation
 * keeps the sums of one row of the kernel for up to 4 x 8 channels in registers.
 *
 * @returns `[parts, k, k, C, C_out]`, to be summed over the parts
 */
function convKernelGradientParts({ backend, x, dy, kernelSize }: KernelGradient): TensorInfo {
  const [numImages, height, width, numIn] = x.shape as [number, number, number, number];
  const numOut = dy.shape[3] as number;
  const inWidth = widthOf(numIn);
  const outWidth = widthOf(numOut);
  const numVectors = numOut % 8 === 0 ? 2 : 1;
  const inBlocks = numIn / inWidth;
  const outBlocks = numOut / (outWidth * numVectors);
  const numRows = numImages * height;
  const tasks = kernelSize * inBlocks * outBlocks;
  const numParts = Math.min(numRows, Math.ceil(MIN_INVOCATIONS / tasks));
  const shape = { kernelSize, inWidth, outWidth, numVectors };
  return run(backend, {
    name: "convKernelGradient",
    variant: JSON.stringify(shape),
    inputs: [
      { name: "x", tensor: x, width: inWidth },
      { name: "dy", tensor: dy, width: outWidth },
    ],
    uniforms: {
      inBlocks,
      outBlocks,
      numRows,
      rowsPerPart: Math.ceil(numRows / numParts),
      numParts,
      height,
      width,
      numIn,
      numOut,
    },
    outputShape: [numParts, kernelSize ** 2, numIn, numOut],
    outputWidth: outWidth,
    numInvocations: tasks * numParts,
    code: code(shape),
  });
}

interface Shape {
  kernelSize: number;
  inWidth: Width;
  outWidth: Width;
  numVectors: number;
}

function code({ kernelSize, inWidth, outWidth, numVectors }: Shape): string {
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
  return x[(row * uniforms.width + column) * uniforms.inBlocks + block];
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
      ${each((kx, c, j) => `sum${kx}_${c}_${j} += v${kx}${lane(c)} * d${j};`)}
    }
  }
  ${each(
    (kx, c, j) =>
      `result[((part * ${kernelSize ** 2} + ky * ${kernelSize} + ${kx}) * uniforms.numIn + inBlock * ${inWidth} + ${c}) * outs + outBlock + ${j}] = sum${kx}_${c}_${j};`,
  )}
}`;
}
