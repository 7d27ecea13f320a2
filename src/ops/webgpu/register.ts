/** Registers the kernels of this folder with TensorFlow.js' WebGPU backend. */

import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { type NamedTensorInfoMap, registerKernel, type TensorInfo } from "@tensorflow/tfjs-core";
import type { KernelName } from "../kernel.ts";
import type { Attention } from "./attention.ts";
import { convTile } from "./conv.ts";
import { convKernelGradient } from "./convKernelGradient.ts";
import { joinVectors, splitVector } from "./copies.ts";
import {
  fullAttentionOutput,
  fullAttentionStatistics,
  fullMemoryGradient,
  fullQkvGradient,
} from "./fullAttention.ts";
import { linear, linearInputGradient, linearWeightGradient } from "./linear.ts";
import {
  context,
  contextGradient,
  linearAttentionOutput,
  linearMemoryGradient,
  linearQkvGradient,
} from "./linearAttention.ts";
import {
  inverseNorms,
  type Norm,
  normFilmGradient,
  normForward,
  normGainGradient,
  normInputGradient,
  normSums,
} from "./norm.ts";
import { sumParts, sumRows } from "./sumParts.ts";

interface Call {
  backend: WebGPUBackend;
  /** @throws TypeError when the operation did not give it */
  input(name: string): TensorInfo;
  optional(name: string): TensorInfo | undefined;
  attribute(name: string): number;
  numbers(name: string): number[];
  /** All of them, in their order. */
  inputs: TensorInfo[];
}

function register(kernelName: KernelName, kernel: (call: Call) => TensorInfo | TensorInfo[]): void {
  registerKernel({
    kernelName,
    backendName: "webgpu",
    kernelFunc: ({ inputs, backend, attrs }) =>
      kernel({
        backend: backend as WebGPUBackend,
        input: (name) => (inputs as NamedTensorInfoMap)[name] as TensorInfo,
        optional: (name) => (inputs as NamedTensorInfoMap)[name],
        attribute: (name) => attrs?.[name] as number,
        numbers: (name) => attrs?.[name] as number[],
        inputs: Object.values(inputs) as TensorInfo[],
      }),
  });
}

function normOf({ backend, input, optional, attribute }: Call): Norm {
  const hasSilu = attribute("hasSilu") === 1;
  return { backend, x: input("x"), gain: input("gain"), film: optional("film"), hasSilu };
}

/** With the projection of x to queries, keys and values. */
function attentionOf({ backend, input }: Call): Attention {
  const kernel = input("qkvKernel");
  const qkv = convTile({
    backend,
    inputs: [input("x")],
    kernel,
    numOut: kernel.shape[3] as number,
    isTurned: false,
    firstOut: 0,
  });
  return { backend, qkv, memory: input("memoryKeyValues") };
}

function linearGradients(attention: Attention, dOut: TensorInfo) {
  const contexts = context(attention);
  const dContexts = contextGradient(attention, contexts, dOut);
  const dQkv = linearQkvGradient(attention, { contexts, dContexts, dOut });
  const dMemory = linearMemoryGradient(attention, { contexts, dContexts });
  disposeAll(attention.backend, [contexts, dContexts]);
  return { dQkv, dMemory };
}

function fullGradients(attention: Attention, dOut: TensorInfo) {
  const statistics = fullAttentionStatistics(attention, dOut);
  const dQkv = fullQkvGradient(attention, { statistics, dOut });
  const dMemory = fullMemoryGradient(attention, { statistics, dOut });
  disposeAll(attention.backend, [statistics]);
  return { dQkv, dMemory };
}

function disposeAll(backend: WebGPUBackend, tensors: TensorInfo[]): void {
  for (const { dataId } of tensors) backend.disposeData(dataId);
}

export function registerWebgpuKernels(): void {
  register("ConvSame", ({ backend, input, optional }) => {
    const second = optional("x1");
    const kernel = input("kernel");
    return convTile({
      backend,
      inputs: second ? [input("x0"), second] : [input("x0")],
      kernel,
      bias: optional("bias"),
      numOut: kernel.shape[3] as number,
      isTurned: false,
      firstOut: 0,
    });
  });

  register("ConvSameInputGradient", ({ backend, input, attribute }) =>
    convTile({
      backend,
      inputs: [input("dy")],
      kernel: input("kernel"),
      numOut: attribute("numIn"),
      isTurned: true,
      firstOut: attribute("firstIn"),
    }),
  );

  register("ConvSameKernelGradient", ({ backend, input, attribute }) => {
    const kernelSize = attribute("kernelSize");
    return convKernelGradient({ backend, x: input("x"), dy: input("dy"), kernelSize });
  });

  register("RmsNorm", (call) => normForward(normOf(call)));

  register("RmsNormGradient", (call) => {
    const { backend } = call;
    const norm = normOf(call);
    const dy = call.input("dy");
    const inverses = inverseNorms(norm);
    const sums = normSums(norm, dy, inverses);
    const gradients = [normInputGradient(norm, dy), normGainGradient(norm, sums)];
    if (norm.film) gradients.push(normFilmGradient(norm, sums));
    backend.disposeData(inverses.dataId);
    backend.disposeData(sums.dataId);
    return gradients;
  });

  register("Attention", (call) => {
    const attention = attentionOf(call);
    if (call.attribute("isFull") === 1) {
      const output = fullAttentionOutput(attention);
      disposeAll(call.backend, [attention.qkv]);
      return output;
    }
    const contexts = context(attention);
    const output = linearAttentionOutput(attention, contexts);
    disposeAll(call.backend, [attention.qkv, contexts]);
    return output;
  });

  register("AttentionGradient", (call) => {
    const { backend } = call;
    const [x, kernel, dOut] = [call.input("x"), call.input("qkvKernel"), call.input("dy")];
    const attention = attentionOf(call);
    const isFull = call.attribute("isFull") === 1;
    const { dQkv, dMemory } = (isFull ? fullGradients : linearGradients)(attention, dOut);
    const dX = convTile({
      backend,
      inputs: [dQkv],
      kernel,
      numOut: x.shape[3] as number,
      isTurned: true,
      firstOut: 0,
    });
    const dKernel = convKernelGradient({ backend, x, dy: dQkv, kernelSize: 1 });
    disposeAll(backend, [attention.qkv, dQkv]);
    return [dX, dKernel, dMemory];
  });

  register("SplitVector", ({ backend, input, numbers }) =>
    splitVector(backend, input("vector"), numbers("lengths")),
  );

  register("JoinVectors", ({ backend, inputs }) => joinVectors(backend, inputs));

  register("Linear", ({ backend, input }) =>
    linear(backend, { x: input("x"), weight: input("weight"), bias: input("bias") }),
  );

  register("LinearGradient", ({ backend, input, attribute }) => {
    const [x, weight, dy] = [input("x"), input("weight"), input("dy")];
    const ofWeight = linearWeightGradient(backend, x, dy);
    const ofBias = sumParts(backend, dy, [dy.shape[1] as number]);
    if (attribute("needsX") === 0) return [ofWeight, ofBias];
    return [ofWeight, ofBias, linearInputGradient(backend, dy, weight)];
  });

  register("SumRows", ({ backend, input }) => sumRows(backend, input("x")));
}
