/** Both kinds of attention, put together from their programs. */

import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Attention } from "./attention.ts";
import { conv } from "./conv.ts";
import { convKernelGradient } from "./convKernelGradient.ts";
import {
  fullAttentionOutput,
  fullAttentionStatistics,
  fullMemoryGradient,
  fullQkvGradient,
} from "./fullAttention.ts";
import type { KernelCall } from "./kernelCall.ts";
import {
  context,
  contextGradient,
  keyStatistics,
  linearAttentionOutput,
  linearMemoryGradient,
  linearQkvGradient,
  queryStatistics,
} from "./linearAttention.ts";

export function attend(call: KernelCall): TensorInfo {
  const attention = projected(call);
  const output = isFull(call) ? fullAttentionOutput(attention) : linearOutput(call, attention);
  call.dispose([attention.qkv]);
  return output;
}

/** Of x, the projection (in parts) and the memory (in parts). */
export function attendGradient(call: KernelCall): TensorInfo[] {
  const { backend } = call;
  const { x, qkvKernel: kernel } = call.inputs("x", "qkvKernel");
  const attention = projected(call);
  const gradients = isFull(call) ? fullGradients : linearGradients;
  const { dQkv, dMemory } = gradients(call, attention);
  const dX = conv({
    backend,
    inputs: [dQkv],
    kernel,
    addend: call.optional("addend"),
    numOut: x.shape[3] as number,
    isTurned: true,
    firstOut: 0,
  });
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
  const kernel = call.input("qkvKernel");
  const qkv = conv({
    backend,
    inputs: [call.input("x")],
    kernel,
    numOut: kernel.shape[3] as number,
    isTurned: false,
    firstOut: 0,
  });
  return { backend, qkv, memory: call.input("memoryKeyValues") };
}

function linearOutput(call: KernelCall, attention: Attention): TensorInfo {
  const keys = keyStatistics(attention);
  const contexts = context(attention, keys);
  const output = linearAttentionOutput(attention, contexts);
  call.dispose([keys, contexts]);
  return output;
}

function linearGradients(call: KernelCall, attention: Attention) {
  const { y: out, dy: dOut } = call.inputs("y", "dy");
  const keys = keyStatistics(attention);
  const contexts = context(attention, keys);
  const statistics = queryStatistics(attention, { out, dOut });
  const dContexts = contextGradient(attention, { statistics, dOut });
  const known = { keyStatistics: keys, contexts, dContexts };
  const dQkv = linearQkvGradient(attention, { ...known, statistics, dOut });
  const dMemory = linearMemoryGradient(attention, known);
  call.dispose([keys, contexts, statistics, dContexts]);
  return { dQkv, dMemory };
}

function fullGradients(call: KernelCall, attention: Attention) {
  const dOut = call.input("dy");
  const statistics = fullAttentionStatistics(attention, dOut);
  const dQkv = fullQkvGradient(attention, { statistics, dOut });
  const dMemory = fullMemoryGradient(attention, { statistics, dOut });
  call.dispose([statistics]);
  return { dQkv, dMemory };
}
