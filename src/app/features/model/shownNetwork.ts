import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { isSameNetwork, NETWORK_SETTINGS } from "../../../engine/config/network.ts";
import { validateConfig } from "../../../engine/config/validate.ts";
import { takesPoints } from "../../../engine/nn/architectures.ts";
import type { AppState } from "../../state/state.ts";

/** Whose network: that of the run, or the one the settings describe. */
export type NetworkOwner = "run" | "settings";

/** The run's, unless there is none of a U-Net or the person chose the settings', where that is another one. */
export function shownNetwork(
  { run: openRun, config }: Pick<AppState, "run" | "config">,
  chosen: NetworkOwner | null,
): { owner: NetworkOwner; config: RunConfig; hasChoice: boolean } {
  const run = openRun && !takesPoints(openRun.config) ? openRun : null;
  const hasChoice = run !== null && !isSameNetwork(run.config, config);
  const isOfRun = run !== null && !(hasChoice && chosen === "settings");
  return { owner: isOfRun ? "run" : "settings", config: isOfRun ? run.config : config, hasChoice };
}

/** Errors in the settings of the network; other settings are not checked. */
export function networkErrors(config: RunConfig): string[] {
  const errors = validateConfig(config);
  return NETWORK_SETTINGS.flatMap((name) => errors[name] ?? []);
}
