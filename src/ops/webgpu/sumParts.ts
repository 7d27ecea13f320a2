import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { run, vectorType, widthOf } from "./program.ts";

/**
 * Sum over the first axis.
 *
 * @param parts `[n, …]`
 * @param shape of the result, as many values as a part
 */
export function sumParts(backend: WebGPUBackend, parts: TensorInfo, shape: number[]): TensorInfo {
  const size = shape.reduce((product, length) => product * length, 1);
  const width = widthOf(size);
  return run(backend, {
    name: "sumParts",
    variant: String(width),
    inputs: [{ name: "parts", tensor: parts, width }],
    uniforms: { numParts: parts.shape[0] as number, stride: size / width },
    outputShape: shape,
    outputWidth: width,
    numInvocations: size / width,
    code: `
fn main(index: i32) {
  if (index >= uniforms.stride) { return; }
  var sum = ${vectorType(width)}(0.0);
  for (var part = 0; part < uniforms.numParts; part++) {
    sum += parts[part * uniforms.stride + index];
  }
  result[index] = sum;
}`,
  });
}

/**
 * Sums over the rows of a matrix, in two stages: gradients of biases.
 *
 * @param x `[…, C]`
 * @returns `[C]`
 */
export function sumRows(backend: WebGPUBackend, x: TensorInfo): TensorInfo {
  const numColumns = x.shape[x.shape.length - 1] as number;
  const numRows = x.shape.reduce((product, length) => product * length, 1) / numColumns;
  const width = widthOf(numColumns);
  const numParts = Math.ceil(Math.sqrt(numRows));
  const parts = run(backend, {
    name: "sumRows",
    variant: String(width),
    inputs: [{ name: "x", tensor: x, width }],
    uniforms: {
      numRows,
      numColumns: numColumns / width,
      numParts,
      rowsPerPart: Math.ceil(numRows / numParts),
    },
    outputShape: [numParts, numColumns],
    outputWidth: width,
    numInvocations: (numParts * numColumns) / width,
    code: `
fn main(index: i32) {
  let column = index % uniforms.numColumns;
  let part = index / uniforms.numColumns;
  if (part >= uniforms.numParts) { return; }
  let end = min((part + 1) * uniforms.rowsPerPart, uniforms.numRows);
  var sum = ${vectorType(width)}(0.0);
  for (var row = part * uniforms.rowsPerPart; row < end; row++) {
    sum += x[row * uniforms.numColumns + column];
  }
  result[index] = sum;
}`,
  });
  const sums = sumParts(backend, parts, [numColumns]);
  backend.disposeData(parts.dataId);
  return sums;
}
