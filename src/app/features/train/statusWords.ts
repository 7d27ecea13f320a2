/** What goes on, in words: beside the bar of the run, and in the title of the tab. Pure. */
import type { MeasureProgress } from "../../../engine/quality/figures.ts";
import { counted, formatPercent } from "../../../runtime/format.ts";
import { paceOf } from "../../state/slices/pace.ts";
import { isActive, numSteps, type Run, type RunPart } from "../../state/slices/run.ts";
import { isReadable } from "../../state/slices/storedRuns.ts";
import { VIEW_LABELS } from "../../state/slices/view.ts";
import type { AppState } from "../../state/state.ts";

/** What goes on, in words; changes seldom enough to be read aloud. */
export function statusWords(state: AppState): string {
  const { backend, dataset, weights, run, trainRequested } = state;
  if (trainRequested || state.continueRequested) {
    const begins = trainRequested ? "Training starts" : "Training goes on";
    if (state.missingImages) return `${begins} when ${state.missingImages.name} is here again`;
    const awaited = dataset.loading?.name ?? weights.loading;
    if (!awaited && state.stored.opening !== null) return `${begins} when the other run is open`;
    if (awaited) return `${begins} when ${awaited} has loaded`;
    return `${begins} when the backend is ready`;
  }
  if (state.stored.opening !== null) return "Opening a run…";
  if (run) {
    return (
      runStatusWords(run, hasSpentBudget(state)) +
      (run.isDeleted ? "; deleted, gone after a reload" : "")
    );
  }
  if (backend.status === "failed") return "No backend to compute on";
  if (dataset.loading) return `Loading ${dataset.loading.name}`;
  if (!dataset.current) return "No images to train on";
  if (backend.status === "starting") return "Starting the backend";
  return "Ready to train";
}

/** Whether the open run ended as its sweep had it. */
function hasSpentBudget({ run, stored }: AppState): boolean {
  const of = stored.runs?.find(({ runId }) => runId === run?.runId);
  return of !== undefined && isReadable(of) && of.hasSpentBudget === true;
}

function runStatusWords(run: Run, hasSpentBudget: boolean): string {
  const isContinued = run.size?.startedFrom != null;
  const trained = counted(numSteps(run), isContinued ? "further step" : "step");
  if (run.asked === "pause") return "Pausing after the steps that have begun…";
  if (run.asked === "stop") return "Stopping after this step…";
  switch (run.status) {
    case null:
      return "Starting";
    case "preparing":
      return run.compiling && run.compiling.numCompiled < run.compiling.numPrograms
        ? "Compiling programs for the graphics card…"
        : "Computing the first step…";
    case "training":
      return "Training";
    case "validating":
      return "Validating";
    case "measuring":
      return "Measuring quality";
    case "paused":
      return "Paused";
    case "stopped":
      return `${hasSpentBudget ? "Sweep run finished" : "Unfinished"} after ${trained}`;
    case "stoppedEarly":
      return `Stopped early after ${trained}, with the best weights`;
    case "diverged":
      return `Stopped after ${trained}: the loss is not a number`;
    case "finished":
      return `Finished after ${trained}`;
    case "failed":
      return run.size === null ? "Not started" : `Failed after ${trained}`;
    default:
      run.status satisfies never;
      return "";
  }
}

/** The title of the tab: `45 % – Diffusion MNIST` while a run trains. */
export function titleWords({ run, view }: AppState, title: string): string {
  const pace = isActive(run) ? paceOf(run) : null;
  const part = pace && formatPercent(pace.step / pace.totalSteps);
  const place = view === "train" ? null : VIEW_LABELS[view];
  return [part, place, title].filter((words) => words !== null).join(" – ");
}

/** Another for whatever has its own time left. */
export function partKey(part: RunPart): string {
  return part.name === "Measuring quality" ? part.doing : part.name;
}

/** How a run measures quality. */
export const MEASURING_WORDS: Record<MeasureProgress["doing"], string> = {
  drawing: "drawing samples",
  classifying: "classifying",
  comparing: "comparing with training images",
  scaling: "measuring training images",
  predicting: "predicting test images",
};
