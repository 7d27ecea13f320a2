import { nearestPreset } from "../config/presets.ts";
import { noticed } from "./notices.ts";
import type { AppState } from "./state.ts";
import { hideList, type ReadableRun } from "./storedRuns.ts";

/** A stored run's settings in the form, for another run. */
export function takeSettings(state: AppState, { name, config }: ReadableRun): AppState {
  const stored = hideList(state.stored);
  return noticed(
    { ...state, config, preset: nearestPreset(config), stored },
    {
      tone: "info",
      title: "The settings are in the form",
      message: `Train starts a new run with those of “${name}”.`,
      source: "run",
    },
  );
}
