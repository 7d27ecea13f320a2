/**
 * What 2D shows, beside the page's own state, and when it asks the worker for more. While a run of points trains, it asks for
 * a few points about ten times a second, and once the network stays as it is for all of them, with the field at every frame.
 */
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { HyperparameterName, RunConfig } from "../../../engine/config/hyperparameters.ts";
import { samplerOf } from "../../../engine/config/sampling.ts";
import { isValidConfig } from "../../../engine/config/validate.ts";
import { straightness } from "../../../engine/diffusion/pointField.ts";
import { takesPoints } from "../../../engine/nn/architectures.ts";
import type { FieldError, PlaneMeasured } from "../../../engine/quality/planeMeasures.ts";
import { type PointFigures, PointMeter } from "../../../engine/quality/pointMeter.ts";
import type { PlaneDrawn, PlaneRequest } from "../../../runtime/run/samplingProtocol.ts";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { NOT_PLAYING, type Playback } from "../../shared/playback/usePlayback.ts";
import type { AppHandle } from "../../state/actions.ts";
import { atRest, type Params, readParams, writeParams } from "../../state/address.ts";
import { goesOn, numSteps, type Run } from "../../state/slices/run.ts";
import type { AppState } from "../../state/state.ts";
import { viewSlice } from "../../state/viewSlices.ts";
import { GRID_SIZE } from "./planePicture.ts";

declare module "../../state/viewSlices.ts" {
  interface ViewSlices {
    plane: PlaneState;
  }
}

export interface PlaneState extends Playback, Params<"plane"> {
  /** What the network drew last; null where there is none of these points. */
  drawn: PlaneDrawn | null;
  /** Whether these walk by Langevin dynamics; while a run trains they flow. */
  isWalk: boolean;
  /** Why nothing was drawn; null where something was. */
  failure: string | null;
  /** Of the open run with few points, as it was trained while this view was open; ascending. */
  measures: readonly PlaneMeasures[];
  /** Of all points that are seen; null while a run trains, and before. */
  measured: PlaneMeasures | null;
  /** What was seen last of a run, `fromId`, from which the one named `runName` is straightened; null where none is. */
  straightened: Straightened | null;
  /** Which of the measures the chart shows. */
  curve: PlaneCurve;
  /** What was measured on request. */
  measurement: Measurement;
  /** The point whose path is shown, by its place; null for none. */
  picked: number | null;
  /** The class of the points that the person draws. */
  penClass: number;
}

export const PLANE_CURVES = ["distance", "straightness", "field"] as const;
export type PlaneCurve = (typeof PLANE_CURVES)[number];

interface Measurement {
  isInProgress: boolean;
  result: PlaneMeasured | null;
  failure: string | null;
}

const NOT_MEASURED: Measurement = { isInProgress: false, result: null, failure: null };

/** How good the points are that a network draws. */
export interface PlaneMeasures extends PointFigures {
  step: number;
  /** See `straightness`. */
  straightness: number;
  /** At a few timesteps, ascending. */
  fieldErrors: readonly FieldError[];
  /** As `wasserstein`, of points that are drawn in one step; null while a run trains. */
  oneStep: number | null;
}

interface Straightened {
  fromId: string;
  runName: string;
  drawn: PlaneDrawn;
  /** The class that was asked for. */
  label: number | null;
  /** Null where only a class was seen. */
  measured: PlaneMeasures | null;
}

/** Points that flow once training has ended, and meanwhile. */
export const COUNT = 2000;
const LIVE_COUNT = 300;
/** Steps of sampling while a run trains. */
const LIVE_STEPS = 8;
/** From an answer to the next request while a run trains. */
const LIVE_INTERVAL_MS = 40;
/** Steps of Langevin dynamics. */
const WALK_STEPS = 200;
/** The slice of this view. */
export function usePlane(): StoreApi<PlaneState> {
  return useApp().once(planeSlice);
}

/** What was seen before the open run was straightened; null where it was not, or that was not seen. */
export function useBefore(): Straightened | null {
  const slice = usePlane();
  const straightened = useStore(slice, (state) => state.straightened);
  const runName = useAppState(({ run }) => run?.name);
  return straightened?.runName === runName ? straightened : null;
}

function isPartOf({ fromId, runName }: Straightened, run: Run | null): boolean {
  return run === null || run.runId === fromId || run.name === runName;
}

export function planeSlice({ store }: AppHandle): StoreApi<PlaneState> {
  const slice = viewSlice(store, "plane", {
    ...NOT_PLAYING,
    ...readParams("plane"),
    drawn: null,
    isWalk: false,
    failure: null,
    measures: [],
    measured: null,
    straightened: null,
    curve: "distance",
    measurement: NOT_MEASURED,
    picked: null,
    penClass: 0,
  });
  store.subscribe(({ run, weights }, before) => {
    const isOther =
      run?.runId !== before.run?.runId ||
      weights.loaded?.fileName !== before.weights.loaded?.fileName;
    if (!isOther) return;
    slice.setState(({ straightened }) => ({
      measures: [],
      measured: null,
      measurement: NOT_MEASURED,
      picked: null,
      straightened: straightened && isPartOf(straightened, run) ? straightened : null,
    }));
  });
  const writing = atRest(() => {
    const { layers, time, mode, walkLevel, isAnnealed, label } = slice.getState();
    const rounded = Math.round(100 * time) / 100;
    writeParams("plane", { layers, time: rounded, mode, walkLevel, isAnnealed, label });
  });
  slice.subscribe((state, before) => {
    const names = ["layers", "time", "mode", "walkLevel", "isAnnealed", "label"] as const;
    if (names.some((name) => state[name] !== before[name])) writing.soon();
  });
  return slice;
}

/** The settings that say how points are drawn: the form's hold for a trained network, too. */
const SAMPLING_SETTINGS = [
  "samplingTimesteps",
  "samplerKind",
  "stepSpacing",
  "ddimEta",
  "guidance",
] as const satisfies HyperparameterName[];

/** The settings of the network that is shown: the open run's where it learns the points of the form; null where that is another's. */
export function shownNetwork(state: AppState): RunConfig | null {
  const { pointConfig } = state;
  const trained = trainedNetwork(state);
  if (!trained) return pointConfig;
  if (!takesPoints(trained) || !isOfSamePoints(trained, pointConfig)) return null;
  const chosen = SAMPLING_SETTINGS.map((name) => [name, pointConfig[name]]);
  const config: RunConfig = { ...trained, ...Object.fromEntries(chosen) };
  // A sampler may be of another objective, and a number still be typed.
  return isValidConfig(config) ? config : trained;
}

/** The settings of the loaded weights, else of the open run; null where there is neither. */
export function trainedNetwork({ run, weights }: AppState): RunConfig | null {
  return weights.loaded?.config ?? run?.config ?? null;
}

/** Whether the exact answer to what a network learns is known: that to pairs which were chosen by a flow is another. */
export function hasExactField({ reflowSteps }: Pick<RunConfig, "reflowSteps">): boolean {
  return reflowSteps === 0;
}

/** The class that points are asked to be, of those that a network knows; null for none. */
export function askedClass(
  { label }: Pick<PlaneState, "label">,
  config: Pick<RunConfig, "classes"> | null,
): number | null {
  return label !== null && config !== null && label < config.classes ? label : null;
}

/** Whether two runs learn the same points. */
function isOfSamePoints(a: RunConfig, b: RunConfig): boolean {
  const names = ["points", "numPoints", "seed"] as const;
  const isOfSameSet = names.every((name) => a[name] === b[name]);
  return isOfSameSet && (a.points !== "own" || String(a.ownPoints) === String(b.ownPoints));
}

/** What is to be drawn; as text it is the same as long as the picture is. */
interface Wanted {
  /** What the network is known by: the run, or the file of weights; both null for an untrained one. */
  runId: string | null;
  fileName: string | null;
  step: number;
  config: RunConfig;
  isLive: boolean;
  label: number | null;
  walk: PlaneRequest["walk"];
}

/** Asks for points whenever there are others to see; `end` when the view is left. */
export function planeLoop({ store, client }: AppHandle, slice: StoreApi<PlaneState>) {
  let drawnKey: string | null = null;
  let isAwaited = false;
  let isOver = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  // A link within the page may have led here.
  slice.setState(readParams("plane"));

  /** Null where the network is of other points, or is not there yet. */
  function wanted(): Wanted | null {
    const state = store.getState();
    const { run, weights } = state;
    const config = shownNetwork(state);
    if (!config || !isValidConfig(config)) return null;
    const { mode, walkLevel, isAnnealed, label } = slice.getState();
    return {
      runId: run?.runId ?? null,
      fileName: weights.loaded?.fileName ?? null,
      step: run ? numSteps(run) : 0,
      config,
      isLive: goesOn(run),
      label: askedClass({ label }, config),
      // Hundreds of steps would slow the training down.
      walk:
        mode === "langevin" && !goesOn(run)
          ? { level: walkLevel, isAnnealed, numSteps: WALK_STEPS }
          : null,
    };
  }

  function go(): void {
    const { backend, run } = store.getState();
    if (isOver || isAwaited || backend.status !== "ready" || document.hidden) return;
    const next = wanted();
    if (!next) {
      drawnKey = null;
      if (slice.getState().drawn) slice.setState({ drawn: null, measured: null, picked: null });
      return;
    }
    if (run?.status === null || run?.status === "preparing") return;
    const key = JSON.stringify(next);
    if (key === drawnKey) return;
    drawnKey = key;
    isAwaited = true;
    void draw(next, key);
  }

  async function draw(next: Wanted, key: string): Promise<void> {
    const { config, isLive, label, walk } = next;
    const steps = isLive
      ? Math.min(LIVE_STEPS, config.samplingTimesteps)
      : config.samplingTimesteps;
    const { time, mode } = slice.getState();
    const flowed = mode === "forward" ? 1 - time : time;
    const answer = client.drawPlane(
      {
        weights: "ema",
        sampler: samplerOf(steps, config),
        seed: config.seed,
        count: isLive ? LIVE_COUNT : COUNT,
        walk,
        label,
        guidance: config.guidance,
        gridSize: GRID_SIZE,
        // The last frame has no field.
        fieldAt: isLive ? Math.min(steps - 1, Math.round(flowed * steps)) : "all",
      },
      config,
    );
    const outcome = await answer.done;
    if (isOver) return;
    const now = wanted();
    // While a run trains, a picture is a few steps late; what is asked for later comes next.
    const isCurrent =
      now !== null && (isLive ? isOfSameRun(now, next) : JSON.stringify(now) === key);
    if (isCurrent && outcome.status === "done") {
      const { end } = outcome;
      slice.setState((state) => withDrawn(state, next, end));
    } else if (isCurrent && outcome.status === "failed")
      slice.setState({ failure: outcome.message, drawn: null });
    const isLost = outcome.status === "failed" && outcome.isLost;
    // What the worker gave no answer to is asked for again.
    if (isLost || outcome.status === "interrupted") drawnKey = null;
    const goOn = () => {
      isAwaited = false;
      go();
    };
    if (isLive || isLost) timer = setTimeout(goOn, LIVE_INTERVAL_MS);
    else goOn();
  }

  const unsubscribe = store.subscribe(go);
  const unsubscribeSlice = slice.subscribe((state, before) => {
    const names = ["mode", "walkLevel", "isAnnealed", "label"] as const;
    if (names.some((name) => state[name] !== before[name])) go();
  });
  document.addEventListener("visibilitychange", go);
  go();
  return {
    end() {
      isOver = true;
      clearTimeout(timer);
      unsubscribe();
      unsubscribeSlice();
      document.removeEventListener("visibilitychange", go);
    },
  };
}

function isOfSameRun(a: Wanted, b: Wanted): boolean {
  return a.runId === b.runId && a.fileName === b.fileName;
}

function withDrawn(state: PlaneState, of: Wanted, drawn: PlaneDrawn): Partial<PlaneState> {
  const { config, isLive, label, walk, runId, fileName } = of;
  // All classes together, as they flow, are what the data is like.
  const isMeasured = (runId !== null || fileName !== null) && walk === null && label === null;
  const measured = isMeasured ? measuresOf(config, drawn, drawn.trainedSteps ?? of.step) : null;
  // Another number of points has others.
  const isSameCount = state.drawn?.frames[0]?.length === drawn.frames[0]?.length;
  return {
    drawn,
    isWalk: walk !== null,
    failure: null,
    picked: isSameCount ? state.picked : null,
    measures: isLive && measured ? withMeasures(state.measures, measured) : state.measures,
    measured: isLive ? null : measured,
  };
}

function withMeasures(
  before: readonly PlaneMeasures[],
  next: PlaneMeasures,
): readonly PlaneMeasures[] {
  return [...before.filter(({ step }) => step < next.step), next];
}

/** The meters that were made last, by what they are of. */
const meters = new Map<string, PointMeter>();

function measuresOf(
  config: RunConfig,
  { frames, oneStep, fieldErrors }: PlaneDrawn,
  step: number,
): PlaneMeasures {
  const drawn = frames.at(-1) ?? new Float32Array();
  const count = drawn.length / 2;
  const key = JSON.stringify([config.points, config.ownPoints, config.seed, count]);
  const meter = meters.get(key) ?? new PointMeter(config, count);
  if (meters.size > 8) meters.clear();
  meters.set(key, meter);
  return {
    step,
    ...meter.measure(drawn),
    straightness: straightness(frames),
    fieldErrors,
    oneStep: oneStep && meter.measure(oneStep).wasserstein,
  };
}

/** Measures the field and the samplers of the network that is shown. */
export async function measureShown(
  { store, client }: AppHandle,
  slice: StoreApi<PlaneState>,
): Promise<void> {
  const config = shownNetwork(store.getState());
  if (!config || slice.getState().measurement.isInProgress) return;
  const change = (measurement: Partial<Measurement>) =>
    slice.setState((state) => ({ measurement: { ...state.measurement, ...measurement } }));
  change({ isInProgress: true, failure: null });
  const { runId } = store.getState().run ?? {};
  const outcome = await client.measurePlane(config).done;
  if (runId !== store.getState().run?.runId) return;
  change({
    isInProgress: false,
    ...(outcome.status === "done" && { result: outcome.end }),
    ...(outcome.status === "failed" && { failure: outcome.message }),
  });
}

/** Euler steps from each noise to where the flow leads it, and passes over as many pairs as there are points. */
const REFLOW = { reflowSteps: 20, epochs: 6 } as const;

/** Trains a straighter flow from the open run's, on pairs of noise and what that draws from it. */
export function straighten({ store, client }: AppHandle, slice: StoreApi<PlaneState>): void {
  const { run } = store.getState();
  const { drawn, isWalk, label, measured } = slice.getState();
  if (!run) return;
  client.loadRunWeights(run.runId, run.name);
  const config = { ...run.config, ...REFLOW };
  const runName = `${run.name}, straightened`;
  void client.train({ preset: "points", name: runName, config });
  const seen =
    drawn && !isWalk ? { drawn, label: askedClass({ label }, run.config), measured } : null;
  slice.setState({ straightened: seen && { fromId: run.runId, runName, ...seen } });
}
