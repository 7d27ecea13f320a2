/** Fully connected layers: small matrices, one invocation for each value or each four. */

import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import { joinSums, splitVector } from "./parameterVector.ts";
import { tableOf } from "./pipelines.ts";
import { disposeAll, type KernelCall, run, vectorType, type Width, widthOf } from "./program.ts";
import { byBuffer, nextStart, type SharedBuffer, viewOf } from "./sharedBuffers.ts";

/** x W + b; `[B, O]`. */
export function linear({ backend, inputs }: KernelCall<"Linear">): TensorInfo {
  const { x, weight, bias } = inputs;
  const [numRows, numIn] = x.shape as [number, number];
  const numOut = weight.shape[1] as number;
  const width = widthOf(numOut);
  return run(backend, {
    name: "linear",
    inputs: { x: [x, 1], weight: [weight, width], bias: [bias, width] },
    outputs: { result: [[numRows, numOut], width] },
    uniforms: { numRows, numIn, numOut: numOut / width },
    numInvocations: (numRows * numOut) / width,
    work: () => ({ flops: 2 * numRows * numIn * numOut }),
    code: () => `
fn main(index: i32) {
  let row = index / uniforms.numOut;
  let column = index % uniforms.numOut;
  if (row >= uniforms.numRows) { return; }
  var sum = bias[column];
  for (var i = 0; i < uniforms.numIn; i++) {
    sum += x[row * uniforms.numIn + i] * weight[i * uniforms.numOut + column];
  }
  result[index] = sum;
}`,
  }).result;
}

/** dY W^T plus the addend; `[B, I]`. */
export function linearInputGradient({ backend, inputs }: KernelCall<"LinearInputGradient">) {
  const { dy, weight, addend } = inputs;
  const [numRows, numOut] = dy.shape as [number, number];
  const numIn = weight.shape[0] as number;
  const width = widthOf(numOut);
  return run(backend, {
    name: "linearInputGradient",
    inputs: { dy: [dy, width], weight: [weight, width], addend: addend && [addend, 1] },
    outputs: { result: [[numRows, numIn], 1] },
    uniforms: { numRows, numIn, numOut: numOut / width },
    numInvocations: numRows * numIn,
    work: () => ({ flops: 2 * numRows * numIn * numOut }),
    code: () => `
fn main(index: i32) {
  let row = index / uniforms.numIn;
  let i = index % uniforms.numIn;
  if (row >= uniforms.numRows) { return; }
  var sum = ${addend ? "addend[index]" : "0.0"};
  for (var column = 0; column < uniforms.numOut; column++) {
    sum += ${product(width, "dy[row * uniforms.numOut + column]", "weight[i * uniforms.numOut + column]")};
  }
  result[index] = sum;
}`,
  }).result;
}

/** X^T dY, `[I, O]`, and the sums of dY over the rows, `[O]`: the bias is a weight of a constant 1. */
export function linearWeightGradient({ backend, inputs }: KernelCall<"LinearWeightGradient">) {
  const { x, dy } = inputs;
  const [numRows, numIn] = x.shape as [number, number];
  const numOut = dy.shape[1] as number;
  const width = widthOf(numOut);
  const { weight, bias } = run(backend, {
    name: "linearWeightGradient",
    inputs: { x: [x, 1], dy: [dy, width] },
    outputs: {
      weight: [[numIn, numOut], width, "gradient"],
      bias: [[numOut], width, "gradient"],
    },
    uniforms: { numRows, numIn, numOut: numOut / width },
    numInvocations: ((numIn + 1) * numOut) / width,
    work: () => ({ flops: 2 * numRows * numIn * numOut, serialPositions: numRows }),
    code: () => `
fn main(index: i32) {
  let i = index / uniforms.numOut;
  let column = index % uniforms.numOut;
  if (i > uniforms.numIn) { return; }
  var sum = ${vectorType(width)}(0.0);
  if (i == uniforms.numIn) {
    for (var row = 0; row < uniforms.numRows; row++) { sum += dy[row * uniforms.numOut + column]; }
    bias[column] = sum;
  } else {
    for (var row = 0; row < uniforms.numRows; row++) {
      sum += x[row * uniforms.numIn + i] * dy[row * uniforms.numOut + column];
    }
    weight[index] = sum;
  }
}`,
  });
  return [weight, bias];
}

/** x W_j + b_j of several layers, `[B, O_j]` each, in one program. */
export function linearLayers(call: KernelCall<"LinearLayers">): TensorInfo[] {
  const { backend, inputs } = call;
  const { x } = inputs;
  const [numRows, numIn] = x.shape as [number, number];
  const { parameters, layers, width } = layersOf(call);
  let [numColumns, size] = [0, 0];
  const places = layers.map(({ numOut, weight, bias }) => {
    const place = { column: numColumns, numOut, weight, bias, y: size };
    numColumns += numOut;
    size = nextStart(size + numRows * numOut);
    return place;
  });
  const table = layerTable(backend, places, width);
  const { result } = run(backend, {
    name: "linearLayers",
    inputs: { x: [x, 1], parameters: [parameters, width], layers: [table, 1, "i32"] },
    outputs: { result: [[size], width] },
    uniforms: { numRows, numIn, numColumns: numColumns / width, numLayers: layers.length },
    numInvocations: (numRows * numColumns) / width,
    work: () => ({
      flops: 2 * numRows * numIn * numColumns,
      unreadBytes: 4 * (util.sizeFromShape(parameters.shape) - (numIn + 1) * numColumns),
    }),
    code: () => `${layerSearch(5)}
fn main(index: i32) {
  let row = index / uniforms.numColumns;
  if (row >= uniforms.numRows) { return; }
  let layer = layerOf(index % uniforms.numColumns);
  let column = index % uniforms.numColumns - layers[layer];
  let numOut = layers[layer + 1];
  var at = layers[layer + 2] + column;
  var sum = parameters[layers[layer + 3] + column];
  for (var i = 0; i < uniforms.numIn; i++) {
    sum += x[row * uniforms.numIn + i] * parameters[at];
    at += numOut;
  }
  result[layers[layer + 4] + row * numOut + column] = sum;
}`,
  });
  const ys = places.map(({ y, numOut }) => viewOf(backend, result, y, [numRows, numOut]));
  disposeAll(backend, [result, parameters]);
  return ys;
}

/**
 * Of x, the sum over the layers of dY_j W_j^T plus the addend, `[B, I]`; and of each layer's weight and bias. Two
 * programs for those dY_j that are in the same buffer.
 */
export function linearLayersGradient(call: KernelCall<"LinearLayersGradient">): TensorInfo[] {
  const { backend, inputs } = call;
  const { x, addend } = inputs;
  const [numRows, numIn] = x.shape as [number, number];
  const { parameters, layers, width } = layersOf(call);
  // The last layer first, whose gradient is the first that there is on the way back.
  const dys = layers.map((layer, j) => ({ ...layer, j, tensor: inputs[`dy${j}`] as TensorInfo }));
  const buffers = byBuffer(backend, dys.toReversed());
  const ofParameters: TensorInfo[] = [];
  let dX = addend;
  for (const { whole, parts } of buffers) {
    let [numColumns, size] = [0, 0];
    const places = parts.map(({ numOut, weight, first }) => {
      const dBias = nextStart(size + numIn * numOut);
      const place = { column: numColumns, numOut, weight, dy: first, dWeight: size, dBias };
      numColumns += numOut;
      size = nextStart(dBias + numOut);
      return place;
    });
    const table = layerTable(backend, places, width);
    const shared = { dy: [whole, width], layers: [table, 1, "i32"] } as const;
    const uniforms = { numRows, numIn, numColumns: numColumns / width, numLayers: parts.length };
    const flops = 2 * numRows * numIn * numColumns;
    const unreadBytes = 4 * (util.sizeFromShape(whole.shape) - numRows * numColumns);
    const { gradients } = run(backend, {
      name: "linearLayersWeightGradient",
      inputs: { x: [x, 1], ...shared },
      outputs: { gradients: [[size], width] },
      uniforms,
      numInvocations: ((numIn + 1) * numColumns) / width,
      work: () => ({ flops, serialPositions: numRows, unreadBytes }),
      code: () => `${layerSearch(6)}
fn main(index: i32) {
  let i = index / uniforms.numColumns;
  if (i > uniforms.numIn) { return; }
  let layer = layerOf(index % uniforms.numColumns);
  let column = index % uniforms.numColumns - layers[layer];
  let numOut = layers[layer + 1];
  var at = layers[layer + 3] + column;
  var sum = ${vectorType(width)}(0.0);
  if (i == uniforms.numIn) {
    for (var row = 0; row < uniforms.numRows; row++) { sum += dy[at]; at += numOut; }
    gradients[layers[layer + 5] + column] = sum;
  } else {
    for (var row = 0; row < uniforms.numRows; row++) {
      sum += x[row * uniforms.numIn + i] * dy[at];
      at += numOut;
    }
    gradients[layers[layer + 4] + i * numOut + column] = sum;
  }
}`,
    });
    const { result } = run(backend, {
      name: "linearLayersInputGradient",
      // With an addend in any case, of the same shape: whether there is one is known only when the buffers are.
      inputs: { parameters: [parameters, width], ...shared, addend: [dX ?? x, 1] },
      outputs: { result: [[numRows, numIn], 1] },
      uniforms: { ...uniforms, hasAddend: Number(dX !== undefined) },
      numInvocations: numRows * numIn,
      work: () => ({
        flops,
        unreadBytes: unreadBytes + 4 * (util.sizeFromShape(parameters.shape) - numIn * numColumns),
      }),
      code: () => `
fn main(index: i32) {
  let row = index / uniforms.numIn;
  let i = index % uniforms.numIn;
  if (row >= uniforms.numRows) { return; }
  var sum = select(0.0, addend[index], uniforms.hasAddend == 1);
  for (var layer = 0; layer < 6 * uniforms.numLayers; layer += 6) {
    let numOut = layers[layer + 1];
    let weight = layers[layer + 2] + i * numOut;
    let first = layers[layer + 3] + row * numOut;
    for (var column = 0; column < numOut; column++) {
      sum += ${product(width, "dy[first + column]", "parameters[weight + column]")};
    }
  }
  result[index] = sum;
}`,
    });
    for (const [k, { dWeight, dBias, numOut }] of places.entries()) {
      const j = 2 * (parts[k]?.j ?? 0);
      ofParameters[j] = viewOf(backend, gradients, dWeight, [numIn, numOut]);
      ofParameters[j + 1] = viewOf(backend, gradients, dBias, [numOut]);
    }
    disposeAll(backend, [whole, gradients, ...(dX && dX !== addend ? [dX] : [])]);
    dX = result;
  }
  disposeAll(backend, [parameters]);
  return [dX as TensorInfo, ...ofParameters];
}

/** All of the buffer that has the layers' parameters, which the caller disposes, and where they begin in it. */
function layersOf({ backend, inputs, attrs }: KernelCall<"LinearLayers">) {
  const indices = Array.from({ length: attrs.numLayers }, (_, j) => j);
  const given = indices.flatMap(
    (j) => [inputs[`weight${j}`], inputs[`bias${j}`]] as [TensorInfo, TensorInfo],
  );
  const { whole: parameters, parts } = inOneBuffer(backend, given);
  const layers = indices.map((j) => ({
    numOut: given[2 * j]?.shape[1] as number,
    weight: parts[2 * j]?.first as number,
    bias: parts[2 * j + 1]?.first as number,
  }));
  const width: Width = layers.every(({ numOut }) => widthOf(numOut) === 4) ? 4 : 1;
  return { parameters, layers, width };
}

/** Those of a network are in one already, see `splitVector`; of others copies are. */
function inOneBuffer(backend: WebGPUBackend, tensors: readonly TensorInfo[]) {
  const [buffer, ...others] = byBuffer(
    backend,
    tensors.map((tensor) => ({ tensor })),
  );
  if (buffer && others.length === 0) return buffer;
  const lengths = tensors.map(({ shape }) => util.sizeFromShape(shape));
  const inputs = Object.fromEntries(tensors.entries());
  const vector = joinSums({ backend, inputs, attrs: { lengths } });
  const copies = splitVector({
    backend,
    inputs: { vector },
    attrs: { shapes: tensors.map(({ shape }) => shape) },
  });
  const [joined] = byBuffer(
    backend,
    copies.map((tensor) => ({ tensor })),
  );
  const wholes = [buffer, ...others].flatMap((some) => some?.whole ?? []);
  disposeAll(backend, [vector, ...copies, ...wholes]);
  return joined as SharedBuffer<{ tensor: TensorInfo }>;
}

/** Rows of numbers, the first of each its layer's first column; all in vectors of the width. */
function layerTable(backend: WebGPUBackend, places: readonly object[], width: Width): GPUBuffer {
  const rows = places.map((place) => Object.values<number>({ ...place }));
  return tableOf(
    backend.device,
    rows.flat().map((number) => number / width),
  );
}

/** WGSL of `layerOf(column)`: where the row of its layer begins in a table of rows of that length. */
function layerSearch(rowLength: number): string {
  return `
fn layerOf(column: i32) -> i32 {
  var low = 0;
  var high = uniforms.numLayers;
  while (high - low > 1) {
    let middle = (low + high) / 2;
    if (layers[${rowLength} * middle] <= column) { low = middle; } else { high = middle; }
  }
  return ${rowLength} * low;
}`;
}

function product(width: Width, a: string, b: string): string {
  return width === 4 ? `dot(${a}, ${b})` : `${a} * ${b}`;
}
