/** The network that is to be sampled: its settings, and its name in an address. Pure. */

import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { withSampling } from "../../../engine/config/network.ts";
import { correctedConfig } from "../../../engine/config/validate.ts";
import type { SampledNetwork } from "../../../runtime/run/samplingProtocol.ts";
import type { AppState } from "../state.ts";
import { numSteps } from "./run.ts";
import { isReadable } from "./storedRuns.ts";

/** What there is to sample. */
export type Networks = Pick<AppState, "run" | "weights" | "config" | "stored" | "dataset">;

/** The settings of the page's network: of the run, of loaded weights, or of the form, where some may be wrong. */
export function sampledConfig(app: Pick<AppState, "run" | "weights" | "config">): RunConfig {
  const trained = trainedConfig(app);
  return trained ? withSampling(trained, app.config) : app.config;
}

/**
 * The settings of a network, with the page's for how to sample, and defaults in place of wrong ones; null when it
 * is no longer stored.
 */
export function configOf(network: SampledNetwork, app: Networks): RunConfig | null {
  if (network.kind === "current") return correctedConfig(sampledConfig(app));
  const run = app.stored.runs?.filter(isReadable).find(({ runId }) => runId === network.runId);
  const isKept = run?.checkpoints.some(({ step }) => step === network.step);
  return run && isKept ? correctedConfig(withSampling(run.config, app.config)) : null;
}

/** Sampling steps of the settings, at most T. */
export function defaultSteps(config: RunConfig): string {
  return String(Math.min(config.samplingTimesteps, config.timesteps));
}

/** `current`, or `run@step`. */
export function networkKey(network: SampledNetwork): string {
  return network.kind === "current" ? "current" : `${network.runId}@${network.step}`;
}

/** The inverse; null when it is none. */
export function networkOfKey(key: string): SampledNetwork | null {
  if (key === "current") return { kind: "current" };
  const [, runId, step] = /^(.+)@(\d+)$/.exec(key) ?? [];
  return runId === undefined ? null : { kind: "stored", runId, step: Number(step) };
}

type Current = Pick<AppState, "run" | "weights">;

/** The settings it was trained with; null when they are not known, and the form's are used. */
export function trainedConfig({ run, weights }: Current): RunConfig | null {
  if (!weights.isSampled) return run?.size ? run.config : null;
  return weights.loaded?.hasSettings ? weights.loaded.config : null;
}

/** Whether it has a moving average that is not the weights themselves. */
export function hasAverage({ run, weights }: Current): boolean {
  if (weights.isSampled) return weights.loaded?.hasAverage ?? false;
  return run?.size ? run.config.emaDecay > 0 : false;
}

/** The file it is of; null when it is a run's or untrained. */
export function sampledFile({ weights }: Current): string | null {
  return weights.isSampled ? (weights.loaded?.fileName ?? null) : null;
}

/** Whether it is more than the start values of a seed. */
export function isTrained({ run, weights }: Current): boolean {
  return weights.isSampled || (run !== null && numSteps(run) > 0);
}
