/** Registers the kernels of this folder with TensorFlow.js' WebGPU backend. */

import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { type NamedTensorInfoMap, registerKernel, type TensorInfo } from "@tensorflow/tfjs-core";
import type { KernelName } from "../kernel.ts";
import { activation, activationGradient } from "./activations.ts";
import type { Attention } from "./attention.ts";
import { convTile } from "./conv.ts";
import { convKernelGradient } from "./convKernelGradient.ts";
import { splitVector } from "./copies.ts";
import { diffusionLoss } from "./diffusionLoss.ts";
import {
  fullAttentionOutput,
  fullAttentionStatistics,
  fullMemoryGradient,
  fullQkvGradient,
} from "./fullAttention.ts";
import { joinSums } from "./joinSums.ts";
import { linear, linearInputGradient, linearWeightGradient } from "./linear.ts";
import {
  context,
  contextGradient,
  keyStatistics,
  linearAttentionOutput,
  linearMemoryGradient,
  linearQkvGradient,
  queryStatistics,
} from "./linearAttention.ts";
import { type Norm, normForward, normInputGradient, normParameterGradients } from "./norm.ts";
import { adamWMoments, adamWUpdate, globalNorm } from "./optimizer.ts";
import { randomNormals } from "./randomNormals.ts";

interface Call {
  backend: WebGPUBackend;
  /** @throws TypeError when the operation did not give it */
  input(name: string): TensorInfo;
  optional(name: string): TensorInfo | undefined;
  attribute(name: string): number;
  numbers(name: string): number[];
  text(name: string): string;
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
        text: (name) => attrs?.[name] as string,
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

interface OutputGradient {
  out: TensorInfo;
  dOut: TensorInfo;
}

function linearOutput(attention: Attention): TensorInfo {
  const keys = keyStatistics(attention);
  const contexts = context(attention, keys);
  const output = linearAttentionOutput(attention, contexts);
  disposeAll(attention.backend, [keys, contexts]);
  return output;
}

function linearGradients(attention: Attention, { out, dOut }: OutputGradient) {
  const keys = keyStatistics(attention);
  const contexts = context(attention, keys);
  const statistics = queryStatistics(attention, { out, dOut });
  const dContexts = contextGradient(attention, { statistics, dOut });
  const known = { keyStatistics: keys, contexts, dContexts };
  const dQkv = linearQkvGradient(attention, { ...known, statistics, dOut });
  const dMemory = linearMemoryGradient(attention, known);
  disposeAll(attention.backend, [keys, contexts, statistics, dContexts]);
  return { dQkv, dMemory };
}

function fullGradients(attention: Attention, { dOut }: OutputGradient) {
  const statistics = fullAttentionStatistics(attention, dOut);
  const dQkv = fullQkvGradient(attention, { statistics, dOut });
  const dMemory = fullMemoryGradient(attention, { statistics, dOut });
  disposeAll(attention.backend, [statistics]);
  return { dQkv, dMemory };
}

function disposeAll(backend: WebGPUBackend, tensors: TensorInfo[]): void {
  for (const { dataId } of tensors) backend.disposeData(dataId);
}

/** The inputs of a convolution, as if concatenated. */
function convInputs({ input, optional }: Call): TensorInfo[] {
  const second = optional("x1");
  return second ? [input("x0"), second] : [input("x0")];
}

export function registerWebgpuKernels(): void {
  register("ConvSame", (call) => {
    const kernel = call.input("kernel");
    return convTile({
      backend: call.backend,
      inputs: convInputs(call),
      kernel,
      bias: call.optional("bias"),
      addend: call.optional("addend"),
      numOut: kernel.shape[3] as number,
      isTurned: false,
      firstOut: 0,
    });
  });

  register("ConvSameInputGradient", ({ backend, input, optional, attribute }) =>
    convTile({
      backend,
      inputs: [input("dy")],
      kernel: input("kernel"),
      addend: optional("addend"),
      numOut: attribute("numIn"),
      isTurned: true,
      firstOut: attribute("firstIn"),
    }),
  );

  register("ConvSameKernelGradient", (call) => {
    const { backend, input, attribute } = call;
    const kernelSize = attribute("kernelSize");
    const inputs = convInputs(call);
    const { kernel, bias } = convKernelGradient({ backend, inputs, dy: input("dy"), kernelSize });
    return [kernel, bias];
  });

  register("RmsNorm", (call) => normForward(normOf(call), call.optional("addend")));

  register("RmsNormGradient", (call) => {
    const norm = normOf(call);
    const dy = call.input("dy");
    const { result, inverses } = normInputGradient(norm, dy, call.optional("addend"));
    const ofParameters = normParameterGradients(norm, dy, inverses);
    disposeAll(call.backend, [inverses]);
    return [result, ...ofParameters];
  });

  register("Attention", (call) => {
    const attention = attentionOf(call);
    const isFull = call.attribute("isFull") === 1;
    const output = (isFull ? fullAttentionOutput : linearOutput)(attention);
    disposeAll(call.backend, [attention.qkv]);
    return output;
  });

  register("AttentionGradient", (call) => {
    const { backend } = call;
    const [x, kernel] = [call.input("x"), call.input("qkvKernel")];
    const attention = attentionOf(call);
    const isFull = call.attribute("isFull") === 1;
    const gradients = isFull ? fullGradients : linearGradients;
    const { dQkv, dMemory } = gradients(attention, {
      out: call.input("y"),
      dOut: call.input("dy"),
    });
    const dX = convTile({
      backend,
      inputs: [dQkv],
      kernel,
      addend: call.optional("addend"),
      numOut: x.shape[3] as number,
      isTurned: true,
      firstOut: 0,
    });
    const dKernel = convKernelGradient({ backend, inputs: [x], dy: dQkv, kernelSize: 1 });
    disposeAll(backend, [attention.qkv, dQkv, dKernel.bias]);
    return [dX, dKernel.kernel, dMemory];
  });

  register("SplitVector", ({ backend, input, numbers }) =>
    splitVector(backend, input("vector"), numbers("lengths")),
  );

  register("JoinSums", ({ backend, inputs, numbers }) =>
    joinSums(backend, inputs, numbers("lengths")),
  );

  register("Linear", ({ backend, input }) =>
    linear(backend, { x: input("x"), weight: input("weight"), bias: input("bias") }),
  );

  register("LinearWeightGradient", ({ backend, input }) => {
    const { weight, bias } = linearWeightGradient(backend, input("x"), input("dy"));
    return [weight, bias];
  });

  register("LinearInputGradient", ({ backend, input, optional }) =>
    linearInputGradient(backend, {
      dy: input("dy"),
      weight: input("weight"),
      addend: optional("addend"),
    }),
  );

  register("Activation", ({ backend, text, input }) =>
    activation(backend, text("name"), input("x")),
  );

  register("ActivationGradient", ({ backend, text, input }) =>
    activationGradient(backend, text("name"), { x: input("x"), dy: input("dy") }),
  );

  register("DiffusionLoss", ({ backend, input }) => {
    const [prediction, target, weights] = [input("prediction"), input("target"), input("weights")];
    const { losses, slope } = diffusionLoss(backend, { prediction, target, weights });
    return [losses, slope];
  });

  register("RandomNormals", ({ backend, numbers, attribute }) =>
    randomNormals(backend, numbers("subKeys"), attribute("rowLength")),
  );

  register("GlobalNorm", ({ backend, input }) => globalNorm(backend, input("gradient")));

  register("AdamWMoments", ({ backend, input, optional, attribute }) => {
    const { nextMean, nextSquare } = adamWMoments(
      backend,
      {
        gradient: input("gradient"),
        mean: input("mean"),
        square: input("square"),
        norm: optional("norm"),
      },
      { beta1: attribute("beta1"), beta2: attribute("beta2"), maxNorm: attribute("maxNorm") },
    );
    return [nextMean, nextSquare];
  });

  register("AdamWUpdate", ({ backend, input, optional, attribute }) =>
    Object.values(
      adamWUpdate(
        backend,
        {
          values: input("values"),
          mean: input("mean"),
          square: input("square"),
          average: optional("average"),
        },
        {
          kept: attribute("kept"),
          rate: attribute("rate"),
          inverseRoot: attribute("inverseRoot"),
          eps: attribute("eps"),
          decay: attribute("decay"),
        },
      ),
    ),
  );
}
