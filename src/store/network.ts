/** The network that is sampled and saved, as far as the page knows it: see the worker's. */
import type { RunConfig } from "../config/hyperparameters.ts";
import { numSteps } from "./run.ts";
import type { AppState } from "./state.ts";

type Networks = Pick<AppState, "run" | "weights">;

/** The settings it was trained with; null when nobody knows them, and those of the page count. */
export function trainedConfig({ run, weights }: Networks): RunConfig | null {
  if (!weights.isSampled) return run?.size ? run.config : null;
  return weights.loaded?.hasSettings ? weights.loaded.config : null;
}

/** Whether it has a moving average that is not the weights themselves. */
export function hasAverage({ run, weights }: Networks): boolean {
  if (weights.isSampled) return weights.loaded?.hasAverage ?? false;
  return run?.size ? run.config.emaDecay > 0 : false;
}

/** The file it is of; null when it is a run's or untrained. */
export function sampledFile({ weights }: Networks): string | null {
  return weights.isSampled ? (weights.loaded?.fileName ?? null) : null;
}

/** Whether there is more than the start values of a seed. */
export function isTrained({ run, weights }: Networks): boolean {
  return weights.isSampled || (run !== null && numSteps(run) > 0);
}
