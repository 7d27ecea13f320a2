/** Registers the kernels of this folder with TensorFlow.js' WebGPU backend. */

import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { type NamedTensorInfoMap, registerKernel, type TensorInfo } from "@tensorflow/tfjs-core";
import type { KernelName } from "../kernel.ts";
import { convTile } from "./conv.ts";
import { convKernelGradientParts } from "./convKernelGradient.ts";
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
      }),
  });
}

function normOf({ backend, input, optional, attribute }: Call): Norm {
  const hasSilu = attribute("hasSilu") === 1;
  return { backend, x: input("x"), gain: input("gain"), film: optional("film"), hasSilu };
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
    const x = input("x");
    const dy = input("dy");
    const parts = convKernelGradientParts(backend, { x, dy, kernelSize });
    const [numIn, numOut] = [x.shape[3] as number, dy.shape[3] as number];
    const sum = sumParts(backend, parts, [kernelSize, kernelSize, numIn, numOut]);
    backend.disposeData(parts.dataId);
    return sum;
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

  register("SumRows", ({ backend, input }) => sumRows(backend, input("x")));
}
