/** What the worker's answer to `openRun` changes. Pure. */
import { nearestPreset } from "../../engine/config/presets.ts";
import type { OpenedRun, WorkerEvent } from "../../runtime/run/events.ts";
import { NO_CURSOR } from "./slices/cursor.ts";
import { evolutionOf } from "./slices/evolution.ts";
import { noticed, withoutSource } from "./slices/notices.ts";
import { runOf } from "./slices/run.ts";
import { forgetPreviews } from "./slices/samples.ts";
import { hideList } from "./slices/storedRuns.ts";
import { withoutLoaded } from "./slices/weights.ts";
import type { AppState } from "./state.ts";

const NOT_FOUND =
  "The run of this link is not in this browser: it was deleted, or was trained elsewhere. Import its file, or train one with the settings of the link.";

/** For the run of the address there is no notice: the page says it where the run would be. */
export function afterRefusal(
  state: AppState,
  { runId, message }: Extract<WorkerEvent, { type: "runNotOpened" }>,
): AppState {
  const stored = { ...state.stored, opening: null, progress: null };
  if (stored.addressed?.runId === runId) {
    const isMissing = stored.runs?.every((run) => run.runId !== runId);
    const problem = isMissing ? NOT_FOUND : message;
    // The address's step was of that run.
    return { ...state, stored: { ...stored, addressed: { runId, problem } }, cursor: NO_CURSOR };
  }
  return noticed({ ...state, stored }, "The run was not opened", message, { source: "run" });
}

/**
 * The run is shown, and its settings are in the form; of the address's run the form keeps the settings of
 * the address, which may have been changed since.
 */
export function afterOpening(state: AppState, opened: OpenedRun): AppState {
  const { name, config, warning } = opened;
  const isAddressed = state.stored.addressed?.runId === opened.runId;
  const after: AppState = {
    ...state,
    run: runOf(opened),
    ...(isAddressed ? {} : { config, preset: nearestPreset(config) }),
    samples: forgetPreviews(state.samples),
    evolution: evolutionOf(opened.runId),
    // The step of another run means nothing here; before the first run it is the address's.
    cursor: (state.run?.runId ?? opened.runId) === opened.runId ? state.cursor : NO_CURSOR,
    stored: {
      ...(isAddressed ? state.stored : hideList(state.stored)),
      opening: null,
      progress: null,
      addressed: null,
    },
    weights: withoutLoaded(state.weights),
    notices: withoutSource(state.notices, "run", "form"),
  };
  return warning === null ? after : withIncompleteRun(after, name, warning);
}

/**
 * Tells that parts of a run are missing. Without a source, since it stays true while the run trains on.
 *
 * @param missing in sentences
 */
export function withIncompleteRun(state: AppState, name: string, missing: string): AppState {
  const message = `${missing} Training can still continue.`;
  return noticed(state, `“${name}” is incomplete`, message, { tone: "info" });
}
