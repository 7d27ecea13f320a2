/** What becomes of a run that was to be opened. Pure. */
import { nearestPreset } from "../../engine/config/presets.ts";
import type { OpenedRun, WorkerEvent } from "../../runtime/run/events.ts";
import { NO_CURSOR } from "./slices/cursor.ts";
import { evolutionOf } from "./slices/evolution.ts";
import { noticed, withoutSource } from "./slices/notices.ts";
import { runOf } from "./slices/run.ts";
import { forgetPreviews } from "./slices/samples.ts";
import { hideList, type StoredRunsState } from "./slices/storedRuns.ts";
import type { AppState } from "./state.ts";

/** Of a run that the address names it is said in place, since nobody has just asked for it. */
export function afterRefusal(
  state: AppState,
  event: Extract<WorkerEvent, { type: "runNotOpened" }>,
): AppState {
  const { runId, message } = event;
  const stored = { ...state.stored, opening: null, progress: null };
  if (stored.addressed?.runId === runId) {
    const problem = notFoundMessage(stored, event);
    // The address's step was of that run.
    return { ...state, stored: { ...stored, addressed: { runId, problem } }, cursor: NO_CURSOR };
  }
  return noticed({ ...state, stored }, { title: "The run was not opened", message, source: "run" });
}

/** Why the run of the address is not open, in words that say what to do. */
function notFoundMessage(
  { runs }: StoredRunsState,
  { runId, message }: { runId: string; message: string },
): string {
  // Without a list nothing is known of any run.
  if (!runs || runs.some((stored) => stored.runId === runId)) return message;
  return "The run of this link is not in this browser: it was deleted, or was trained elsewhere. Import its file, or train one with the settings of the link.";
}

/**
 * The run comes to the front, its settings into the form. With one that the address names, the form
 * has what the address says besides: the settings may have been changed since the run.
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
    // A step of the run before says nothing about this one; before the first it is the address's.
    cursor: (state.run?.runId ?? opened.runId) === opened.runId ? state.cursor : NO_CURSOR,
    stored: {
      ...(isAddressed ? state.stored : hideList(state.stored)),
      opening: null,
      progress: null,
      addressed: null,
    },
    weights: { ...state.weights, isSampled: false },
    notices: withoutSource(state.notices, "run"),
  };
  if (warning === null) return after;
  return noticed(after, incompleteRun(name, warning));
}

/**
 * What to say of a run with parts missing. Without a source: what the run tells next, when it trains on, does
 * not make it old.
 *
 * @param missing in sentences
 */
export function incompleteRun(name: string, missing: string) {
  const title = `“${name}” is incomplete`;
  return { tone: "info", title, message: `${missing} Training can still go on.` } as const;
}
