/**
 * Tensors stored as 16-bit floats, two to a number of the buffer. Every WebGPU device packs and unpacks these,
 * without `shader-f16`, since nothing is computed in 16 bits. Code of programs is written for 32-bit floats; its
 * loads and stores are converted here.
 */

import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { type TensorInfo, util } from "@tensorflow/tfjs-core";

/** By their data, which reshaped tensors share. */
const halves = new WeakSet<object>();

export function isHalf({ dataId }: Pick<TensorInfo, "dataId">): boolean {
  return halves.has(dataId);
}

/** Bytes of each number in the tensor's buffer. Other types than halves all have 4. */
export function numberBytes(tensor: Pick<TensorInfo, "dataId">): number {
  return isHalf(tensor) ? 2 : 4;
}

/** @param shape of a multiple of 4 numbers */
export function makeHalfTensor(backend: WebGPUBackend, shape: number[]): TensorInfo {
  const tensor = backend.makeTensorInfo(shape, "float32");
  halves.add(tensor.dataId);
  return tensor;
}

/** Gives a tensor of halves its buffer: TensorFlow.js would make one for 32-bit floats. */
export function allocateHalf(backend: WebGPUBackend, { dataId, shape }: TensorInfo): void {
  const data = backend.tensorMap.get(dataId);
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  data.resource ??= backend.bufferManager.acquireBuffer(2 * util.sizeFromShape(shape), usage);
}

/**
 * Has TensorFlow.js' own programs and reads get 32-bit floats of tensors of halves.
 *
 * @param expand a tensor with the same numbers as 32-bit floats
 */
export function expandForOthers(
  backend: WebGPUBackend,
  expand: (tensor: TensorInfo) => TensorInfo,
): void {
  const runProgram = backend.runWebGPUProgram.bind(backend);
  backend.runWebGPUProgram = (program, inputs, ...rest) => {
    const expanded = inputs.map((tensor) => (isHalf(tensor) ? expand(tensor) : tensor));
    const result = runProgram(program, expanded, ...rest);
    for (const [i, tensor] of expanded.entries()) {
      if (tensor !== inputs[i]) backend.disposeData(tensor.dataId);
    }
    return result;
  };
  const read = backend.read.bind(backend);
  backend.read = async (dataId) => {
    if (!halves.has(dataId)) return read(dataId);
    const { shape } = backend.tensorMap.get(dataId);
    const expanded = expand({ dataId, shape, dtype: "float32" });
    const values = await read(expanded.dataId);
    backend.disposeData(expanded.dataId);
    return values;
  };
}

/** WGSL's type of an element of a buffer of halves that the code reads or writes by the width. */
export const HALF_TYPES: Record<1 | 4, string> = { 1: "u32", 4: "vec2<u32>" };

/**
 * What no half can be, beyond 65,504 (0x477fe000), infinite or not a number, is stored as infinity. WGSL leaves to the device
 * what `pack2x16float` makes of it, and that might be a number. Clamped, an overflow would stay hidden as well; from
 * infinity the loss becomes infinite or not a number, by which training notices. Bits are compared, since compilers may
 * take it for granted that floats are finite.
 */
const CONVERSIONS = `
fn unpackHalves(halves: vec2<u32>) -> vec4<f32> {
  return vec4<f32>(unpack2x16float(halves.x), unpack2x16float(halves.y));
}
fn packPair(values: vec2<f32>) -> u32 {
  let isBeyond = (bitcast<vec2<u32>>(values) & vec2<u32>(0x7fffffffu)) > vec2<u32>(0x477fe000u);
  let infinities = select(vec2<u32>(0u), vec2<u32>(0x7c00u, 0x7c000000u), isBeyond);
  return pack2x16float(select(values, vec2<f32>(0.0), isBeyond)) | infinities.x | infinities.y;
}
fn packHalves(values: vec4<f32>) -> vec2<u32> {
  return vec2<u32>(packPair(values.xy), packPair(values.zw));
}`;

/**
 * The code with every access to these buffers converted.
 *
 * @param read with the width by which the code reads them
 * @param written by 4
 */
export function withHalves(
  code: string,
  { read, written }: Record<"read" | "written", readonly { name: string; width: 1 | 4 }[]>,
): string {
  if (read.length + written.length === 0) return code;
  let converted = code;
  for (const { name, width } of read) {
    converted = replaceAccesses(converted, name, (index) =>
      width === 4 ? `unpackHalves(${name}[${index}])` : `${name}At(i32(${index}))`,
    );
  }
  for (const { name } of written) {
    const store = new RegExp(`\\b${name}\\[([^;]*?)\\]\\s*=\\s([^;]*);`, "g");
    converted = converted.replace(store, `${name}[$1] = packHalves($2);`);
  }
  const scalarReads = read.flatMap(({ name, width }) =>
    width === 1
      ? `
fn ${name}At(i: i32) -> f32 { return unpack2x16float(${name}[i / 2])[i % 2]; }`
      : [],
  );
  return [converted, CONVERSIONS, ...scalarReads].join("");
}

/** Replaces every `name[index]`, also those within the index of another. */
function replaceAccesses(code: string, name: string, replace: (index: string) => string): string {
  const parts: string[] = [];
  let from = 0;
  for (const { index: at } of code.matchAll(new RegExp(`\\b${name}\\[`, "g"))) {
    if (at < from) continue;
    const start = at + name.length + 1;
    const end = closingBracket(code, start);
    const index = replaceAccesses(code.slice(start, end), name, replace);
    parts.push(code.slice(from, at), replace(index));
    from = end + 1;
  }
  return parts.join("") + code.slice(from);
}

function closingBracket(code: string, start: number): number {
  let depth = 1;
  for (let at = start; at < code.length; at++) {
    if (code[at] === "[") depth++;
    else if (code[at] === "]" && --depth === 0) return at;
  }
  throw new Error("A bracket is not closed.");
}
