/** Both kinds of attention, composed of their programs. */

import type { TensorInfo } from "@tensorflow/tfjs-core";
import { conv, convKernelGradient } from "../conv/conv.ts";
import type { KernelCall } from "../kernelCall.ts";
import type { Attention } from "./attention.ts";
import { fullAttentionGradients, fullAttentionOutput } from "./full.ts";
import { linearAttentionGradients, linearAttentionOutput } from "./linear.ts";

/** `[B, H, W, heads d]` */
export function attend(call: KernelCall): TensorInfo {
  const attention = projected(call);
  const output = isFull(call) ? fullAttentionOutput(attention) : linearAttentionOutput(attention);
  call.dispose([attention.qkv]);
  return output;
}

/** Of x, the projection (in parts) and the memory (in parts). */
export function attendGradient(call: KernelCall): TensorInfo[] {
  const { backend } = call;
  const { x, qkvKernel: kernel, y: out, dy: dOut } = call.inputs("x", "qkvKernel", "y", "dy");
  const attention = projected(call);
  const { dQkv, dMemory } = isFull(call)
    ? fullAttentionGradients(attention, dOut)
    : linearAttentionGradients(attention, { out, dOut });
  const addend = call.optional("addend");
  const turned = { firstOut: 0, numOut: x.shape[3] as number };
  const dX = conv({ backend, inputs: [dQkv], kernel, addend, turned });
  const dKernel = convKernelGradient({ backend, inputs: [x], dy: dQkv, kernelSize: 1 });
  call.dispose([attention.qkv, dQkv, dKernel.bias]);
  return [dX, dKernel.kernel, dMemory];
}

function isFull(call: KernelCall): boolean {
  return call.number("isFull") === 1;
}

/** With the projection of x to queries, keys and values. */
function projected(call: KernelCall): Attention {
  const { backend } = call;
  const { x, qkvKernel: kernel } = call.inputs("x", "qkvKernel");
  const qkv = conv({ backend, inputs: [x], kernel });
  return { backend, qkv, memory: call.input("memoryKeyValues") };
}
