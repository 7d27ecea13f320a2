import * as tf from "@tensorflow/tfjs-core";
import type { RunConfig } from "../config/hyperparameters.ts";
import { withNetwork } from "../config/network.ts";
import { type Denoiser, denoiserOf } from "../train/gradient.ts";
import type { ImportedWeights } from "../train/importedWeights.ts";
import type { TrainingFacts } from "../train/weightsFile.ts";
import type { NetworkSource, WeightsChoice } from "./protocol.ts";
import type { TrainingRun } from "./trainingRun.ts";

/** A network that digits can be drawn from, and that can be saved. */
export interface Network {
  source: NetworkSource;
  config: RunConfig;
  /** The caller disposes `values`. */
  denoiser(weights: WeightsChoice): Denoiser;
  facts: Omit<TrainingFacts, "isAverage">;
  /** Whether there is a moving average that is not the weights themselves. */
  hasAverage: boolean;
}

export function networkOfRun({ runId, session, startedFrom, datasetName }: TrainingRun): Network {
  const { config } = session;
  return {
    source: { kind: "run", runId },
    config,
    denoiser(weights) {
      const shared = weights === "ema" ? session.sampler : session.rawSampler;
      return { ...shared, values: tf.clone(shared.values) };
    },
    facts: {
      trainedSteps: (startedFrom?.trainedSteps ?? 0) + session.numSteps,
      dataset: datasetName,
      lastEpoch: session.lastEpoch,
      startedFrom: startedFrom?.fileName ?? null,
    },
    hasAverage: config.emaDecay > 0,
  };
}

/** @param settings what the weights do not say, such as the schedule, as the person has it now */
export function networkOfFile(imported: ImportedWeights, settings: RunConfig): Network {
  const { fileName, trainedSteps, unet, values, ema } = imported;
  const config = withNetwork(settings, unet);
  return {
    source: { kind: "file", fileName },
    config,
    denoiser: (weights) => denoiserOf(config, (weights === "ema" ? ema : null) ?? values),
    facts: { trainedSteps, dataset: null, lastEpoch: null, startedFrom: fileName },
    hasAverage: ema !== null,
  };
}

export function untrainedNetwork(config: RunConfig): Network {
  return {
    source: { kind: "untrained" },
    config,
    denoiser: () => denoiserOf(config, null),
    facts: { trainedSteps: 0, dataset: null, lastEpoch: null, startedFrom: null },
    hasAverage: false,
  };
}
