/** What the opening of a stored run, and of a file of weights or of a run, changes. Pure. */
import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import { nearestPreset, nextRunConfig } from "../../engine/config/presets.ts";
import { takesPoints } from "../../engine/nn/architectures.ts";
import type { EventOf, LoadedWeights, OpenedRun } from "../../runtime/run/events.ts";
import type { EndOf } from "./client/answers.ts";
import { NO_CURSOR } from "./slices/cursor.ts";
import { evolutionOf } from "./slices/evolution.ts";
import { noticed, withoutSource } from "./slices/notices.ts";
import { numSteps, runOf } from "./slices/run.ts";
import { forgetPreviews } from "./slices/samples.ts";
import { formOf, withoutLoaded, withoutReading } from "./slices/weights.ts";
import type { AppState } from "./state.ts";

const NOT_FOUND =
  "The run of this link is not in this browser: it was deleted, or was trained elsewhere. Import its file, or train one with the settings of the link.";

/** For the run of the address there is no notice: the page says it where the run would be. */
export function afterRefusal(
  state: AppState,
  { runId, message }: EventOf<"runNotOpened">,
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
    ...(isAddressed ? {} : formOf({ config, preset: nearestPreset(config) })),
    isFormOpen: false,
    samples: forgetPreviews(state.samples),
    evolution: evolutionOf(opened.runId),
    // The step of another run means nothing here; before the first run it is the address's.
    cursor: (state.run?.runId ?? opened.runId) === opened.runId ? state.cursor : NO_CURSOR,
    ...(isAddressed ? {} : fromList(state, config)),
    stored: { ...state.stored, opening: null, progress: null, addressed: null },
    weights: withoutLoaded(state.weights),
    notices: withoutSource(state.notices, "run", "form"),
  };
  return warning === null ? after : withIncompleteRun(after, name, warning);
}

/** From the list of runs the page goes to Train, or of points to 2D, which shows what became of the choice. */
export function fromList({ view }: AppState, config: RunConfig): Pick<AppState, "view"> {
  if (view !== "runs") return { view };
  return { view: takesPoints(config) ? "plane" : "train" };
}

interface FileReading {
  /** Whether no other file was chosen since. */
  isNewest: boolean;
  /** Whether weights leave the form as it is, instead of bringing their settings along. */
  keepsForm: boolean;
}

export function afterFile(state: AppState, read: EndOf<"weights">, reading: FileReading): AppState {
  if (read.type === "weightsLoaded") return afterWeights(state, read.weights, reading);
  const after: AppState = {
    ...state,
    weights: reading.isNewest ? withoutReading(state.weights) : state.weights,
    view: "runs",
    stored: { ...state.stored, importedId: read.runId },
    notices: withoutSource(state.notices, "weights"),
  };
  return read.gaps === null ? after : withIncompleteRun(after, read.name, read.gaps);
}

function afterWeights(
  state: AppState,
  loaded: LoadedWeights,
  { isNewest, keepsForm }: FileReading,
): AppState {
  const { preset, config } = state;
  const { formBefore } = state.weights;
  const weights = { ...(isNewest ? withoutReading(state.weights) : state.weights), loaded };
  const own = nextRunConfig(loaded);
  return {
    ...state,
    weights: keepsForm ? weights : { ...weights, formBefore: formBefore ?? { preset, config } },
    notices: withoutSource(state.notices, "weights", "form"),
    // They may have been chosen in the list, where a run was expected.
    ...fromList(state, loaded.config),
    // Beside an open run the form is folded, and whoever presses Train has to see what it would train.
    ...(keepsForm
      ? {}
      : { ...formOf({ config: own, preset: nearestPreset(own) }), isFormOpen: true }),
  };
}

/** The weights that were loaded before, if any, are still there. */
export function afterUnreadable(
  state: AppState,
  { name, message, isNewest }: { name: string; message: string; isNewest: boolean },
): AppState {
  const after: AppState = {
    ...state,
    notices: withoutSource(state.notices, "weights"),
    // A Train that waits was meant to begin with them.
    ...(isNewest && { weights: withoutReading(state.weights), trainRequested: false }),
  };
  return noticed(after, `${name} did not load`, message, { source: "weights" });
}

/** The page's network is saved in a file: nothing more of the run is lost with the page. */
export function afterSaving(state: AppState): AppState {
  if (state.weights.loaded || !state.run) return state;
  return { ...state, run: { ...state.run, savedSteps: numSteps(state.run) } };
}

/**
 * Tells that parts of a run are missing. Without a source, since it stays true while the run trains on.
 *
 * @param missing in sentences
 */
function withIncompleteRun(state: AppState, name: string, missing: string): AppState {
  const message = `${missing} Training can still continue.`;
  return noticed(state, `“${name}” is incomplete`, message, { tone: "info" });
}
