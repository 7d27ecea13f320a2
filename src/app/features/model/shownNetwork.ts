import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { isSameNetwork, NETWORK_SETTINGS } from "../../../engine/config/network.ts";
import { validateConfig } from "../../../engine/config/validate.ts";
import type { AppState } from "../../state/state.ts";

/** Whose network: that of the run, or the one the settings describe. */
export type NetworkOwner = "run" | "settings";

export interface ShownNetwork {
  owner: NetworkOwner;
  config: RunConfig;
  /** Whether the other one's is another, so that there is something to choose. */
  hasChoice: boolean;
  /** What is wrong with it; while anything is, there is no such network. */
  errors: string[];
}

/** The run's, unless there is none or the person chose the settings'. */
export function shownNetwork(
  { run, config }: Pick<AppState, "run" | "config">,
  chosen: NetworkOwner | null,
): ShownNetwork {
  const hasChoice = run !== null && !isSameNetwork(run.config, config);
  const isOfRun = run !== null && !(hasChoice && chosen === "settings");
  const shown = isOfRun ? run.config : config;
  return {
    owner: isOfRun ? "run" : "settings",
    config: shown,
    hasChoice,
    errors: networkErrors(shown),
  };
}

/** What keeps a configuration from describing a network; that it could train is not asked. */
export function networkErrors(config: RunConfig): string[] {
  const errors = validateConfig(config);
  return NETWORK_SETTINGS.flatMap((name) => errors[name] ?? []);
}
