import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsFile,
} from "../../engine/formats/safetensors/safetensors.ts";
import { inferNetwork } from "../../engine/nn/inferConfig.ts";
import type { NetworkConfig } from "../../engine/nn/networkBlocks.ts";
import { networkParameters } from "../../engine/nn/networkBlocks.ts";
import { fromStateDict, writableTensors } from "../../engine/nn/stateDict.ts";
import { unwrapNetworks } from "../../engine/nn/wrappedNetworks.ts";
import type { EpochReport } from "../../engine/train/reports.ts";

/** What a weights file says of its training. */
export interface TrainingFacts {
  /** Optimizer steps the weights have seen; null when unknown. */
  trainedSteps: number | null;
  isAverage: boolean;
  /** Name of the images that it was trained on, e.g. `MNIST`; null when unknown. */
  dataset: string | null;
  /** Of its labels, where they are not those that the table of datasets has; left out where nobody has named them. */
  classNames?: readonly string[];
  /** The last whole epoch of the run, with its losses; null before the end of the first. */
  lastEpoch: EpochReport | null;
  /** The file that the run began with; null when it began with the weights of its seed. */
  startedFrom: string | null;
}

export interface WeightsFile {
  config: RunConfig;
  /** All parameters in our order and layout, `[P]`. */
  values: Float32Array;
  facts: TrainingFacts;
  /** F16 halves the file and rounds to 11 bits. */
  dtype: "F32" | "F16";
}

/**
 * A network as a safetensors file that `Unet.load_state_dict(load_file(path), strict=True)` takes in
 * PyTorch. The configuration and the facts of its training stand in the metadata, as JSON.
 */
export function encodeWeights({
  config,
  values,
  facts,
  dtype,
}: WeightsFile): Uint8Array<ArrayBuffer> {
  const tensors = writableTensors(networkParameters(config), values, { dtype });
  const metadata = {
    format: "pt",
    config: JSON.stringify(config),
    training: JSON.stringify(facts),
  };
  return encodeSafetensors({ tensors, metadata });
}

export interface DecodedWeights {
  /** As the shapes have it: what the metadata says could be wrong. */
  network: NetworkConfig;
  /** `[P]`. */
  values: Float32Array;
  /** Whether the values are a moving average, as far as the tensors' names tell. */
  isAverage: boolean;
  /** The moving average, when the file has it besides, `[P]`. */
  ema: Float32Array | null;
  /** JSON of the metadata, unchecked; null in a file that this project did not write. */
  metadata: { config: string | null; training: string | null };
}

/**
 * Reads a file of `encodeWeights`, or one that `safetensors.torch.save_file` wrote of the library's
 * `Unet`, of a `GaussianDiffusion` or of an EMA around them.
 *
 * @throws FormatError, and nothing else
 */
export function decodeWeights(bytes: Uint8Array): DecodedWeights {
  return weightsOf(decodeSafetensors(bytes));
}

/**
 * The network in a file whose tensors are decoded.
 *
 * @throws FormatError when they are not one's, or hold NaN or infinity
 */
export function weightsOf({ tensors, metadata }: SafetensorsFile): DecodedWeights {
  const { values, isAverage, ema } = unwrapNetworks(tensors);
  const network = inferNetwork(values);
  const parameters = networkParameters(network);
  return {
    network,
    values: fromStateDict(parameters, values),
    isAverage,
    ema: ema && fromStateDict(parameters, ema),
    metadata: { config: metadata.config ?? null, training: metadata.training ?? null },
  };
}
