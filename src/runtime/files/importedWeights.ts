import { configFromJson } from "../../engine/config/fromJson.ts";
import {
  defaultConfig,
  HYPERPARAMETERS,
  type RunConfig,
} from "../../engine/config/hyperparameters.ts";
import { NETWORK_SETTINGS, withNetwork } from "../../engine/config/network.ts";
import { validateConfig } from "../../engine/config/validate.ts";
import { areClassNames } from "../../engine/data/datasets.ts";
import { FormatError } from "../../engine/formats/formatError.ts";
import { parsedObject } from "../../engine/formats/parsedJson.ts";
import { DTYPES } from "../../engine/formats/safetensors/dtypes.ts";
import { withinMemory } from "../../engine/formats/safetensors/safetensors.ts";
import {
  type ByteSource,
  type ReadProgress,
  readSafetensorsData,
  readSafetensorsHeader,
} from "../../engine/formats/safetensors/safetensorsBlob.ts";
import type { SafetensorsHeader } from "../../engine/formats/safetensors/safetensorsHeader.ts";
import { valuesWithAddedClasses } from "../../engine/nn/addedClasses.ts";
import { inferNetwork } from "../../engine/nn/inferConfig.ts";
import { networkParameters } from "../../engine/nn/networkBlocks.ts";
import { checkStateDict } from "../../engine/nn/stateDict.ts";
import { unwrapNetworks } from "../../engine/nn/wrappedNetworks.ts";
import { shownLine } from "../../engine/shortenedText.ts";
import { isCount } from "../storage/historyChecks.ts";
import { type DecodedWeights, type TrainingFacts, weightsOf } from "./weightsFile.ts";

/**
 * A browser gives a file in one piece up to 2 GB, and decoding takes three times its size in memory.
 * A network of width 128 with the assignment's levels has 0.2 GB, twice that with its moving average;
 * a run's newest and best checkpoint have four times as much each (`engine/config/validate.ts`).
 */
const MAX_DATA_BYTES = 2 ** 30;

/** A network out of a file, to be sampled and trained on. */
export interface ImportedWeights extends Pick<DecodedWeights, "network" | "values" | "ema"> {
  fileName: string;
  /** All settings: the file's where it has them, else see `configFromJson`; the network's own. */
  config: RunConfig;
  /** Whether the file has the settings that sampling needs: objective, schedule and timesteps. */
  hasSettings: boolean;
  facts: Pick<TrainingFacts, "trainedSteps" | "isAverage" | "dataset" | "classNames">;
}

/**
 * Reads a weights file: first its header, and the rest only where that is of a network that can run here.
 *
 * @param settings for those that the file lacks, except the network's
 * @param onProgress called after every piece of the file that is read
 * @throws FormatError, and nothing else, when it is no such file, cannot be read, is too large, or its
 *   network cannot run on images of 28 x 28
 */
export async function importWeights(
  file: Pick<File, "name"> & ByteSource,
  settings: RunConfig,
  onProgress?: (progress: ReadProgress) => void,
): Promise<ImportedWeights> {
  const fileName = file.name;
  const header = await readSafetensorsHeader(file);
  checkNetwork(header);
  checkSize(file.size - header.dataStart, "weights");
  const contents = await readSafetensorsData(file, header, onProgress);
  const decoded = withinMemory(file.size, () => weightsOf(contents));
  const { network, values, ema, metadata } = decoded;
  const text = metadata.config ?? "";
  const facts = factsOf(metadata.training);
  return {
    fileName,
    network,
    values,
    ema,
    ...configFromJson({ text, network, settings }),
    facts: { ...facts, isAverage: facts.isAverage || decoded.isAverage },
  };
}

/**
 * A network out of a file with more classes, for a run to begin with: what it draws of the old ones is as it was, and a new one is
 * "no label" until it is learned (`engine/nn/addedClasses.ts`).
 */
export function withAddedClasses(weights: ImportedWeights, added = 1): ImportedWeights {
  const { network, config, values, ema } = weights;
  const classes = network.classes + added;
  return {
    ...weights,
    network: { ...network, classes },
    config: { ...config, classes },
    values: valuesWithAddedClasses(network, values, added),
    ema: ema && valuesWithAddedClasses(network, ema, added),
  };
}

/** Refuses tensors that are not all of one network, or of one that cannot run on this page. */
function checkNetwork({ entries }: SafetensorsHeader): void {
  const { values, ema } = unwrapNetworks(new Map(entries.map((entry) => [entry.name, entry])));
  const network = inferNetwork(values);
  const parameters = networkParameters(network);
  for (const tensors of ema ? [values, ema] : [values])
    checkStateDict(parameters, tensors, ({ dtype }) => DTYPES[dtype].isFloat);
  const errors = validateConfig(withNetwork(defaultConfig(), network));
  for (const name of NETWORK_SETTINGS) {
    if (errors[name]) {
      throw new FormatError(
        `The network in the file cannot run here. ${HYPERPARAMETERS[name].label}: ${errors[name]}`,
      );
    }
  }
}

/** What to do where a file is too large, by what it holds. */
const TOO_LARGE = {
  weights: "The network is too large for a browser: take a narrower one.",
  "a run": "Train a narrower network, or without previews (previewEvery=0).",
};

/** @throws FormatError for more than a page has room for */
export function checkSize(numBytes: number, of: keyof typeof TOO_LARGE): void {
  if (numBytes <= MAX_DATA_BYTES) return;
  throw new FormatError(
    `Expected at most 1 GB of ${of}, got ${(numBytes / 2 ** 30).toFixed(2)} GB. ${TOO_LARGE[of]}`,
  );
}

/** What is missing or invalid counts as unknown. */
function factsOf(training: string | null): ImportedWeights["facts"] {
  const { trainedSteps, isAverage, dataset, classNames } = parsedObject(training ?? "");
  return {
    trainedSteps: isCount(trainedSteps) ? trainedSteps : null,
    isAverage: isAverage === true,
    dataset: typeof dataset === "string" ? shownLine(dataset) : null,
    ...(areClassNames(classNames) && { classNames: classNames.map((name) => shownLine(name)) }),
  };
}
