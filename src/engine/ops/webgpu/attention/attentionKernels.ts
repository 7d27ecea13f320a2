/** Both kinds of attention, composed of their programs. */

import type { TensorInfo } from "@tensorflow/tfjs-core";
import { conv, kernelGradient } from "../conv/conv.ts";
import { disposeAll, type KernelCall } from "../program.ts";
import type { Attention } from "./attentionProgram.ts";
import { fullAttentionGradients, fullAttentionOutput } from "./full.ts";
import { linearAttentionGradients, linearAttentionOutput } from "./linear.ts";
import { linearTiledGradients } from "./linearTiled/gradient.ts";
import { linearTiledOutput } from "./linearTiled/output.ts";
import { linearTiles } from "./linearTiled/tiles.ts";

/** `[B, H, W, heads d]` */
export function attend(call: KernelCall<"Attention">): TensorInfo {
  const attention = projected(call);
  const outputOf = call.attrs.isFull ? fullAttentionOutput : linearAttentionOutput;
  const output = outputOf(attention);
  disposeAll(call.backend, [attention.qkv]);
  return output;
}

/** The gradients of x, the projection (in parts) and the memory (in parts). */
export function attendGradient(call: KernelCall<"AttentionGradient">): TensorInfo[] {
  const { backend, inputs, attrs } = call;
  const { x, qkvKernel, y: out, dy: dOut, addend } = inputs;
  const attention = projected(call);
  const gradientsOf = attrs.isFull ? fullAttentionGradients : linearAttentionGradients;
  const { dQkv, dMemory } = gradientsOf(attention, { out, dOut });
  const turned = { firstIn: 0, numIn: x.shape[3] as number };
  const dX = conv(backend, { x0: dQkv, kernel: qkvKernel, addend, turned });
  const [dKernel, dBias] = kernelGradient(backend, { x0: x, dy: dQkv, kernelSize: 1 });
  disposeAll(backend, [attention.qkv, dQkv, dBias]);
  return [dX, dKernel, dMemory];
}

/** With the projection of the heads: `[B, H, W, C_out]`, and what the gradient is given. */
export function linearAttention({ backend, inputs }: KernelCall<"LinearAttention">): TensorInfo[] {
  const tiles = linearTiles(backend, inputs);
  if (tiles) return linearTiledOutput(backend, tiles, inputs);
  const heads = attend({ backend, inputs, attrs: { isFull: false } });
  const { outKernel: kernel, outBias: bias } = inputs;
  return [conv(backend, { x0: heads, kernel, bias }), heads];
}

/** The gradients of x, the projection, the memory, the projection of the heads and its bias; the last four in parts. */
export function linearAttentionGradient(call: KernelCall<"LinearAttentionGradient">): TensorInfo[] {
  const { backend, inputs } = call;
  const tiles = linearTiles(backend, inputs);
  if (tiles) return linearTiledGradients(backend, tiles, inputs);
  const { outKernel: kernel, saved: y, dy: dOut } = inputs;
  const turned = { firstIn: 0, numIn: y.shape[3] as number };
  const dy = conv(backend, { x0: dOut, kernel, turned });
  const ofHeads = { ...inputs, y, dy };
  const gradients = attendGradient({ backend, inputs: ofHeads, attrs: { isFull: false } });
  disposeAll(backend, [dy]);
  return [...gradients, ...kernelGradient(backend, { x0: y, dy: dOut, kernelSize: 1 })];
}

/** With the projection of x to queries, keys and values. */
function projected({ backend, inputs }: KernelCall<"Attention">): Attention {
  const { x, qkvKernel: kernel, memoryKeyValues: memory } = inputs;
  return { backend, qkv: conv(backend, { x0: x, kernel }), memory };
}
