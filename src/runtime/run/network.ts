import * as tf from "@tensorflow/tfjs-core";
import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import { withNetwork, withSampling } from "../../engine/config/network.ts";
import { distilledConfig } from "../../engine/config/studentSteps.ts";
import type { DatasetIdentity } from "../../engine/data/datasets.ts";
import type { Checkpoint } from "../../engine/train/checkpoint.ts";
import { type Denoiser, denoiserOf } from "../../engine/train/gradient.ts";
import type { ImportedWeights } from "../files/importedWeights.ts";
import type { TrainingFacts } from "../files/weightsFile.ts";
import { stepsWithThoseBefore } from "./runRecorder.ts";
import type { NetworkSource, WeightsChoice } from "./samplingProtocol.ts";
import type { StoredNetwork } from "./storedRun.ts";
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

/**
 * With the weights as they are now, or those of the best epoch where the run stopped early.
 *
 * @param settings the page's, for how to sample
 */
export function networkOfRun({ identity, session }: TrainingRun, settings: RunConfig): Network {
  const { runId, startedFrom, dataset } = identity;
  const { sampledStep, stepsPerEpoch } = session;
  const sampled = distilledConfig(session.config, sampledStep, stepsPerEpoch);
  const config = withSampling(sampled, settings);
  const trainedSteps = stepsWithThoseBefore(startedFrom, sampledStep);
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
      ...namesOf(dataset),
      lastEpoch: session.sampledEpoch,
      startedFrom: startedFrom?.fileName ?? null,
    }),
    trainedSteps,
    hasAverage,
  };
}

function namesOf({
  name,
  classNames,
}: DatasetIdentity): Pick<TrainingFacts, "dataset" | "classNames"> {
  return { dataset: name, ...(classNames && { classNames }) };
}

/**
 * With the weights of the best epoch where the run stopped early.
 *
 * @param settings the page's, for how to sample
 */
export function networkOfStored(stored: StoredNetwork, settings: RunConfig): Network {
  const { record, history } = stored;
  const { runId, startedFrom, dataset, stepsPerEpoch } = record;
  const weights = sampledCheckpoint(stored);
  const { step } = weights;
  return networkOfWeights({
    source: { kind: "run", runId },
    config: withSampling(distilledConfig(record.config, step, stepsPerEpoch), settings),
    weights,
    facts: {
      trainedSteps: stepsWithThoseBefore(startedFrom, step),
      isAverage: false,
      ...namesOf(dataset),
      lastEpoch: history.epochs.findLast((epoch) => epoch.step <= step) ?? null,
      startedFrom: startedFrom?.fileName ?? null,
    },
  });
}

function sampledCheckpoint({ record, checkpoint, best }: StoredNetwork): Checkpoint {
  return (record.hasStoppedEarly && best) || checkpoint;
}

/** The weights of a stored run that are sampled, as if they came out of a file of that name. */
export function weightsOfStored(stored: StoredNetwork, fileName: string): ImportedWeights {
  const { config, facts } = networkOfStored(stored, stored.record.config);
  const { values, ema } = sampledCheckpoint(stored);
  return {
    fileName,
    network: config,
    config,
    hasSettings: true,
    facts: facts("ema"),
    values: ema ?? values,
    ema: null,
  };
}

/** @param settings the page's, for how to sample, and for what the file does not say */
export function networkOfFile(imported: ImportedWeights, settings: RunConfig): Network {
  const { fileName, facts, network } = imported;
  return networkOfWeights({
    source: { kind: "file", fileName },
    config: imported.hasSettings
      ? withSampling(imported.config, settings)
      : withNetwork(settings, network),
    weights: imported,
    facts: { ...facts, lastEpoch: null, startedFrom: fileName },
  });
}

export function untrainedNetwork(config: RunConfig): Network {
  return networkOfWeights({
    source: { kind: "untrained" },
    config,
    weights: { values: null, ema: null },
    facts: { trainedSteps: 0, isAverage: false, dataset: null, lastEpoch: null, startedFrom: null },
  });
}

function networkOfWeights({
  source,
  config,
  weights: { values, ema },
  facts,
}: Pick<Network, "source" | "config"> & {
  /** `[P]`; null for those that the seed gives. */
  weights: { values: Float32Array | null; ema: Float32Array | null };
  /** What is known of the training that gave `values`. */
  facts: TrainingFacts;
}): Network {
  return {
    source,
    config,
    denoiser: (weights) => denoiserOf(config, (weights === "ema" ? ema : null) ?? values),
    facts: (weights) => ({
      ...facts,
      isAverage: facts.isAverage || (ema !== null && weights === "ema"),
    }),
    trainedSteps: facts.trainedSteps,
    hasAverage: ema !== null,
  };
}
