/**
 * What 2D shows, beside the page's own state, and when it asks the worker for more. While a run of points trains, it asks for
 * a few points about ten times a second, and once the network stays as it is for all of them, with the field at every frame.
 */
import type { StoreApi } from "zustand/vanilla";
import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { withSampling } from "../../../engine/config/network.ts";
import { samplerOf } from "../../../engine/config/sampling.ts";
import { isValidConfig } from "../../../engine/config/validate.ts";
import { freshPoints } from "../../../engine/data/points.ts";
import { straightness } from "../../../engine/diffusion/pointField.ts";
import { takesPoints } from "../../../engine/nn/architectures.ts";
import { chamferDistance, slicedWasserstein } from "../../../engine/quality/pointDistances.ts";
import type { PlaneDrawn } from "../../../runtime/run/samplingProtocol.ts";
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
  /** The point whose way is shown, by its place; null for none. */
  picked: number | null;
}

/** How good the points are that a network draws. */
export interface PlaneMeasures {
  step: number;
  /** Sliced Wasserstein distance to fresh points, relative to that of fresh points to each other. */
  wasserstein: number;
  /** Chamfer distance to fresh points, relative to that of fresh points to each other. */
  chamfer: number;
  /** See `straightness`. */
  straightness: number;
}

/** Points that flow once training has ended, and meanwhile. */
export const COUNT = 2000;
const LIVE_COUNT = 300;
/** Steps of sampling while a run trains. */
const LIVE_STEPS = 8;
/** From an answer to the next request while a run trains. */
const LIVE_INTERVAL_MS = 60;
/** Arrows along each side. */
export const GRID_SIZE = 17;

export function planeSlice({ store }: AppHandle): StoreApi<PlaneState> {
  const slice = viewSlice(store, "plane", {
    ...NOT_PLAYING,
    ...readParams("plane"),
    drawn: null,
    failure: null,
    measures: [],
    measured: null,
    picked: null,
  });
  const writing = atRest(() => {
    const { layers, time, isForward } = slice.getState();
    writeParams("plane", { layers, time: Math.round(100 * time) / 100, isForward });
  });
  slice.subscribe(({ layers, time, isForward }, before) => {
    const isOther =
      layers !== before.layers || time !== before.time || isForward !== before.isForward;
    if (isOther) writing.soon();
  });
  return slice;
}

/** The settings of the network that is shown: the open run's where it learns the points of the form; null where that is another's. */
export function shownNetwork({ run, weights, pointConfig }: AppState): RunConfig | null {
  const trained = weights.loaded?.config ?? run?.config ?? null;
  if (!trained) return pointConfig;
  if (!takesPoints(trained)) return null;
  const { points, numPoints, seed } = trained;
  const isOfThese =
    points === pointConfig.points &&
    numPoints === pointConfig.numPoints &&
    seed === pointConfig.seed;
  return isOfThese ? withSampling(trained, pointConfig) : null;
}

/** Asks for points whenever there are others to see; `end` when the view is left. */
export function planeLoop({ store, client }: AppHandle, slice: StoreApi<PlaneState>) {
  let asked: string | null = null;
  let isAwaited = false;
  let isOver = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function go(): void {
    const state = store.getState();
    const config = shownNetwork(state);
    if (isOver || isAwaited || state.backend.status !== "ready" || document.hidden) return;
    if (!config || !isValidConfig(config)) {
      asked = null;
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
    if (key === asked || state.run?.status === null || state.run?.status === "preparing") return;
    asked = key;
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
    const { time } = slice.getState();
    const answer = client.drawPlane(
      {
        weights: "ema",
        sampler: samplerOf(steps, config),
        seed,
        count,
        label: null,
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
      slice.setState(({ measures, picked, drawn }) => ({
        drawn: end,
        failure: null,
        // Another number of points has others.
        picked: drawn?.frames[0]?.length === end.frames[0]?.length ? picked : null,
        measures: isLive ? withMeasures(measures, measuresOf(config, end, step)) : measures,
        measured: isLive || runId === null ? null : measuresOf(config, end, step),
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
  document.addEventListener("visibilitychange", go);
  go();
  return {
    end() {
      isOver = true;
      clearTimeout(timer);
      unsubscribe();
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

/** How near they are to each other is by chance: the mean of so many sets. */
const NUM_SETS = 6;

function measuresOf(config: RunConfig, { frames }: PlaneDrawn, step: number): PlaneMeasures {
  const drawn = frames.at(-1) ?? new Float32Array();
  const { sets, floors } = freshSets(config, drawn.length / 2);
  const toSets = (distance: Distance) => mean(sets.map((set) => distance(drawn, set)));
  return {
    step,
    wasserstein: toSets(slicedWasserstein) / floors.wasserstein,
    chamfer: toSets(fewChamfer) / floors.chamfer,
    straightness: straightness(frames),
  };
}

type Distance = (a: Float32Array, b: Float32Array) => number;

/** Of the first points alone: the time that it takes grows with the square of their number. */
const fewChamfer: Distance = (a, b) =>
  chamferDistance(a.subarray(0, 2 * LIVE_COUNT), b.subarray(0, 2 * LIVE_COUNT));

interface FreshSets {
  sets: readonly Float32Array[];
  floors: { wasserstein: number; chamfer: number };
}

/** The sets that were made last, by what they are of. */
const made = new Map<string, FreshSets>();

/** Points that no run has seen, as many as are to be compared with them, and how far such sets are from each other. */
function freshSets(config: RunConfig, count: number): FreshSets {
  const { points, seed } = config;
  const key = JSON.stringify([points, seed, count]);
  const known = made.get(key);
  if (known) return known;
  const all = freshPoints(config, NUM_SETS * count).images as Float32Array;
  const sets = Array.from({ length: NUM_SETS }, (_, i) =>
    all.subarray(2 * count * i, 2 * count * (i + 1)),
  );
  const pairs = sets.flatMap((a, i) => sets.slice(i + 1).map((b) => [a, b] as const));
  const floorOf = (distance: Distance) => mean(pairs.map(([a, b]) => distance(a, b)));
  const fresh = {
    sets,
    floors: { wasserstein: floorOf(slicedWasserstein), chamfer: floorOf(fewChamfer) },
  };
  if (made.size > 8) made.clear();
  made.set(key, fresh);
  return fresh;
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
