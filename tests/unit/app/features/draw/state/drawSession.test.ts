import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startDraw } from "../../../../../../src/app/features/draw/state/drawSession.ts";
import { appHandle } from "../../../../../../src/app/shared/AppContext.ts";
import { rewriteAddress } from "../../../../../../src/app/state/address.ts";
import type { TrainedModelFile } from "../../../../../../src/app/state/trainedModels.ts";
import type { WorkerEvent } from "../../../../../../src/runtime/run/events.ts";
import { WEIGHTS_LOADED } from "../../../shared/weightsLoaded.ts";
import { page, ready } from "../../../state/clientPage.ts";

beforeEach(() => {
  vi.stubGlobal("window", { location: { pathname: "/" }, history: { replaceState: vi.fn() } });
});
afterEach(() => vi.unstubAllGlobals());

/** Both sides draw with the untrained network of the settings, which needs no download. */
function opened() {
  const app = page("preset=tiny");
  const session = startDraw(app);
  const network = { kind: "untrained" } as const;
  session.changeSide("a", { network });
  session.changeSide("b", { network, steps: "5" });
  return { ...app, session };
}

/** As a first visit finds it. */
function openedAnew() {
  const app = page("preset=tiny");
  return { ...app, session: startDraw(app) };
}

const started = (sampleId: string): WorkerEvent => ({
  type: "sampleStarted",
  sampleId,
  origin: "person",
  start: "noise",
  count: 36,
  timesteps: 2,
  times: [9, 4, -1],
  sources: null,
  trainedSteps: 7,
  source: { kind: "run", runId: "a" },
});

describe("a student", () => {
  const model = (fileName: TrainedModelFile) => ({ kind: "model", fileName }) as const;

  it("is drawn in the steps that it was made for; other networks keep what was typed", () => {
    const { session } = openedAnew();
    const { changeSide, store } = session;
    const stepsOfB = () => store.getState().settings.b.steps;
    changeSide("b", { network: { kind: "untrained" }, steps: "20" });
    changeSide("b", { network: model("pretrained-medium.safetensors") });
    expect(stepsOfB()).toBe("20");
    changeSide("b", { network: model("pretrained-quick-4-steps.safetensors") });
    expect(stepsOfB()).toBeNull();
    changeSide("b", { steps: "3" });
    expect(stepsOfB()).toBe("3");
    changeSide("b", { guidance: "2" });
    expect(stepsOfB()).toBe("3");
    changeSide("b", { network: model("pretrained-quick.safetensors") });
    expect(stepsOfB()).toBe("3");
  });

  it("is compared with another network at first, not with itself in more steps", () => {
    const { session } = openedAnew();
    session.compare(true);
    expect(session.store.getState().settings).toMatchObject({
      isComparing: true,
      b: { network: model("pretrained-quick-4-steps.safetensors"), steps: null },
    });
    session.changeSide("b", { network: model("pretrained-medium.safetensors") });
    session.compare(false);
    session.compare(true);
    expect(session.store.getState().settings.b.network).toEqual(
      model("pretrained-medium.safetensors"),
    );
  });
});

describe("loaded weights", () => {
  const typed = { steps: "50", guidance: "0", sampler: "ddim", eta: "0.5" } as const;

  it("come with how they are sampled: what was typed for others no longer holds, but for the other side", async () => {
    const { session, loadWeights } = openedAnew();
    const { settings } = session.store.getState();
    const sides = { a: { ...settings.a, ...typed }, b: { ...settings.b, ...typed } };
    session.store.setState({ settings: { ...settings, ...sides } });
    await loadWeights(WEIGHTS_LOADED);
    const after = session.store.getState().settings;
    expect(after.a).toEqual({ ...settings.a, eta: "0.5" });
    expect(after.b).toEqual(sides.b);

    const ofRun = { ...sides.a, network: { kind: "stored", runId: "run-1", step: 3 } } as const;
    session.store.setState({ settings: { ...settings, a: ofRun } });
    await loadWeights(WEIGHTS_LOADED);
    expect(session.store.getState().settings.a).toEqual(ofRun);
  });

  it("leave what the address says of them", async () => {
    const { session, loadWeights } = openedAnew();
    rewriteAddress(() => new URLSearchParams("steps=20"));
    await loadWeights(WEIGHTS_LOADED);
    expect(session.store.getState().settings.a.steps).toBe("20");
    rewriteAddress(() => new URLSearchParams());
  });
});

/** Answers reach the view a few microtasks later. */
async function settled() {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

describe("before anything is trained", () => {
  const respond = (respond: () => Promise<Response>) => vi.stubGlobal("fetch", vi.fn(respond));
  beforeEach(() => vi.stubGlobal("document", { baseURI: "http://page/" }));
  /** The answer of a download takes more than microtasks. */
  const downloaded = () => new Promise((resolve) => setTimeout(resolve, 20));

  it("draws with a model of the page, downloaded once, in the steps that it is made for", async () => {
    respond(async () => new Response("weights"));
    const { session, posted } = openedAnew();
    session.generate();
    session.generate();
    await downloaded();
    const [asked] = posted("sample") as { request: { network: { file: File } } }[];
    expect(asked).toMatchObject({ request: { sampler: { timesteps: 1 } } });
    expect(await asked?.request.network.file.text()).toBe("weights");
    expect(asked?.request.network.file.name).toBe("pretrained-quick-1-step.safetensors");
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it("begins with a drawing by the student of four steps, which leaves no specks", async () => {
    respond(async () => new Response("weights"));
    const { session, posted } = openedAnew();
    session.change({ start: "drawing" });
    session.store.setState({ strokes: [[0.1, 0.1, 0.9, 0.9]] });
    session.generate();
    await downloaded();
    expect(posted("sample")).toMatchObject([
      { request: { sampler: { timesteps: 4 }, start: { kind: "image" } } },
    ]);
  });

  it("says why it cannot be drawn, and downloads anew when it is asked again", async () => {
    respond(() => Promise.reject(new Error("offline")));
    const { session, posted } = openedAnew();
    session.generate();
    await downloaded();
    const { generations } = session.store.getState();
    expect(generations.a?.message ?? session.store.getState().coming).toMatch(/offline/);
    expect(posted("sample")).toEqual([]);
    respond(async () => new Response("weights"));
    session.generate();
    await downloaded();
    expect(posted("sample")).toHaveLength(1);
  });
});

describe("the denoising view", () => {
  it("asks for one batch, or for two when they are compared, noised as far as it is set to", () => {
    const { session, store, posted } = opened();
    session.store.setState(({ settings }) => ({ settings: { ...settings, level: 0.25 } }));
    session.generate();
    const config = { ...store.getState().config, interpolationNoise: 0.25 };
    expect(posted("sample")).toMatchObject([
      { request: { sampleId: "sample-1", count: 36, sampler: { timesteps: 10 } }, config },
    ]);
    expect(session.store.getState().generations.a).toMatchObject({
      sampleId: "sample-1",
      status: "waiting",
      numTimesteps: 1000,
      noising: { interpolationNoise: 0.25 },
    });
    expect(session.store.getState().generations.b).toBeNull();
    session.store.setState(({ settings }) => ({ settings: { ...settings, isComparing: true } }));
    session.generate();
    expect(posted("sample").slice(1)).toMatchObject([
      { request: { sampleId: "sample-2", sampler: { timesteps: 10 } } },
      { request: { sampleId: "sample-3", sampler: { timesteps: 5 } } },
    ]);
  });

  it("ends what is under way when it asks anew, and then hears of the new one alone", async () => {
    const { session, posted, tell } = opened();
    session.generate();
    tell(started("sample-1"));
    await settled();
    expect(session.store.getState().generations.a).toMatchObject({ trainedSteps: 7 });
    session.generate();
    expect(posted("cancel")).toEqual([{ type: "cancel", requestId: "sample-1" }]);
    tell({ type: "sampleFailed", sampleId: "sample-1", message: "late" });
    await settled();
    expect(session.store.getState().generations.a?.status).toBe("waiting");
    tell({ type: "sampleFailed", sampleId: "sample-2", message: "No memory." });
    await settled();
    const failed = { status: "failed", message: "No memory." };
    expect(session.store.getState().generations.a).toMatchObject(failed);
    // What has ended cannot be ended.
    session.cancel();
    expect(posted("cancel")).toHaveLength(1);
  });

  it("asks for nothing while a setting of either side is wrong", () => {
    const { session, posted } = opened();
    session.store.setState(({ settings }) => ({
      settings: { ...settings, isComparing: true, b: { ...settings.b, steps: "0" } },
    }));
    session.generate();
    expect(posted("sample")).toEqual([]);
    expect(session.store.getState().generations).toEqual({ a: null, b: null });
  });

  it("begins with a drawing once there is one", () => {
    const { session, posted } = opened();
    session.store.setState(({ settings }) => ({ settings: { ...settings, start: "drawing" } }));
    session.generate();
    expect(posted("sample")).toEqual([]);
    session.store.setState({ strokes: [[0.2, 0.2, 0.7, 0.7]] });
    session.generate();
    expect(posted("sample")).toMatchObject([{ request: { start: { kind: "image" } } }]);
  });

  it("moves as little as the page does", () => {
    const { session, store } = opened();
    const isStill = () => session.store.getState().isStill;
    expect(isStill()).toBe(store.getState().samples.isStill);
    for (const still of [true, false]) {
      store.setState(({ samples }) => ({ samples: { ...samples, isStill: still } }));
      expect(isStill()).toBe(still);
    }
  });

  it("stays when it is left, and asks for the images it is to show", () => {
    const { session, client, store, posted } = opened();
    const app = appHandle(store, client);
    expect(app.once(startDraw)).toBe(app.once(startDraw));
    void session.showImages([3, 9]);
    expect(posted("showImages")).toMatchObject([{ type: "showImages", indices: [3, 9] }]);
  });
});

const LOADED = {
  hasSettings: true,
  hasAverage: false,
  trainedSteps: 7,
  dataset: null,
  numParameters: 1,
};

describe("with a network of few steps", () => {
  afterEach(() => void vi.useRealTimers());

  /** Followed as by the form; a stored network, which is trained. */
  function live(query = "preset=tiny&samplingTimesteps=4") {
    vi.useFakeTimers();
    const app = page(query);
    const session = startDraw(app);
    const { store } = app;
    store.setState(({ weights, config }) => ({
      weights: { ...weights, loaded: { ...LOADED, config, fileName: "few.safetensors" } },
    }));
    const end = session.drawLive(store.getState(), true);
    const seeds = () =>
      app.posted("sample").map((command) => command.type === "sample" && command.request.seed);
    const answer = async (sampleId: string) => {
      app.tell(started(sampleId));
      app.tell({ type: "sampleDone", sampleId, elapsedMs: 1 });
      await settled();
    };
    return { ...app, session, end, seeds, answer };
  }

  it("digits are drawn as soon as anything changes: of all changes until an answer is there, the newest", async () => {
    const { session, seeds, answer } = live();
    expect(session.store.getState().isLive).toBe(true);
    expect(seeds()).toEqual([0]);
    for (const seed of ["1", "12", "123"]) session.change({ seed });
    expect(seeds()).toEqual([0]);
    await answer("sample-1");
    expect(session.store.getState().generations.a?.request.seed).toBe(0);
    expect(seeds()).toEqual([0, 123]);
    await answer("sample-2");
    // A wrong setting, and one that changes nothing.
    session.change({ seed: "-1" });
    session.change({ seed: "123", label: "3" });
    expect(seeds()).toEqual([0, 123]);
    expect(session.store.getState().generations.a?.request.seed).toBe(123);
    session.generate();
    expect(seeds()).toEqual([0, 123, 123]);
  });

  it("what does not come within half a second is shown frame by frame, and ends when it is cancelled", async () => {
    const { session, posted, seeds, answer } = live();
    await answer("sample-1");
    session.change({ seed: "1" });
    vi.advanceTimersByTime(400);
    expect(session.store.getState().generations.a?.sampleId).toBe("sample-1");
    vi.advanceTimersByTime(100);
    const { a } = session.store.getState().generations;
    expect(a).toMatchObject({ sampleId: "sample-2", status: "waiting" });
    session.change({ seed: "2" });
    session.cancel();
    expect(posted("cancel")).toEqual([{ type: "cancel", requestId: "sample-2" }]);
    expect(seeds()).toEqual([0, 1]);
    session.change({ seed: "3" });
    expect(seeds()).toEqual([0, 1, 3]);
  });

  it("on a graphics card several are under way at once; all of them end when it is cancelled", async () => {
    const { session, tell, posted, answer } = live();
    if (ready.type !== "backendReady") throw new Error("It tells of a backend.");
    tell({ ...ready, report: { ...ready.report, backend: "webgpu", rung: "card" } });
    await answer("sample-1");
    for (const seed of ["1", "2", "3"]) session.change({ seed });
    const sent = posted("sample").map((c) => c.type === "sample" && c.request.sampleId);
    expect(sent).toEqual(["sample-1", "sample-2", "sample-3"]);
    session.cancel();
    expect(posted("cancel").map((c) => c.type === "cancel" && c.requestId)).toEqual(
      expect.arrayContaining(["sample-2", "sample-3"]),
    );
    expect(posted("cancel")).toHaveLength(2);
  });

  it("a point of the plane is drawn beside the grid, and where it goes until that is there, the newest", async () => {
    const { session, seeds, answer, posted, tell } = live();
    await answer("sample-1");
    session.change({ start: "plane", seed: "1" });
    const counts = () =>
      posted("sample").map((command) => command.type === "sample" && command.request.count);
    expect(counts()).toEqual([36, 49, 1]);
    for (const x of [0, 0.5, 1]) session.pointTo({ side: "a", at: [x, 0] });
    expect(counts()).toEqual([36, 49, 1]);
    const frame = { type: "sampleFrame", sampleId: "sample-3", index: 0, x0: null } as const;
    tell({ ...frame, pixels: new Uint8Array(784) });
    const finished = new Uint8Array(784).fill(9);
    tell({ ...frame, index: 1, pixels: finished });
    await settled();
    expect(session.store.getState().pointed).toBeNull();
    tell({ type: "sampleDone", sampleId: "sample-3", elapsedMs: 1 });
    await settled();
    expect(session.store.getState().pointed).toBe(finished);
    const [, , , newest] = posted("sample");
    const corner = [0, 1, 0, 0].map((share) => expect.closeTo(share));
    expect(newest).toMatchObject({
      request: { seed: 1, count: 1, givesX0: false, start: { mixes: [corner] } },
    });
    expect(seeds()).toEqual([0, 1, 1, 1]);
    // A wrong setting asks for nothing, and does not keep the next from coming.
    tell({ type: "sampleDone", sampleId: "sample-4", elapsedMs: 1 });
    await settled();
    session.change({ seed: "x" });
    session.pointTo({ side: "a", at: [0, 0] });
    expect(counts()).toHaveLength(4);
    session.change({ seed: "2" });
    expect(counts().slice(4)).toEqual([1]);
  });

  it("it draws by itself only up to 4 steps, while there is a backend, and until the view is left", async () => {
    const { session, store, end, seeds, answer } = live("preset=tiny&samplingTimesteps=5");
    expect(seeds()).toEqual([]);
    const { a } = session.store.getState().settings;
    session.change({ seed: "1" });
    expect(session.store.getState().isLive).toBe(false);
    session.change({ a: { ...a, steps: "4" } });
    await answer("sample-1");
    expect(seeds()).toEqual([1]);
    // The second of two that are compared takes 5.
    session.change({ seed: "2", isComparing: true });
    session.change({ isComparing: false, a: { ...a, sampler: "ancestral" } });
    expect(seeds()).toEqual([1]);
    end();
    session.change({ a: { ...a, steps: "1" }, seed: "3" });
    const endLater = session.drawLive(store.getState(), false);
    expect(seeds()).toEqual([1]);
    endLater();
    session.drawLive(store.getState(), true);
    expect(seeds()).toEqual([1, 3]);
  });

  it("two digits to go between are waited for", async () => {
    const { session, store, seeds, answer, end, load } = live();
    await answer("sample-1");
    session.change({ start: "pair", seed: "1" });
    expect(seeds()).toEqual([0]);
    end();
    vi.useRealTimers();
    await load();
    session.drawLive(store.getState(), true);
    expect(seeds()).toEqual([0, 1]);
  });

  it("an untrained network is not drawn from by itself; loaded weights are, anew when they are others", async () => {
    const { session, store, seeds, answer, end } = live();
    await answer("sample-1");
    end();
    const follow = () => session.drawLive(store.getState(), true)();
    follow();
    expect(seeds()).toEqual([0]);
    const { config } = store.getState();
    const load = (fileName: string) =>
      store.setState(({ weights }) => ({
        weights: { ...weights, loaded: { ...LOADED, config, fileName } },
      }));
    load("other.safetensors");
    follow();
    expect(seeds()).toEqual([0, 0]);
    // Another file may have the same name.
    await answer("sample-2");
    load("other.safetensors");
    follow();
    expect(seeds()).toEqual([0, 0, 0]);
    store.setState(({ weights }) => ({ weights: { ...weights, loaded: null } }));
    follow();
    session.change({ seed: "1" });
    follow();
    expect(seeds()).toEqual([0, 0, 0]);
  });
});
