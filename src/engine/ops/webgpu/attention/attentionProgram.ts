/** What both kinds of attention share: the layout of queries, keys and values. */

import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type Output, type Program, runKept, unrolled, vectors } from "../program.ts";

export interface Attention {
  backend: WebGPUBackend;
  /** Queries, keys and values, each `[heads, d]`, of every position: `[B, H, W, 3 heads d]`. */
  qkv: TensorInfo;
  /** Keys and values in front of those of the image: `[2, heads, M, d]`, d a multiple of 4. */
  memory: TensorInfo;
}

export interface AttentionProgram {
  name: string;
  outputShape: (sizes: Sizes) => number[];
  outputKind?: Output[2];
  /** There is an invocation for each of these in each image, innermost first. */
  indices: readonly (keyof typeof SIZES)[];
  /** Floating-point operations for each image and head. */
  flops: (sizes: Sizes) => number;
  /** What one invocation goes through one after the other: positions, or keys of the memory; 1 when left out. */
  serialPositions?: (sizes: Sizes) => number;
  /** How many of queries, keys and values it reads of `qkv`. */
  numRead: 0 | 1 | 2 | 3;
  /** Functions of `main`. */
  functions?: string;
  /** WGSL of the invocation `index`, with `image` and `indices` as variables. */
  main: (dim4: number) => string;
}

/** How many there are, in WGSL. A row of a head has dim4 = d / 4 blocks of four channels. */
const SIZES = {
  head: "uniforms.heads",
  position: "uniforms.numPositions",
  /** Index of an entry of the memory. */
  at: "uniforms.numMemory",
  block: "dim4",
  columns: "dim4",
  rows: "dim4",
} as const;

export type Sizes = ReturnType<typeof sizesOf>;

export function sizesOf({ qkv, memory }: Attention) {
  const [numImages, height, width] = qkv.shape as [number, number, number];
  const [, heads, numMemory, dimHead] = memory.shape as [number, number, number, number];
  const numPositions = height * width;
  return { numImages, height, width, numPositions, heads, numMemory, dimHead };
}

/** The keys of the learned memory and of the image. */
export function numKeys({ numMemory, numPositions }: Sizes): number {
  return numMemory + numPositions;
}

/**
 * Runs a program for each image. In its code `query`, `key` and `value` give a block of a head's channels;
 * the positions of keys and values count the memory first.
 *
 * @param others inputs besides `qkv`; all are read by vec4
 */
export function runAttention(
  attention: Attention,
  program: AttentionProgram,
  others: Record<string, TensorInfo>,
): TensorInfo {
  const inputs = { qkv: attention.qkv, ...others };
  const given = { name: program.name, inputs, values: attention.memory.shape };
  const [result] = runKept(attention.backend, given, () => composed(attention, program, inputs));
  return result as TensorInfo;
}

function composed(
  attention: Attention,
  program: AttentionProgram,
  tensors: Record<string, TensorInfo>,
): Program {
  const { name, outputShape, indices, functions = "", main } = program;
  const sizes = sizesOf(attention);
  const { numImages, numPositions, heads, numMemory, dimHead } = sizes;
  const dim4 = dimHead / 4;
  const blocks = { block: dim4, columns: dim4, rows: dim4 };
  const counts = { head: heads, position: numPositions, at: numMemory, ...blocks };
  return {
    name,
    variant: String(dimHead),
    inputs: vectors(tensors),
    uniforms: { numImages, numPositions, heads, numMemory },
    outputs: { result: [outputShape(sizes), 4, program.outputKind] },
    numInvocations: indices.reduce((n, i) => n * counts[i], numImages),
    work: () => ({
      flops: numImages * heads * program.flops(sizes),
      serialPositions: program.serialPositions?.(sizes) ?? 1,
      unreadBytes: 4 * (3 - program.numRead) * numImages * heads * numPositions * dimHead,
    }),
    code: () => `
const dim4 = ${dim4};
const scale = ${dimHead ** -0.5};
${accessors("memory" in tensors)}
${functions}
fn main(index: i32) {
  ${places(indices)}
  ${main(dim4)}
}`,
  };
}

/** The variables `indices` and `image` of an invocation. */
function places(indices: AttentionProgram["indices"]): string {
  const sizes = indices.map((name) => SIZES[name]);
  const quotient = (i: number) =>
    i < 2 ? ["index", `index / ${sizes[0]}`][i] : `index / (${sizes.slice(0, i).join(" * ")})`;
  return `
  ${unrolled(indices.length, (i) => `let ${indices[i]} = (${quotient(i)}) % ${sizes[i]};`)}
  let image = ${quotient(indices.length)};
  if (image >= uniforms.numImages) { return; }`;
}

export function accessors(hasMemory: boolean): string {
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
