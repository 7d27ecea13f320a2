import * as tf from "@tensorflow/tfjs-core";
import type { RunConfig } from "../config/hyperparameters.ts";
import { withNetwork, withSampling } from "../config/network.ts";
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
  facts(weights: WeightsChoice): TrainingFacts;
  /** Null when nobody knows. */
  trainedSteps: number | null;
  /** Whether there is a moving average that is not the weights themselves. */
  hasAverage: boolean;
}

/** @param settings the page's, for how to sample; the run's own when left out */
export function networkOfRun(
  { runId, session, startedFrom, datasetName }: TrainingRun,
  settings: RunConfig = session.config,
): Network {
  const config = withSampling(session.config, settings);
  const stepsBefore = startedFrom ? startedFrom.facts.trainedSteps : 0;
  const trainedSteps = stepsBefore === null ? null : stepsBefore + session.numSteps;
  const hasAverage = config.emaDecay > 0;
  return {
    source: { kind: "run", runId },
    config,
    denoiser(weights) {
      const shared = weights === "ema" ? session.sampler : session.rawSampler;
      return { ...shared, values: tf.clone(shared.values) };
    },
    facts: (weights) => ({
      trainedSteps,
      isAverage: hasAverage && weights === "ema",
      dataset: datasetName,
      lastEpoch: session.lastEpoch,
      startedFrom: startedFrom?.fileName ?? null,
    }),
    trainedSteps,
    hasAverage,
  };
}

/** @param settings the page's, for how to sample, and for what the file does not say */
export function networkOfFile(imported: ImportedWeights, settings: RunConfig): Network {
  const { fileName, facts, unet, values, ema } = imported;
  const { trainedSteps, isAverage, dataset } = facts;
  const config = imported.hasSettings
    ? withSampling(imported.config, settings)
    : withNetwork(settings, unet);
  return {
    source: { kind: "file", fileName },
    config,
    denoiser: (weights) => denoiserOf(config, (weights === "ema" ? ema : null) ?? values),
    facts: (weights) => ({
      trainedSteps,
      isAverage: isAverage || (ema !== null && weights === "ema"),
      dataset,
      lastEpoch: null,
      startedFrom: fileName,
    }),
    trainedSteps,
    hasAverage: ema !== null,
  };
}

export function untrainedNetwork(config: RunConfig): Network {
  return {
    source: { kind: "untrained" },
    config,
    denoiser: () => denoiserOf(config, null),
    facts: () => ({
      trainedSteps: 0,
      isAverage: false,
      dataset: null,
      lastEpoch: null,
      startedFrom: null,
    }),
    trainedSteps: 0,
    hasAverage: false,
  };
}
