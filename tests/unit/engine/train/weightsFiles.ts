import type { RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import {
  encodeSafetensors,
  type WritableTensor,
} from "../../../../src/engine/formats/safetensors/safetensors.ts";
import { initialValues } from "../../../../src/engine/nn/parameters.ts";
import { toStateDict } from "../../../../src/engine/nn/stateDict.ts";
import { createUnet } from "../../../../src/engine/nn/unet.ts";
import { encodeWeights, type TrainingFacts } from "../../../../src/runtime/files/weightsFile.ts";
import { smallConfig } from "./smallRun.ts";

type Tensors = Map<string, WritableTensor>;

export const FACTS: TrainingFacts = {
  trainedSteps: 12,
  isAverage: false,
  dataset: "MNIST",
  lastEpoch: null,
  startedFrom: null,
};

/** Parameters of the configuration's network, of another seed another network. */
export function networkValues(config: RunConfig, seed = 1): Float32Array {
  return initialValues(createUnet(config).parameters, seed);
}

/** A file as this page saves it. */
export function ourBytes({
  config = smallConfig(),
  values = networkValues(config),
  facts = FACTS,
}: {
  config?: RunConfig;
  values?: Float32Array;
  facts?: TrainingFacts;
} = {}): Uint8Array<ArrayBuffer> {
  return encodeWeights({ config, values, facts, dtype: "F32" });
}

/** A network as PyTorch names its tensors, with `prefix` before each. */
export function tensorsOf(config: RunConfig, values: Float32Array, prefix = ""): Tensors {
  const stateDict = toStateDict(createUnet(config).parameters, values);
  return new Map(
    Array.from(stateDict, ([name, tensor]) => [prefix + name, { dtype: "F32", ...tensor }]),
  );
}

/** A file as another program saves it. */
export function foreignBytes(
  tensors: Tensors,
  metadata: Record<string, string> = {},
): Uint8Array<ArrayBuffer> {
  return encodeSafetensors({ tensors, metadata });
}

export function fileOf(bytes: Uint8Array<ArrayBuffer>, name = "digits.safetensors"): File {
  return new File([bytes], name);
}
