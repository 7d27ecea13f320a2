import { configFromJson } from "../config/fromJson.ts";
import { HYPERPARAMETERS, type RunConfig } from "../config/hyperparameters.ts";
import { NETWORK_SETTINGS, withNetwork } from "../config/network.ts";
import { validateConfig } from "../config/validate.ts";
import { FormatError } from "../formats/formatError.ts";
import { checkSafetensorsSize } from "../formats/safetensors.ts";
import type { UnetConfig } from "../nn/unet.ts";
import { decodeWeights, type TrainingFacts } from "./weightsFile.ts";

/** A network out of a file, to be sampled and trained on. */
export interface ImportedWeights {
  fileName: string;
  unet: UnetConfig;
  /** All settings: the file's where it has them, else those that were given; the network's own. */
  config: RunConfig;
  /** Whether the file says how it was trained. */
  hasSettings: boolean;
  /** As far as the file tells them. */
  facts: Pick<TrainingFacts, "trainedSteps" | "isAverage" | "dataset">;
  /** `[P]`. */
  values: Float32Array;
  /** The moving average, when the file has it besides, `[P]`. */
  ema: Float32Array | null;
}

/**
 * Reads a weights file for use with this page.
 *
 * @param settings for what the file does not say; its network is not looked at
 * @throws FormatError when it is no such file, or its network cannot run on images of 28 x 28
 */
export async function importWeights(
  file: Pick<File, "name" | "size" | "arrayBuffer">,
  settings: RunConfig,
): Promise<ImportedWeights> {
  checkSafetensorsSize(file.size);
  const fileName = file.name;
  const bytes = new Uint8Array(await file.arrayBuffer());
  const { unet, values, ema, metadata } = decodeWeights(bytes);
  const stored = metadata.config === null ? null : configFromJson(metadata.config, unet);
  const config = stored ?? withNetwork(settings, unet);
  const errors = validateConfig(config);
  for (const name of NETWORK_SETTINGS) {
    if (errors[name]) {
      throw new FormatError(
        `The file is sound, but its network cannot run here. ${HYPERPARAMETERS[name].label}: ${errors[name]}`,
      );
    }
  }
  const facts = factsOf(metadata.training);
  return { fileName, unet, config, hasSettings: stored !== null, facts, values, ema };
}

/** Whatever is missing, or is not what it should be, counts as not told. */
function factsOf(training: string | null): ImportedWeights["facts"] {
  const { trainedSteps, isAverage, dataset } = parsedObject(training ?? "");
  const isCount = Number.isSafeInteger(trainedSteps) && (trainedSteps as number) >= 0;
  return {
    trainedSteps: isCount ? (trainedSteps as number) : null,
    isAverage: isAverage === true,
    dataset: typeof dataset === "string" ? dataset : null,
  };
}

function parsedObject(json: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(json));
  } catch {
    return {};
  }
}
