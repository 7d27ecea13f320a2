/** The state of the page. Only events of the worker and what the person does change it. */
import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import { DEFAULT_PRESET, type PresetName, presetConfig } from "../../engine/config/presets.ts";
import type { ImageSource } from "../../hosts/images/protocol.ts";
import type { BackendReport } from "../../runtime/run/events.ts";
import type { StoredDataset } from "../../runtime/storage/records.ts";
import { readParams } from "./address.ts";
import { KEEPS_AWAKE, readLocal } from "./localStorage.ts";
import type { ChartOptions } from "./slices/chartOptions.ts";
import type { ComparisonState } from "./slices/comparison.ts";
import { type Cursor, NO_CURSOR } from "./slices/cursor.ts";
import { type DatasetState, NO_DATASET } from "./slices/dataset.ts";
import { type EpochTimingState, NO_EPOCH_TIMING } from "./slices/epochTiming.ts";
import { type EvaluationState, NO_EVALUATION } from "./slices/evaluation.ts";
import { type EvolutionState, NO_EVOLUTION } from "./slices/evolution.ts";
import type { Notice } from "./slices/notices.ts";
import { NO_READER, type ReaderState } from "./slices/reader.ts";
import type { Run } from "./slices/run.ts";
import { NO_SAMPLES, type SamplesState, shownGeneration } from "./slices/samples.ts";
import { type ContinueRequest, NO_STORED_RUNS, type StoredRunsState } from "./slices/storedRuns.ts";
import type { ViewName } from "./slices/view.ts";
import { formOf, NO_WEIGHTS, type WeightsState } from "./slices/weights.ts";
import type { ViewSlices } from "./viewSlices.ts";

export type BackendState =
  | { status: "starting" }
  | { status: "ready"; report: BackendReport }
  | { status: "failed"; message: string };

/** Why nothing can be computed, in a sentence for the person; null when it can, or will. */
export function backendFailure({ backend }: Pick<AppState, "backend">): string | null {
  return backend.status === "failed" ? "There is nothing to compute on. Reload the page." : null;
}

/**
 * `waiting` until the person says so, or has closed every tab of the app. Then `starting`, unless it is
 * `openElsewhere`: that tab would find parts of the old version gone. With it closed, `waiting` again.
 */
type NewVersion = "none" | "waiting" | "openElsewhere" | "starting";

export interface AppState extends Partial<ViewSlices> {
  view: ViewName;
  /** Whether Train shows the settings of the next run, else one line with the settings of the open run. */
  isFormOpen: boolean;
  /** Which of the first steps is shown, by its place in `FIRST_STEPS`; null when none is. */
  firstStep: number | null;
  backend: BackendState;
  dataset: DatasetState;
  /** The settings of the next run on images, and the preset that they began with. */
  preset: PresetName;
  config: RunConfig;
  /** The settings of the next run on points. */
  pointConfig: RunConfig;
  epochTiming: EpochTimingState;
  /** Train was clicked, and waits for the backend and the images. */
  trainRequested: boolean;
  /** Resume was clicked, and waits. */
  continueRequested: ContinueRequest | null;
  run: Run | null;
  /** Whether the person wants the screen kept awake while a run trains. */
  keepsAwake: boolean;
  samples: SamplesState;
  evolution: EvolutionState;
  evaluation: EvaluationState;
  reader: ReaderState;
  comparison: ComparisonState;
  /** See cursorStep. */
  cursor: Cursor;
  charts: ChartOptions;
  weights: WeightsState;
  /** What the dialog of other images shows: files that are being read, or none where the person is to choose; null while it is closed. */
  importing: readonly ImageSource[] | null;
  /** The images of a run that waits for them, which that dialog asks for. */
  missingImages: StoredDataset | null;
  stored: StoredRunsState;
  /** Until the person closes them; oldest first. */
  notices: readonly Notice[];
  newVersion: NewVersion;
}

/** Whether nothing was trained, loaded or drawn yet. */
export function isUntouched({ run, weights, samples }: AppState): boolean {
  return run === null && weights.loaded === null && shownGeneration(samples) === null;
}

/** The settings that the view is about: those of points in 2D, else those of images. */
export function shownForm({
  view,
  preset,
  config,
  pointConfig,
}: Pick<AppState, "view" | "preset" | "config" | "pointConfig">) {
  return view === "plane" ? { preset: "points" as const, config: pointConfig } : { preset, config };
}

/** @param query the page's address, which may name a view, a run and more */
export function initialState(
  preset: PresetName,
  config: RunConfig,
  query = new URLSearchParams(),
): AppState {
  const { view, runId, heldStep } = readParams("page", query);
  return {
    view,
    isFormOpen: runId === null,
    firstStep: null,
    backend: { status: "starting" },
    dataset: NO_DATASET,
    preset: DEFAULT_PRESET,
    config: presetConfig(DEFAULT_PRESET),
    pointConfig: presetConfig("points"),
    ...formOf({ preset, config }),
    epochTiming: NO_EPOCH_TIMING,
    trainRequested: false,
    continueRequested: null,
    run: null,
    keepsAwake: Boolean(readLocal(KEEPS_AWAKE)),
    samples: NO_SAMPLES,
    evolution: NO_EVOLUTION,
    evaluation: NO_EVALUATION,
    reader: NO_READER,
    comparison: { ...readParams("compare", query), readings: {} },
    cursor: { ...NO_CURSOR, held: heldStep },
    charts: readParams("charts", query),
    weights: NO_WEIGHTS,
    importing: null,
    missingImages: null,
    stored: { ...NO_STORED_RUNS, addressed: runId ? { runId, problem: null } : null },
    notices: [],
    newVersion: "none",
  };
}
