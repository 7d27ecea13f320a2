import { registerKernel, type TensorInfo } from "@tensorflow/tfjs-core";
import type { KernelName } from "../kernel.ts";
import { activation, activationGradient } from "./activations.ts";
import { attend, attendGradient } from "./attend.ts";
import { conv } from "./conv.ts";
import { convKernelGradient } from "./convKernelGradient.ts";
import { splitVector } from "./copies.ts";
import { diffusionLoss } from "./diffusionLoss.ts";
import { joinSums } from "./joinSums.ts";
import { KernelCall } from "./kernelCall.ts";
import { linear, linearInputGradient, linearWeightGradient } from "./linear.ts";
import { type Norm, normForward, normInputGradient, normParameterGradients } from "./norm.ts";
import { adamWMoments, adamWUpdate, globalNorm } from "./optimizer.ts";
import { randomNormals } from "./randomNormals.ts";

type Kernel = (call: KernelCall) => TensorInfo | TensorInfo[];

/** Registers the kernels of this folder with TensorFlow.js' WebGPU backend, one for every step. */
export function registerWebgpuKernels(): void {
  for (const [kernelName, kernel] of Object.entries(KERNELS)) {
    registerKernel({
      kernelName,
      backendName: "webgpu",
      kernelFunc: (given) => kernel(new KernelCall(given)),
    });
  }
}

const KERNELS: Record<KernelName, Kernel> = {
  ConvSame: (call) => {
    const kernel = call.input("kernel");
    return conv({
      backend: call.backend,
      inputs: convInputs(call),
      kernel,
      bias: call.optional("bias"),
      addend: call.optional("addend"),
      numOut: kernel.shape[3] as number,
      isTurned: false,
      firstOut: 0,
    });
  },

  ConvSameInputGradient: (call) =>
    conv({
      backend: call.backend,
      inputs: [call.input("dy")],
      kernel: call.input("kernel"),
      addend: call.optional("addend"),
      numOut: call.number("numIn"),
      isTurned: true,
      firstOut: call.number("firstIn"),
    }),

  ConvSameKernelGradient: (call) => {
    const { kernel, bias } = convKernelGradient({
      backend: call.backend,
      inputs: convInputs(call),
      dy: call.input("dy"),
      kernelSize: call.number("kernelSize"),
    });
    return [kernel, bias];
  },

  RmsNorm: (call) => normForward(normOf(call), call.optional("addend")),

  RmsNormGradient: (call) => {
    const norm = normOf(call);
    const dy = call.input("dy");
    const { result, inverses } = normInputGradient(norm, dy, call.optional("addend"));
    const ofParameters = normParameterGradients(norm, dy, inverses);
    call.dispose([inverses]);
    return [result, ...ofParameters];
  },

  Attention: attend,

  AttentionGradient: attendGradient,

  Linear: (call) => linear(call.backend, call.inputs("x", "weight", "bias")),

  LinearWeightGradient: (call) => {
    const { weight, bias } = linearWeightGradient(call.backend, call.inputs("x", "dy"));
    return [weight, bias];
  },

  LinearInputGradient: (call) =>
    linearInputGradient(call.backend, {
      ...call.inputs("dy", "weight"),
      addend: call.optional("addend"),
    }),

  Activation: (call) => activation(call.backend, call.text("name"), call.input("x")),

  ActivationGradient: (call) =>
    activationGradient(call.backend, call.text("name"), call.inputs("x", "dy")),

  DiffusionLoss: (call) => {
    const inputs = call.inputs("prediction", "target", "weights");
    const { losses, slope } = diffusionLoss(call.backend, inputs);
    return [losses, slope];
  },

  RandomNormals: (call) =>
    randomNormals(call.backend, call.list("subKeys"), call.number("rowLength")),

  SplitVector: (call) => splitVector(call.backend, call.input("vector"), call.list("lengths")),

  JoinSums: (call) => joinSums(call.backend, call.allInputs, call.list("lengths")),

  GlobalNorm: (call) => globalNorm(call.backend, call.input("gradient")),

  AdamWMoments: (call) => {
    const { nextMean, nextSquare } = adamWMoments(
      call.backend,
      { ...call.inputs("gradient", "mean", "square"), norm: call.optional("norm") },
      call.numbers("beta1", "beta2", "maxNorm"),
    );
    return [nextMean, nextSquare];
  },

  AdamWUpdate: (call) => {
    const { next, nextAverage } = adamWUpdate(
      call.backend,
      { ...call.inputs("values", "mean", "square"), average: call.optional("average") },
      call.numbers("kept", "rate", "inverseRoot", "eps", "decay"),
    );
    return nextAverage ? [next, nextAverage] : [next];
  },
};

/** The inputs of a convolution, as if concatenated. */
function convInputs(call: KernelCall): TensorInfo[] {
  const second = call.optional("x1");
  return second ? [call.input("x0"), second] : [call.input("x0")];
}

function normOf(call: KernelCall): Norm {
  const { x, gain } = call.inputs("x", "gain");
  const hasSilu = call.number("hasSilu") === 1;
  return { backend: call.backend, x, gain, film: call.optional("film"), hasSilu };
}
