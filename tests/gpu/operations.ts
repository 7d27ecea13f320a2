import {
  add,
  concat,
  concat1d,
  type Rank,
  reshape,
  slice,
  split,
  square,
  type Tensor1D,
  type Tensor2D,
  type Tensor4D,
  util,
  zeros,
} from "@tensorflow/tfjs-core";
import { defaultConfig } from "../../src/engine/config/hyperparameters.ts";
import { presetConfig } from "../../src/engine/config/presets.ts";
import { byName, type Initializer, totalElements } from "../../src/engine/nn/parameters.ts";
import { createUnet } from "../../src/engine/nn/unet.ts";
import { crossEntropy } from "../../src/engine/ops/crossEntropy.ts";
import { diffusionLoss } from "../../src/engine/ops/diffusionLoss.ts";
import { mixImages } from "../../src/engine/ops/elementwise.ts";
import { linear, linearLayers } from "../../src/engine/ops/linear.ts";
import { rmsNorm, rmsNormSilu } from "../../src/engine/ops/normSilu.ts";
import { joinGradients, splitParameters } from "../../src/engine/ops/parameterVector.ts";
import { spatialMeans } from "../../src/engine/ops/pooling.ts";
import { normalRows } from "../../src/engine/ops/randomNormals.ts";
import { pixelUnshuffle, upsampleNearest } from "../../src/engine/ops/resample.ts";
import { withGradient } from "../../src/engine/ops/tape.ts";
import { adamW } from "../../src/engine/optim/adamw.ts";
import { clipByGlobalNorm, globalNorm } from "../../src/engine/optim/clip.ts";
import { emaStep } from "../../src/engine/optim/ema.ts";
import { muon } from "../../src/engine/optim/muon.ts";
import { stateVectors } from "../../src/engine/optim/optimizers.ts";
import { createClassifierNetwork } from "../../src/engine/quality/classifierNetwork.ts";
import type { RandomKey } from "../../src/engine/random.ts";
import { evaluate, type GradientsOf, gradientsOf, normal } from "../evaluate.ts";
import {
  ALL_NORMS,
  ALL_TUNINGS,
  ATTENTIONS,
  BOTH_FORMS,
  CANDIDATE_CONVS,
  CANDIDATE_TUNINGS,
  CONVS,
  LINEARS,
  LONG_ATTENTIONS,
  LONG_CONVS,
  RANDOM_CONVS,
  RESAMPLED_CONVS,
} from "./kernelShapes.ts";
import {
  convCase,
  fullAttentionCase,
  type KernelCase,
  linearAttentionCase,
  resampledConvCase,
} from "./shapedCases.ts";

/** Of the smallest network. */
const PARAMETERS = createUnet({ ...presetConfig("tiny"), dim: 4 }).parameters;

const CLASSIFIER = createClassifierNetwork(10);

/** So that activations stay about 1. */
function startScale(init: Initializer): number {
  return init.kind === "uniform" ? 1 / Math.sqrt(init.fanIn) : 1;
}

/** Every operation with a kernel, by a name that says what is computed, and the classifier as a whole. */
export const CASES: ReadonlyMap<string, KernelCase> = new Map([
  ...CONVS.map(([image, channels, numOut, size, tunings]) =>
    convCase([image, channels, numOut, size], { tunings }),
  ),
  ...[...LONG_CONVS, ...RANDOM_CONVS].map((shape) =>
    convCase(shape, { tunings: ALL_TUNINGS, isLong: true }),
  ),
  ...RESAMPLED_CONVS.map(([resample, image, channels, numOut, size, tunings]) =>
    resampledConvCase(resample, [image, channels, numOut, size], { tunings }),
  ),
  ...CANDIDATE_CONVS.map((shape) => convCase(shape, { tunings: CANDIDATE_TUNINGS, isLong: true })),
  [
    "a vector split, and its parts joined in another order, one of them as a sum",
    {
      inputs: [[1000]],
      operation: (vector) => {
        const shapes = [[7, 9], [1], [10, 3, 30], [36]].map((shape) => ({ shape }));
        const parts = splitParameters(shapes, vector as Tensor1D).toReversed();
        return joinGradients(
          [[36], [3, 30], [1], [7, 9]].map((shape) => ({ shape })),
          parts,
        );
      },
      numDifferentiable: 0,
    },
  ],
  [
    "gradients joined from one buffer and from 16 others, more than a program is given",
    {
      inputs: [[10_000]],
      operation: (vector) => {
        const shapes = Array.from({ length: 20 }, (_, i) => ({ shape: [3, 1 + 7 * i] }));
        const parts = splitParameters(shapes, slice(vector as Tensor1D, 0, 4050));
        const gradients = parts.map((part, i) => (i % 5 === 0 ? part : add(part, i)));
        return joinGradients(
          shapes.map(({ shape: [, length] }) => ({ shape: [length as number] })),
          gradients,
        );
      },
      numDifferentiable: 0,
    },
  ],
  // One program is given 6 buffers, and two programs 12, so that none is left over.
  ...[6, 12].map((numBuffers): [string, KernelCase] => [
    `gradients joined from exactly ${numBuffers} buffers`,
    {
      inputs: [[1000]],
      operation: (vector) => {
        const shapes = Array.from({ length: numBuffers }, (_, i) => ({ shape: [3, 1 + 2 * i] }));
        const numValues = shapes.reduce((sum, { shape }) => sum + util.sizeFromShape(shape), 0);
        const parts = splitParameters(shapes, slice(vector as Tensor1D, 0, numValues));
        return joinGradients(
          shapes.map(({ shape: [, length] }) => ({ shape: [length as number] })),
          parts.map((part, i) => add(part, i)),
        );
      },
      numDifferentiable: 0,
    },
  ]),
  [
    "gradients joined from up to 800 parts",
    {
      inputs: [[10_000]],
      operation: (vector) => {
        const shapes = [
          [800, 3],
          [130, 9],
          [128, 5],
          [300, 19],
        ].map((shape) => ({ shape }));
        const parts = splitParameters(shapes, slice(vector as Tensor1D, 0, 9910));
        return joinGradients(
          shapes.map(({ shape: [, length] }) => ({ shape: [length as number] })),
          parts,
        );
      },
      numDifferentiable: 0,
    },
  ],
  ...LINEARS.map(([numRows, numIn, numOut]): [string, KernelCase] => [
    `linear of ${numRows} x ${numIn} to ${numOut}`,
    {
      inputs: [[numRows, numIn], [numIn, numOut], [numOut]],
      operation: (x, weight, bias) => linear(x as Tensor2D, weight as Tensor2D, bias as Tensor1D),
    },
  ]),
  ...(["silu", "gelu"] as const).map((activation): [string, KernelCase] => [
    `linear of ${activation}`,
    {
      inputs: [[37, 12], [12, 20], [20]],
      scales: [3],
      operation: (x, weight, bias) =>
        linear(x as Tensor2D, weight as Tensor2D, bias as Tensor1D, activation),
    },
  ]),
  ...[
    { widths: [32, 64, 64, 8] },
    { widths: [5, 7] },
    // Of which the gradients take more than one buffer.
    { widths: Array<number>(6).fill(512), isLong: true },
  ].map(({ widths, isLong = false }): [string, KernelCase] => [
    `linear layers of one input to ${widths}`,
    {
      isLong,
      inputs: [[120, 9], ...widths.flatMap((numOut) => [[9, numOut], [numOut]])],
      operation: (x, ...parameters) => {
        const layers = widths.map((_, j) => ({
          weight: parameters[2 * j] as Tensor2D,
          bias: parameters[2 * j + 1] as Tensor1D,
        }));
        const ys = linearLayers(x as Tensor2D, layers);
        return withGradient(ys, () => ({
          value: concat(ys, 1),
          gradient: (dy) => split(dy, widths, 1),
        }));
      },
    },
  ]),
  ...([pixelUnshuffle, upsampleNearest] as const).flatMap((resample) =>
    [
      [2, 28, 28, 8],
      [2, 14, 14, 160],
      [3, 2, 6, 5],
    ].map((shape): [string, KernelCase] => [
      `${resample.name} of ${shape}`,
      { inputs: [shape], operation: (x) => resample(x as Tensor4D) },
    ]),
  ),
  [
    "the diffusion loss",
    {
      inputs: [
        [3, 28, 28, 1],
        [3, 28, 28, 1],
        [3, 1, 1, 1],
      ],
      operation: (...tensors) => {
        const { loss, slope } = diffusionLoss(...(tensors as [Tensor4D, Tensor4D, Tensor4D]));
        return concat1d([reshape<Rank.R1>(loss, [1]), reshape<Rank.R1>(slope, [-1])]);
      },
      numDifferentiable: 0,
    },
  ],
  ...([1, -1] as const).map((sign): [string, KernelCase] => [
    `images mixed with sign ${sign}`,
    {
      inputs: Array.from({ length: 4 }, (_, i) => [3, ...(i % 2 === 0 ? [5, 7] : [1, 1]), 1]),
      operation: (...tensors) => {
        const [x, a, y, b] = tensors as [Tensor4D, Tensor4D, Tensor4D, Tensor4D];
        const one = (factors: Tensor4D) => slice(factors, 0, 1);
        return concat([mixImages([x, a], [y, b], sign), mixImages([x, one(a)], [y, one(b)], sign)]);
      },
      numDifferentiable: 0,
    },
  ]),
  ["spatialMeans", { inputs: [[2, 7, 7, 64]], operation: (x) => spatialMeans(x as Tensor4D) }],
  [
    "the cross-entropy",
    {
      inputs: [
        [5, 10],
        [5, 10],
      ],
      operation: (logits, targets) => crossEntropy(logits as Tensor2D, targets as Tensor2D),
      numDifferentiable: 1,
    },
  ],
  [
    "the classifier of digits",
    {
      isLong: true,
      inputs: [[3, 28, 28, 1], ...CLASSIFIER.parameters.map(({ shape }) => [...shape])],
      scales: [1, ...CLASSIFIER.parameters.map(({ init }) => startScale(init))],
      operation: (image, ...parameters) => {
        const p = byName(CLASSIFIER.parameters, parameters);
        return CLASSIFIER.forward(p, image as Tensor4D).logits;
      },
    },
  ],
  ...[784, 785].map((rowLength): [string, KernelCase] => [
    `random normals, ${rowLength} in a row`,
    {
      inputs: [],
      operation: () => normalRows([1, 2, 3, 2 ** 40].map(keyAt), rowLength),
      numDifferentiable: 0,
    },
  ]),
  [
    "Muon's first step",
    {
      isLong: true,
      inputs: Array<number[]>(2).fill([totalElements(PARAMETERS)]),
      operation: (...tensors) => {
        const [values, gradient] = tensors as [Tensor1D, Tensor1D];
        const config = { ...defaultConfig(), optimizer: "muon" } as const;
        const vectors = stateVectors(config.optimizer, PARAMETERS).map(
          ({ name, parameters }) => [name, zeros<Rank.R1>([totalElements(parameters)])] as const,
        );
        const at = { values, gradient, step: 1, learningRate: 1, config, parameters: PARAMETERS };
        const next = muon({ ...at, state: Object.fromEntries(vectors) });
        return concat1d([next.values, ...Object.values(next.state)]);
      },
      numDifferentiable: 0,
    },
  ],
  ...[5, 70_001].map((numParameters): [string, KernelCase] => [
    `AdamW with clipping and moving average over ${numParameters} parameters`,
    {
      inputs: Array<number[]>(5).fill([numParameters]),
      operation: (...tensors) => {
        const [values, gradient, mean, root, average] = tensors as Tensor1D[];
        return optimizerStep({ values, gradient, mean, root, average } as OptimizerTensors);
      },
      numDifferentiable: 0,
      tunings: BOTH_FORMS,
    },
  ]),
  ...[fullAttentionCase, linearAttentionCase].flatMap((attentionCase) => [
    ...ATTENTIONS.map(([image, channels, heads, dimHead, tunings]) =>
      attentionCase([image, channels, heads, dimHead], { tunings }),
    ),
    ...LONG_ATTENTIONS.map((shape) => attentionCase(shape, { tunings: ALL_TUNINGS, isLong: true })),
  ]),
  ...ALL_NORMS.map(([image, channels, tunings]): [string, KernelCase] => [
    `rmsNorm of ${image} x ${channels}`,
    {
      tunings,
      inputs: [[...image, channels], [channels]],
      operation: (x, gain) => rmsNorm(x as Tensor4D, gain as Tensor1D),
    },
  ]),
  ...ALL_NORMS.map(([image, channels, tunings]): [string, KernelCase] => [
    `rmsNormSilu of ${image} x ${channels}`,
    {
      tunings,
      inputs: [[...image, channels], [channels]],
      operation: (x, gain) => rmsNormSilu(x as Tensor4D, gain as Tensor1D),
    },
  ]),
  ...ALL_NORMS.map(([image, channels, tunings]): [string, KernelCase] => [
    `rmsNormSilu with FiLM of ${image} x ${channels}`,
    {
      tunings,
      inputs: [[...image, channels], [channels], [image[0], 2 * channels]],
      operation: (x, gain, film) =>
        rmsNormSilu(x as Tensor4D, gain as Tensor1D, { film: film as Tensor2D }),
    },
  ]),
  ...ALL_NORMS.map(([image, channels, tunings]): [string, KernelCase] => [
    `rmsNormSilu of ${image} x ${channels} plus itself`,
    {
      tunings,
      inputs: [[...image, channels], [channels]],
      operation: (x, gain) =>
        rmsNormSilu(x as Tensor4D, gain as Tensor1D, { addend: x as Tensor4D }),
    },
  ]),
]);

/** A case's value and gradients, with the kernels that the backend has. */
export function evaluateCase(backend: string, name: string) {
  const {
    inputs: shapes,
    scales = [],
    operation,
    numDifferentiable,
  } = CASES.get(name) as KernelCase;
  const inputs = shapes.map((shape, index) => {
    const { values } = normal(shape, index);
    return { shape, values: values.map((value) => value * (scales[index] ?? 1)) };
  });
  const gradients: GradientsOf = (of, tensors, dy) => {
    const asked = tensors.slice(0, numDifferentiable);
    const others = tensors.slice(asked.length);
    return asked.length === 0 ? [] : gradientsOf((...xs) => of(...xs, ...others), asked, dy);
  };
  return evaluate(backend, inputs, operation, gradients);
}

const keyAt = (index: number): RandomKey => ({ seed: 7, stream: "noise", index });

type OptimizerTensors = Record<"values" | "gradient" | "mean" | "root" | "average", Tensor1D>;

/** Everything that a step makes, one after the other. */
function optimizerStep({ values, gradient, mean, root, average }: OptimizerTensors) {
  const norm = globalNorm(gradient);
  const clipped = clipByGlobalNorm(gradient, { norm, maxNorm: 1 });
  const next = adamW({
    values,
    gradient: clipped,
    state: { mean, square: square(root) },
    step: 3,
    learningRate: 1e-2,
    config: { beta1: 0.9, beta2: 0.99, adamEps: 1e-8, weightDecay: 0.1 },
  });
  const { state } = next;
  const all = [next.values, state.mean, state.square, emaStep(average, next.values, 0.75)];
  return concat1d([...all, reshape<Rank.R1>(norm, [1])]);
}
