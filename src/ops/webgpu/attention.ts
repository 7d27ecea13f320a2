/** What both kinds of attention share: the layout of queries, keys and values. */

import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type Program, run } from "./program.ts";

export interface Attention {
  backend: WebGPUBackend;
  /** Queries, keys and values, each `[heads, d]`, of every position: `[B, H, W, 3 heads d]`. */
  qkv: TensorInfo;
  /** Keys and values in front of those of the image: `[2, heads, M, d]`. */
  memory: TensorInfo;
}

export interface AttentionSizes {
  numImages: number;
  numPositions: number;
  heads: number;
  numMemory: number;
  /** d, a multiple of 4. */
  dimHead: number;
}

export function sizesOf({ qkv, memory }: Attention): AttentionSizes {
  const [numImages, height, width] = qkv.shape as [number, number, number];
  const [, heads, numMemory, dimHead] = memory.shape as [number, number, number, number];
  return { numImages, numPositions: height * width, heads, numMemory, dimHead };
}

/**
 * Runs a program whose inputs are all read by vec4. In its code `row` is an array of d / 4 of them,
 * and `query`, `key` and `value` give where such a row begins; keys and values count the memory first.
 */
export function runAttention(
  attention: Attention,
  program: Pick<Program, "name" | "numInvocations"> & {
    inputs: Record<string, TensorInfo>;
    outputShape: number[];
    code: (dim4: number) => string;
  },
): TensorInfo {
  const { numImages, numPositions, heads, numMemory, dimHead } = sizesOf(attention);
  const { name, numInvocations, inputs, outputShape, code } = program;
  return run(attention.backend, {
    name,
    numInvocations,
    variant: String(dimHead),
    inputs: Object.entries(inputs).map(([name, tensor]) => ({ name, tensor, width: 4 })),
    uniforms: { numImages, numPositions, heads, numMemory },
    outputs: { result: { shape: outputShape, width: 4 } },
    code: () => `
const dim4 = ${dimHead / 4};
const scale = ${dimHead ** -0.5};
${"qkv" in inputs ? accessors("memory" in inputs) : ""}
${code(dimHead / 4)}`,
  }).result;
}

function accessors(hasMemory: boolean): string {
  const own = (part: number) =>
    `((image * uniforms.numPositions + position) * 3 + ${part}) * uniforms.heads + head`;
  const ofMemory = (part: number) =>
    `memory[((${part} * uniforms.heads + head) * uniforms.numMemory + position) * dim4 + c]`;
  const keyOrValue = (name: string, part: number) => `
fn ${name}(image: i32, head: i32, at: i32, c: i32) -> vec4<f32> {
  ${hasMemory ? `if (at < uniforms.numMemory) { let position = at; return ${ofMemory(part - 1)}; }` : ""}
  let position = at - uniforms.numMemory;
  return qkv[(${own(part)}) * dim4 + c];
}`;
  return `
fn query(image: i32, head: i32, position: i32, c: i32) -> vec4<f32> {
  return qkv[(${own(0)}) * dim4 + c];
}
${keyOrValue("key", 1)}
${keyOrValue("value", 2)}`;
}

/** Which query an invocation is for, where there is one for each. */
export const PLACE = `
  let head = index % uniforms.heads;
  let position = (index / uniforms.heads) % uniforms.numPositions;
  let image = index / (uniforms.heads * uniforms.numPositions);
  if (image >= uniforms.numImages) { return; }`;
