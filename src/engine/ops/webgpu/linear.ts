/** Fully connected layers: small matrices, one invocation for each value or each four. */

import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { ActivationName } from "../kernel.ts";
import { joinSums, splitVector } from "./parameterVector.ts";
import { tableOf } from "./pipelines.ts";
import { disposeAll, type KernelCall, type Output, run, widthOf } from "./program.ts";
import { vectorType, type Width } from "./programSource.ts";
import { byBuffer, nextStart, type SharedBuffer, viewOf } from "./sharedBuffers.ts";

/**
 * WGSL of values and slopes, `valueAt(v)` and `slopeAt(v)`, by name. The error function is Abramowitz and Stegun's 7.1.26, with which
 * TensorFlow.js' backends compute it as well: absolute error below 1.5e-7.
 */
const ACTIVATIONS: Record<ActivationName, string> = {
  silu: `
fn sigmoid(v: f32) -> f32 { return 1.0 / (1.0 + exp(-v)); }
fn valueAt(v: f32) -> f32 { return v * sigmoid(v); }
fn slopeAt(v: f32) -> f32 {
  let s = sigmoid(v);
  return s * (1.0 + v * (1.0 - s));
}`,
  gelu: `
fn phi(v: f32) -> f32 {
  let z = abs(v) * 0.70710678;
  let t = 1.0 / (1.0 + 0.3275911 * z);
  let series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741
    + t * (-1.453152027 + t * 1.061405429))));
  return 0.5 * (1.0 + sign(v) * (1.0 - series * exp(-z * z)));
}
fn valueAt(v: f32) -> f32 { return v * phi(v); }
fn slopeAt(v: f32) -> f32 { return phi(v) + v * 0.39894228 * exp(-0.5 * v * v); }`,
};

/**
 * f(x) W_j + b_j of the layers, `[B, O_j]` each, in one program. Scales and shifts of all blocks are layers of the same
 * input: one program forward and one backward where Assignment would have 15 and 30.
 */
export function linearLayers(call: KernelCall<"LinearLayers">): TensorInfo[] {
  const { backend, inputs } = call;
  const { x } = inputs;
  const { activation } = call.attrs;
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
    variant: String(activation),
    inputs: { x: [x, 1], parameters: [parameters, width], layers: [table, 1, "i32"] },
    outputs: { result: [[size], width] },
    uniforms: { numRows, numIn, numColumns: numColumns / width, numLayers: layers.length },
    numInvocations: (numRows * numColumns) / width,
    work: () => ({
      flops: 2 * numRows * numIn * numColumns,
      unreadBytes: 4 * (util.sizeFromShape(parameters.shape) - (numIn + 1) * numColumns),
    }),
    code: () => `${functions(activation)}${layerSearch(5)}
fn main(index: i32) {
  let row = index / uniforms.numColumns;
  if (row >= uniforms.numRows) { return; }
  let layer = layerOf(index % uniforms.numColumns);
  let column = index % uniforms.numColumns - layers[layer];
  let numOut = layers[layer + 1];
  var at = layers[layer + 2] + column;
  var sum = parameters[layers[layer + 3] + column];
  for (var i = 0; i < uniforms.numIn; i++) {
    sum += valueAt(x[row * uniforms.numIn + i]) * parameters[at];
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
 * Returns the gradient of x where it is asked for, f'(x) times the sum over the layers of dY_j W_j^T, plus the addend,
 * `[B, I]`, and those of each layer's weight and bias. One program computes all dY_j that are in the same buffer.
 */
export function linearLayersGradient(call: KernelCall<"LinearLayersGradient">): TensorInfo[] {
  const { backend, inputs } = call;
  const { x, addend } = inputs;
  const { activation, ofInput } = call.attrs;
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
    const numWeights = ((numIn + 1) * numColumns) / width;
    const ofX: Record<string, Output> = ofInput ? { result: [[numRows, numIn], 1] } : {};
    const { gradients, result } = run<string>(backend, {
      name: "linearLayersGradient",
      variant: `${activation} ${ofInput}`,
      inputs: {
        x: [x, 1],
        dy: [whole, width],
        layers: [layerTable(backend, places, width), 1, "i32"],
        parameters: [parameters, width],
        // In any case, of the same shape: whether there is one is known only when the buffers are.
        addend: [dX ?? x, 1],
      },
      outputs: { gradients: [[size], width, "gradient"], ...ofX },
      uniforms: {
        numRows,
        numIn,
        numColumns: numColumns / width,
        numLayers: parts.length,
        numWeights,
        hasAddend: Number(dX !== undefined),
      },
      numInvocations: numWeights + (ofInput ? numRows * numIn : 0),
      work: () => ({
        flops: 2 * numRows * numIn * numColumns * (ofInput ? 2 : 1),
        serialPositions: numRows,
        unreadBytes:
          4 * (util.sizeFromShape(whole.shape) - numRows * numColumns) +
          4 * (util.sizeFromShape(parameters.shape) - (ofInput ? numIn * numColumns : 0)),
      }),
      code: () => `${functions(activation)}${layerSearch(6)}
fn main(index: i32) {
  if (index >= uniforms.numWeights) { ${ofInput ? "ofInput(index - uniforms.numWeights);" : ""} return; }
  let i = index / uniforms.numColumns;
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
      sum += valueAt(x[row * uniforms.numIn + i]) * dy[at];
      at += numOut;
    }
    gradients[layers[layer + 4] + i * numOut + column] = sum;
  }
}
${
  ofInput
    ? `
fn ofInput(index: i32) {
  let row = index / uniforms.numIn;
  let i = index % uniforms.numIn;
  if (row >= uniforms.numRows) { return; }
  var sum = 0.0;
  for (var layer = 0; layer < 6 * uniforms.numLayers; layer += 6) {
    let numOut = layers[layer + 1];
    let weight = layers[layer + 2] + i * numOut;
    let first = layers[layer + 3] + row * numOut;
    for (var column = 0; column < numOut; column++) {
      sum += ${product(width, "dy[first + column]", "parameters[weight + column]")};
    }
  }
  result[index] = sum * slopeAt(x[index]) + select(0.0, addend[index], uniforms.hasAddend == 1);
}`
    : ""
}`,
    });
    for (const [k, { dWeight, dBias, numOut }] of places.entries()) {
      const j = 2 * (parts[k]?.j ?? 0);
      ofParameters[j] = viewOf(backend, gradients as TensorInfo, dWeight, [numIn, numOut]);
      ofParameters[j + 1] = viewOf(backend, gradients as TensorInfo, dBias, [numOut]);
    }
    disposeAll(backend, [whole, gradients as TensorInfo, ...(dX && dX !== addend ? [dX] : [])]);
    dX = result;
  }
  disposeAll(backend, [parameters]);
  return [...(ofInput && dX ? [dX] : []), ...ofParameters];
}

/** WGSL of the activation and its slope. */
function functions(activation: ActivationName | null): string {
  return activation
    ? ACTIVATIONS[activation]
    : `
fn valueAt(v: f32) -> f32 { return v; }
fn slopeAt(v: f32) -> f32 { return 1.0; }`;
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

/** The tensors of a network lie in one buffer already, see `splitVector`; others are copied into one. */
function inOneBuffer(backend: WebGPUBackend, tensors: readonly TensorInfo[]) {
  const buffersOf = (given: readonly TensorInfo[]) =>
    byBuffer(
      backend,
      given.map((tensor) => ({ tensor })),
    );
  const [buffer, ...others] = buffersOf(tensors);
  if (buffer && others.length === 0) return buffer;
  const lengths = tensors.map(({ shape }) => util.sizeFromShape(shape));
  const inputs = Object.fromEntries(tensors.entries());
  const vector = joinSums({ backend, inputs, attrs: { lengths } });
  const shapes = tensors.map(({ shape }) => shape);
  const copies = splitVector({ backend, inputs: { vector }, attrs: { shapes } });
  const [joined] = buffersOf(copies);
  const wholes = [buffer, ...others].flatMap((some) => some?.whole ?? []);
  disposeAll(backend, [vector, ...copies, ...wholes]);
  return joined as SharedBuffer<{ tensor: TensorInfo }>;
}

/** Rows of numbers, the first of each its layer's first column; all in vectors of the width. */
function layerTable(backend: WebGPUBackend, places: readonly object[], width: Width): GPUBuffer {
  const numbers = places.flatMap((place) => Object.values<number>({ ...place }));
  const values = numbers.map((number) => number / width);
  return tableOf(backend.device, values);
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
