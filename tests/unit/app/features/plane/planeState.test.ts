import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  measureShown,
  planeLoop,
  planeSlice,
} from "../../../../../src/app/features/plane/planeState.ts";
import { appHandle } from "../../../../../src/app/shared/AppContext.ts";
import { rewriteAddress } from "../../../../../src/app/state/address.ts";
import { newRun, type Run } from "../../../../../src/app/state/slices/run.ts";
import type { RunConfig } from "../../../../../src/engine/config/hyperparameters.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import { pointsIdentity } from "../../../../../src/engine/data/points.ts";
import type { PlaneDrawn, PlaneRequest } from "../../../../../src/runtime/run/samplingProtocol.ts";
import { page, ready } from "../../state/clientPage.ts";

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", { location: { pathname: "/" }, history: { replaceState: vi.fn() } });
  vi.stubGlobal("document", { hidden: false, addEventListener() {}, removeEventListener() {} });
  rewriteAddress(() => new URLSearchParams());
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const POINTS = presetConfig("points");
const WITH_CLASSES: RunConfig = { ...POINTS, points: "gaussians", classes: 8 };

function runOf(runId: string, changes: Partial<Run> = {}, config = POINTS): Run {
  const run = newRun({ runId, name: runId, dataset: pointsIdentity(config), config });
  return { ...run, status: "finished", checkpointStep: 100, ...changes };
}

/** The view, opened on a run. */
function opened(run: Run | null, config = POINTS) {
  const app = page("preset=tiny");
  app.tell(ready);
  app.store.setState({ run, pointConfig: config });
  const handle = appHandle(app.store, app.client);
  const slice = planeSlice(handle);
  const loop = planeLoop(handle, slice);
  const requests = () =>
    app.commands.flatMap((command) => (command.type === "drawPlane" ? [command.request] : []));
  /** Answers the newest request, with points that all lie at this x. */
  const answer = async (x: number, trainedSteps = 100) => {
    const request = requests().at(-1) as PlaneRequest;
    app.tell({ type: "planeDrawn", ...drawnAt(x, request.count, trainedSteps), ...idOf(request) });
    await vi.advanceTimersByTimeAsync(0);
  };
  /** Where the points of the picture lie. */
  const shown = () => slice.getState().drawn?.frames.at(-1)?.[0];
  return { ...app, handle, slice, loop, requests, answer, shown };
}

const idOf = ({ requestId }: PlaneRequest) => ({ requestId });

function drawnAt(x: number, count: number, trainedSteps: number): PlaneDrawn {
  const frames = [new Float32Array(2 * count), new Float32Array(2 * count).fill(x)];
  const levels = [
    { signal: 0, noise: 1 },
    { signal: 1, noise: 0 },
  ];
  return { levels, frames, starts: [null, null], oneStep: null, fieldErrors: [], trainedSteps };
}

describe("what 2D asks for", () => {
  it("is drawn anew when what is played changes, and once while nothing does", async () => {
    const { slice, store, requests, answer } = opened(runOf("a"));
    await answer(0);
    store.setState({ cursor: { ...store.getState().cursor } });
    expect(requests()).toHaveLength(1);
    expect(requests()[0]).toMatchObject({ walk: null, label: null, fieldAt: "all" });

    slice.setState({ mode: "langevin", walkLevel: 0.3 });
    expect(requests().at(-1)?.walk).toMatchObject({ level: 0.3, isAnnealed: false });
    await answer(0);
    slice.setState({ isAnnealed: true });
    expect(requests().at(-1)?.walk).toMatchObject({ level: 0.3, isAnnealed: true });
    await answer(0);
    slice.setState({ mode: "denoise" });
    expect(requests()).toHaveLength(4);
  });

  it("is an answer to the newest question only", async () => {
    const { slice, requests, answer, shown } = opened(runOf("a"));
    slice.setState({ mode: "langevin" });
    await answer(1);
    // That was of points which flow.
    expect(shown()).toBeUndefined();
    expect(requests().at(-1)?.walk).not.toBeNull();
    await answer(2);
    expect(shown()).toBe(2);
  });

  it("follows the form's sampling of a trained run, where its objective has that", async () => {
    const { store, requests, answer } = opened(runOf("a", {}, WITH_CLASSES), WITH_CLASSES);
    await answer(0);
    const form = { ...WITH_CLASSES, guidance: 4, samplingTimesteps: 3 };
    store.setState({ pointConfig: form });
    expect(requests().at(-1)).toMatchObject({ guidance: 4, sampler: { timesteps: 3 } });
    await answer(0);
    const before = requests().length;
    store.setState({ pointConfig: { ...form, samplingTimesteps: 0 } });
    expect(requests()).toHaveLength(before + 1);
    expect(requests().at(-1)?.sampler).toMatchObject({ timesteps: WITH_CLASSES.samplingTimesteps });
  });

  it("asks for a class only of a network that knows it", async () => {
    const { slice, requests, answer } = opened(runOf("a", {}, WITH_CLASSES), WITH_CLASSES);
    await answer(0);
    slice.setState({ label: 5 });
    expect(requests().at(-1)?.label).toBe(5);
    await answer(0);
    slice.setState({ label: 8 });
    expect(requests().at(-1)?.label).toBeNull();
  });

  it("is asked of a new worker again when the old one was lost", async () => {
    const { tell, client, requests } = opened(runOf("a"));
    client.remedy("restart");
    await vi.advanceTimersByTimeAsync(100);
    tell(ready);
    await vi.advanceTimersByTimeAsync(100);
    expect(requests().length).toBeGreaterThan(1);
  });

  it("comes while a run trains no faster than it can be seen", async () => {
    const { store, requests, answer, slice } = opened(runOf("a", { status: "training" }));
    for (let step = 101; step < 200; step++) {
      store.setState(({ run }) => ({ run: run && { ...run, checkpointStep: step } }));
      if (requests().length < 3) await answer(step, step);
    }
    expect(requests()).toHaveLength(1);
    // The step at which it was drawn, not the one at which it was asked for.
    expect(slice.getState().measures.map(({ step }) => step)).toEqual([101]);
    await vi.advanceTimersByTimeAsync(100);
    expect(requests()).toHaveLength(2);
    expect(requests()[1]?.count).toBeLessThan(1000);
  });
});

describe("figures", () => {
  it("are of the open run alone", async () => {
    const { store, slice, answer, loop } = opened(runOf("a"));
    await answer(1);
    expect(slice.getState().measured?.step).toBe(100);
    // The view may be closed when another run is opened.
    loop.end();
    store.setState({ run: runOf("b") });
    expect(slice.getState()).toMatchObject({ measures: [], measured: null, picked: null });
  });

  it("on request come to nothing when another run is opened meanwhile", async () => {
    const app = opened(runOf("a"));
    const measuring = measureShown(app.handle, app.slice);
    app.store.setState({ run: runOf("b") });
    const command = app.posted("measurePlane")[0];
    if (command?.type !== "measurePlane") throw new Error("Expected a measurement.");
    const { requestId } = command;
    app.tell({ type: "planeMeasured", requestId, fieldErrors: [], samplers: [] });
    await measuring;
    expect(app.slice.getState().measurement).toMatchObject({ isInProgress: false, result: null });
  });

  it("from before straightening stay until another run than the straightened one is opened", () => {
    const { store, slice } = opened(runOf("a"));
    const figures = { step: 1, straightness: 0.5, wasserstein: 1, chamfer: 1 };
    const straightened = {
      fromId: "a",
      label: null,
      runName: "a, straightened",
      drawn: drawnAt(0, 1, 1),
      measured: { ...figures, oneStep: 9, fieldErrors: [] },
    };
    slice.setState({ straightened });
    store.setState({ run: runOf("b", { name: "a, straightened" }) });
    expect(slice.getState().straightened).toBe(straightened);
    store.setState({ run: runOf("c") });
    expect(slice.getState().straightened).toBeNull();
  });
});
