/**
 * What 2D shows, beside the page's own state, and when it asks the worker for more. While a run of points trains, it asks for
 * a few points about ten times a second, and once the network stays as it is for all of them, with the field at every frame.
 */
import type { StoreApi } from "zustand/vanilla";
import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { withSampling } from "../../../engine/config/network.ts";
import { samplerOf } from "../../../engine/config/sampling.ts";
import { isValidConfig } from "../../../engine/config/validate.ts";
import { straightness } from "../../../engine/diffusion/pointField.ts";
import { takesPoints } from "../../../engine/nn/architectures.ts";
import type { FieldError, PlaneMeasured } from "../../../engine/quality/planeMeasures.ts";
import { type PointFigures, PointMeter } from "../../../engine/quality/pointMeter.ts";
import type { PlaneDrawn } from "../../../runtime/run/samplingProtocol.ts";
import { useApp } from "../../shared/AppContext.ts";
import { NOT_PLAYING, type Playback } from "../../shared/playback/usePlayback.ts";
import type { AppHandle } from "../../state/actions.ts";
import { atRest, type Params, readParams, writeParams } from "../../state/address.ts";
import { goesOn, numSteps } from "../../state/slices/run.ts";
import type { AppState } from "../../state/state.ts";
import { viewSlice } from "../../state/viewSlices.ts";

declare module "../../state/viewSlices.ts" {
  interface ViewSlices {
    plane: PlaneState;
  }
}

export interface PlaneState extends Playback, Params<"plane"> {
  /** What the network drew last; null where there is none of these points. */
  drawn: PlaneDrawn | null;
  /** Why nothing was drawn; null where something was. */
  failure: string | null;
  /** Of the open run with few points, as it was trained while this view was open; ascending. */
  measures: readonly PlaneMeasures[];
  /** Of all points that are seen; null while a run trains, and before. */
  measured: PlaneMeasures | null;
  /** The network from which the shown one was straightened; null where it was not, or that was not seen. */
  before: { drawn: PlaneDrawn; measured: PlaneMeasures } | null;
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

/** Points that flow once training has ended, and meanwhile. */
export const COUNT = 2000;
const LIVE_COUNT = 300;
/** Steps of sampling while a run trains. */
const LIVE_STEPS = 8;
/** From an answer to the next request while a run trains. */
const LIVE_INTERVAL_MS = 60;
/** Steps of Langevin dynamics. */
const WALK_STEPS = 200;
/** Arrows along each side. */
export const GRID_SIZE = 17;

/** The slice of this view. */
export function usePlane(): StoreApi<PlaneState> {
  return useApp().once(planeSlice);
}

export function planeSlice({ store }: AppHandle): StoreApi<PlaneState> {
  const slice = viewSlice(store, "plane", {
    ...NOT_PLAYING,
    ...readParams("plane"),
    drawn: null,
    failure: null,
    measures: [],
    measured: null,
    before: null,
    curve: "distance",
    measurement: NOT_MEASURED,
    picked: null,
    penClass: 0,
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

/** The settings of the network that is shown: the open run's where it learns the points of the form; null where that is another's. */
export function shownNetwork({ run, weights, pointConfig }: AppState): RunConfig | null {
  const trained = weights.loaded?.config ?? run?.config ?? null;
  if (!trained) return pointConfig;
  if (!takesPoints(trained)) return null;
  return isOfSamePoints(trained, pointConfig) ? withSampling(trained, pointConfig) : null;
}

/** Whether two runs learn the same points. */
function isOfSamePoints(a: RunConfig, b: RunConfig): boolean {
  const names = ["points", "numPoints", "seed"] as const;
  const isOfSameSet = names.every((name) => a[name] === b[name]);
  return isOfSameSet && (a.points !== "own" || String(a.ownPoints) === String(b.ownPoints));
}

/** Asks for points whenever there are others to see; `end` when the view is left. */
export function planeLoop({ store, client }: AppHandle, slice: StoreApi<PlaneState>) {
  let drawnKey: string | null = null;
  let isAwaited = false;
  let isOver = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  // A link within the page may have led here.
  slice.setState(readParams("plane"));

  function go(): void {
    const state = store.getState();
    const config = shownNetwork(state);
    if (isOver || isAwaited || state.backend.status !== "ready" || document.hidden) return;
    if (!config || !isValidConfig(config)) {
      drawnKey = null;
      if (slice.getState().drawn) slice.setState({ drawn: null, measured: null, picked: null });
      return;
    }
    const isLive = goesOn(state.run) && state.run.status !== "preparing";
    const step = state.run ? numSteps(state.run) : 0;
    const key = JSON.stringify([
      state.run?.runId,
      state.weights.loaded?.fileName,
      step,
      config,
      isLive,
    ]);
    if (key === drawnKey || state.run?.status === null || state.run?.status === "preparing") return;
    drawnKey = key;
    isAwaited = true;
    void draw(config, { isLive, step, runId: state.run?.runId ?? null });
  }

  async function draw(
    config: RunConfig,
    { isLive, step, runId }: { isLive: boolean; step: number; runId: string | null },
  ): Promise<void> {
    const { seed } = config;
    const steps = isLive
      ? Math.min(LIVE_STEPS, config.samplingTimesteps)
      : config.samplingTimesteps;
    const count = isLive ? LIVE_COUNT : COUNT;
    const { time, mode, walkLevel, isAnnealed, label } = slice.getState();
    const isWalk = mode === "langevin";
    const answer = client.drawPlane(
      {
        weights: "ema",
        sampler: samplerOf(steps, config),
        seed,
        count,
        walk: isWalk ? { level: walkLevel, isAnnealed, numSteps: WALK_STEPS } : null,
        label: label !== null && label < config.classes ? label : null,
        gridSize: GRID_SIZE,
        // The last frame has no field.
        fieldAt: isLive ? Math.min(steps - 1, Math.round(time * steps)) : "all",
      },
      config,
    );
    const outcome = await answer.done;
    isAwaited = false;
    if (isOver) return;
    if (outcome.status === "done") {
      const { end } = outcome;
      // All classes together, as they flow, are what the data is like.
      const isMeasured = runId !== null && !isWalk && label === null;
      slice.setState(({ measures, picked, drawn }) => ({
        drawn: end,
        failure: null,
        // Another number of points has others.
        picked: drawn?.frames[0]?.length === end.frames[0]?.length ? picked : null,
        measures:
          isLive && isMeasured ? withMeasures(measures, measuresOf(config, end, step)) : measures,
        measured: isLive || !isMeasured ? null : measuresOf(config, end, step),
      }));
    } else if (outcome.status === "failed")
      slice.setState({ failure: outcome.message, drawn: null });
    clearTimeout(timer);
    timer = setTimeout(go, LIVE_INTERVAL_MS);
  }

  const unsubscribe = store.subscribe((state, before) => {
    if (state.run?.runId !== before.run?.runId)
      slice.setState({ measures: [], measured: null, picked: null });
    go();
  });
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
  const outcome = await client.measurePlane(config).done;
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
  const { drawn, measured } = slice.getState();
  if (!run) return;
  client.loadRunWeights(run.runId, run.name);
  const config = { ...run.config, ...REFLOW };
  const name = `${run.name}, straightened`;
  void client.train({ preset: "points", name, config });
  slice.setState({ before: drawn && measured && { drawn, measured } });
}
