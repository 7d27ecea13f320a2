/** The page's network, which is sampled where no other is chosen. Pure. */
import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { withSampling } from "../../../engine/config/network.ts";
import { distilledConfig } from "../../../engine/config/studentSteps.ts";
import type { NetworkSource } from "../../../runtime/run/samplingProtocol.ts";
import type { AppState } from "../state.ts";
import { numSteps } from "./run.ts";

/** The settings of the page's network: of the run, of loaded weights, or of the form, where some may be wrong. */
export function sampledConfig(app: Pick<AppState, "run" | "weights" | "config">): RunConfig {
  const trained = trainedConfig(app);
  return trained ? withSampling(trained, app.config) : app.config;
}

type Current = Pick<AppState, "run" | "weights">;

/** The settings it was trained with; null when they are not known, and the form's are used. */
export function trainedConfig({ run, weights }: Current): RunConfig | null {
  const { loaded } = weights;
  if (loaded) return loaded.hasSettings ? loaded.config : null;
  return run?.size ? distilledConfig(run.config, numSteps(run), run.size.stepsPerEpoch) : null;
}

/** Whether it has a moving average that is not the weights themselves. */
export function hasAverage({ run, weights }: Current): boolean {
  if (weights.loaded) return weights.loaded.hasAverage;
  return run?.size ? run.config.emaDecay > 0 : false;
}

/** The file it is of; null when it is a run's or untrained. */
export function sampledFile({ weights }: Current): string | null {
  return weights.loaded?.fileName ?? null;
}

/** Whose digits it draws. */
export function currentSource({ run, weights }: Current): NetworkSource {
  const fileName = sampledFile({ run, weights });
  if (fileName !== null) return { kind: "file", fileName };
  return run?.size ? { kind: "run", runId: run.runId } : { kind: "untrained" };
}

/** Whether it is more than the start values of a seed. */
export function isTrained({ run, weights }: Current): boolean {
  return weights.loaded !== null || (run !== null && numSteps(run) > 0);
}
