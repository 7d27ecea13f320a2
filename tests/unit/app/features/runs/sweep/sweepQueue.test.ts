import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  NOT_KEPT,
  NOT_READ,
  SWEEP_KEY,
  startQueue,
  startReason,
} from "../../../../../../src/app/features/runs/sweep/sweepQueue.ts";
import type { SweepPlan } from "../../../../../../src/engine/config/sweep.ts";
import type { CommandOf } from "../../../../../../src/hosts/worker/protocol.ts";
import type {
  OpenedRun,
  RunStatus,
  StepMetrics,
  StoredRun,
} from "../../../../../../src/runtime/run/events.ts";
import { seeds } from "../../../../engine/config/sweeps.ts";
import { filePair, page, ready } from "../../../state/clientPage.ts";

const PLAN: SweepPlan = { ...seeds(3), budget: { steps: 2 } };

/** In place of the browser's. */
let kept: Map<string, string>;
beforeEach(() => {
  kept = new Map();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
  return () => vi.unstubAllGlobals();
});

const step = (at: number): StepMetrics => ({
  step: at,
  loss: at,
  gradNorm: 1,
  learningRate: 1e-3,
  stepMs: 10,
  wallTimeMs: 0,
});

/** The sweep hears of an end a few microtasks later. */
async function settled() {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

const storedRun = (runId: string) =>
  ({ runId, name: "Seed 0", dataset: { checksum: 1 } }) as StoredRun;

/** A page that is ready to train. */
async function readyPage(stored: readonly string[] = []) {
  const made = page();
  const { client, store, tell, load, posted } = made;
  tell(ready);
  await load();
  const listed = new Set(stored);
  const list = () => tell({ type: "runs", runs: Array.from(listed, (runId) => storedRun(runId)) });
  list();
  const queue = startQueue({ store, client });
  const asked = () =>
    made.commands.filter(({ type }) => type === "train" || type === "continueRun") as CommandOf<
      "train" | "continueRun"
    >[];
  const runId = () => asked().at(-1)?.runId ?? "";
  const status = async (of: RunStatus) => {
    tell({ type: "runStatus", runId: runId(), status: of });
    await settled();
  };
  /** As the worker would: to this step. */
  const train = async (last: number, end: RunStatus = "stopped", first = 1) => {
    listed.add(runId());
    list();
    await status("training");
    const steps = Array.from({ length: last - first + 1 }, (_, i) => step(first + i));
    tell({ type: "steps", runId: runId(), steps });
    tell({ type: "checkpointSaved", runId: runId(), step: last });
    await status(end);
  };
  const state = () => queue.store.getState();
  const results = () => state().sweep?.runs.map((run) => run.results.at(-1)?.end ?? null);
  return { ...made, queue, asked, posted, runId, train, status, state, results };
}

function opened(runId: string, last: number): OpenedRun {
  const steps = Array.from({ length: last }, (_, i) => step(i + 1));
  const rest = { dataset: { id: "files", name: "" }, startedFrom: null, warning: null } as const;
  return {
    runId,
    name: "Seed 1",
    config: PLAN.base,
    stepsPerEpoch: 10,
    numParameters: 1,
    status: "preparing",
    step: last,
    steps,
    epochs: [],
    ...rest,
  };
}

describe("a sweep of the page", () => {
  it("trains one run after the other to its budget, and keeps what they reached", async () => {
    const { queue, asked, train, state, results } = await readyPage();
    queue.start(PLAN);
    for (const index of [0, 1, 2]) {
      expect(asked()).toHaveLength(index + 1);
      expect(asked().at(-1)).toMatchObject({
        type: "train",
        name: `Seed ${index}`,
        preset: "tiny",
        budget: { steps: 2 },
        config: { ...PLAN.base, seed: index },
      });
      expect(state().task?.index).toBe(index);
      await train(2);
    }
    expect(results()).toEqual(["stopped", "stopped", "stopped"]);
    expect(state().sweep?.runs[0]).toEqual({
      runId: asked()[0]?.runId,
      failure: null,
      results: [{ end: "stopped", step: 2, trainedMs: 20, figures: { loss: 1.5 } }],
    });
    expect(state()).toMatchObject({ task: null, message: null });
    expect(JSON.parse(kept.get(SWEEP_KEY) ?? "").sweep).toEqual(state().sweep);
  });

  it("leaves the form to the person, also while it is paused and at its end", async () => {
    const { queue, train, store, asked, runId, tell, results } = await readyPage();
    const form = () => {
      const { config, preset } = store.getState();
      return { config, preset };
    };
    const before = { config: { ...PLAN.base, dim: 8 }, preset: "quick" } as const;
    store.setState(before);
    queue.start(PLAN);
    expect(form()).toEqual(before);
    await train(2);
    const typed = { config: { ...PLAN.base, seed: 77, dim: 5 }, preset: "laptop" } as const;
    store.setState(typed);
    await train(1);
    expect(form()).toEqual(typed);
    queue.resume();
    tell({ type: "runOpened", run: opened(runId(), 1) });
    await train(2, "stopped", 2);
    await train(2);
    expect(asked().at(-1)).toMatchObject({ preset: "tiny", config: { ...PLAN.base, seed: 2 } });
    expect(results()).toEqual(["stopped", "stopped", "stopped"]);
    expect(form()).toEqual(typed);
  });

  it("with halving trains the best on from its checkpoint", async () => {
    const { queue, asked, train, tell, status } = await readyPage();
    queue.start({ ...seeds(2), budget: { steps: 4 }, halving: 2 });
    await train(2);
    await train(2);
    const [first] = asked();
    expect(asked().at(-1)).toMatchObject({
      type: "continueRun",
      runId: first?.runId,
      budget: { steps: 4 },
    });
    tell({ type: "runOpened", run: opened(first?.runId ?? "", 2) });
    await train(4, "stopped", 3);
    await status("stopped");
    expect(asked()).toHaveLength(3);
  });

  it("stands still where the person stops the run, and goes on with it", async () => {
    const { queue, asked, train, state, results } = await readyPage();
    queue.start(PLAN);
    await train(1);
    expect(state()).toMatchObject({
      task: null,
      message: "“Seed 0” was stopped. Resume sweep goes on with it.",
    });
    expect(results()).toEqual([null, null, null]);
    queue.resume();
    const [first, second] = asked();
    expect(second).toMatchObject({
      type: "continueRun",
      runId: first?.runId,
      budget: { steps: 2 },
    });
  });

  it("stops the run when it is paused", async () => {
    const { queue, status, posted, runId, state } = await readyPage();
    queue.start(PLAN);
    await status("training");
    queue.pause();
    expect(posted("stop")).toMatchObject([{ runId: runId() }]);
    expect(state()).toMatchObject({ task: null, message: null });
  });

  it("goes on after a reload with the run that was trained", async () => {
    const before = await readyPage();
    before.queue.start(PLAN);
    await before.train(2);
    const runId = before.runId();
    const after = await readyPage([runId]);
    expect(after.results()).toEqual(["stopped", null, null]);
    expect(after.asked()).toEqual([]);
    after.queue.resume();
    expect(after.asked()).toMatchObject([{ type: "continueRun", runId, budget: { steps: 2 } }]);
    // It was at its end already.
    after.tell({ type: "runOpened", run: opened(runId, 2) });
    await settled();
    await after.status("stopped");
    expect(after.results()).toEqual(["stopped", "stopped", null]);
  });

  it("does not go on with other images, also where they are loaded while it stands", async () => {
    const { queue, store, asked, train, state, client, posted, tellLoaded } = await readyPage();
    queue.start(PLAN);
    await train(1);
    const replace = async (checksum: number) => {
      const numLoads = posted("loadDataset").length;
      client.loadFiles(filePair);
      await expect.poll(() => posted("loadDataset")).toHaveLength(numLoads + 1);
      return async () => {
        tellLoaded(checksum);
        await settled();
      };
    };
    const refused = {
      task: null,
      message:
        "This sweep trains on “Your files”, but others of that name are loaded. Load its own images to go on.",
    };
    await (await replace(2))();
    queue.resume();
    expect(state()).toMatchObject(refused);
    const load = await replace(3);
    queue.resume();
    // It waits for them.
    expect(state()).toMatchObject({ task: { index: 0 }, message: null });
    await load();
    expect(state()).toMatchObject(refused);
    expect(asked()).toHaveLength(1);
    const loadOwn = await replace(1);
    expect(startReason(store.getState())).toBe("The images are being loaded.");
    queue.resume();
    expect(asked()).toHaveLength(1);
    await loadOwn();
    expect(asked()).toHaveLength(2);
  });

  it("begins a run again that was lost with the page", async () => {
    const before = await readyPage();
    before.queue.start(PLAN);
    const after = await readyPage();
    after.queue.resume();
    expect(after.asked()).toMatchObject([{ type: "train", name: "Seed 0" }]);
    expect(after.runId()).not.toBe(before.runId());
  });

  it.each(["diverged", "failed"] as const)(
    "goes on with the others where a run has %s, and says why",
    async (end) => {
      const { queue, train, tell, runId, asked, state, results } = await readyPage();
      queue.start(PLAN);
      await train(1, end);
      expect(results()).toEqual([null, null, null]);
      tell({ type: "runFailed", runId: runId(), message: "The loss is NaN.", details: null });
      await settled();
      expect(results()).toEqual([end, null, null]);
      expect(state().sweep?.runs[0]?.failure).toBe("The loss is NaN.");
      expect(asked()).toHaveLength(2);
    },
  );

  it("waits for a run that goes on after its worker was lost, with its budget", async () => {
    const { queue, tell, runId, status, asked, tellLoaded, results, train, posted } =
      await readyPage();
    queue.start(PLAN);
    const lost = runId();
    tell({
      type: "runStarted",
      runId: lost,
      config: PLAN.base,
      numParameters: 1,
      stepsPerEpoch: 10,
      totalSteps: 10,
      microBatchSize: 1,
      numThreads: 1,
      startedFrom: null,
      budget: { steps: 2 },
    });
    await status("training");
    tell({ type: "runs", runs: [storedRun(lost)] });
    tell({ type: "checkpointSaved", runId: lost, step: 1 });
    tell({ type: "fault", cause: "deviceLost", message: "Lost.", details: "" });
    await settled();
    expect(results()).toEqual([null, null, null]);
    tell(ready);
    await expect.poll(() => posted("loadDataset")).toHaveLength(2);
    tellLoaded();
    expect(asked().at(-1)).toMatchObject({
      type: "continueRun",
      runId: lost,
      budget: { steps: 2 },
    });
    tell({ type: "runOpened", run: opened(lost, 1) });
    await train(2, "stopped", 2);
    expect(results()).toEqual(["stopped", null, null]);
    expect(asked()).toHaveLength(3);
  });

  it("waits for the digits of the last step before the next run takes the place", async () => {
    const { queue, tell, train, runId, asked } = await readyPage();
    queue.start(PLAN);
    await train(2, "training");
    const source = { kind: "run", runId: runId(), name: "" } as const;
    const drawn = { sampleId: "preview", count: 1, timesteps: 1, times: [-1], trainedSteps: 2 };
    tell({
      type: "sampleStarted",
      origin: "preview",
      start: { from: "noise" },
      source,
      ...drawn,
      sources: null,
    } as never);
    tell({ type: "runStatus", runId: runId(), status: "stopped" });
    await settled();
    expect(asked()).toHaveLength(1);
    tell({ type: "sampleDone", sampleId: "preview", elapsedMs: 1 });
    await settled();
    expect(asked()).toHaveLength(2);
  });

  it("is discarded with its list alone", async () => {
    const { queue, train, state, posted } = await readyPage();
    queue.start(PLAN);
    queue.discard();
    expect(state().sweep).not.toBeNull();
    await train(1);
    queue.discard();
    expect(state()).toMatchObject({ sweep: null, message: null });
    expect(kept.has(SWEEP_KEY)).toBe(false);
    expect(posted("deleteRun")).toEqual([]);
  });
});

describe("the list of a sweep", () => {
  it.each(["{", "{}", '{"format":1,"sweep":{"plan":{"runs":[{}]},"runs":[]}}', '{"format":9}'])(
    "that is damaged is told, and another can be started: %s",
    async (text) => {
      kept.set(SWEEP_KEY, text);
      const { queue, state, asked } = await readyPage();
      expect(state()).toMatchObject({ sweep: null, message: NOT_READ });
      queue.start(PLAN);
      expect(asked()).toHaveLength(1);
      expect(state().message).toBeNull();
    },
  );

  it("that the browser does not keep is told, and the sweep goes on", async () => {
    vi.stubGlobal("localStorage", {
      getItem: () => null,
      setItem: () => {
        throw new DOMException("Full", "QuotaExceededError");
      },
    });
    const { queue, train, state, asked } = await readyPage();
    queue.start(PLAN);
    expect(state().message).toBe(NOT_KEPT);
    await train(1);
    queue.resume();
    expect(asked()).toHaveLength(2);
  });
});

describe("a sweep cannot go on", () => {
  it.each([
    ["another tab trains", { stored: { isTrainingElsewhere: true } }, "Another tab is training"],
    [
      "there is no backend",
      { backend: { status: "failed", message: "" } },
      "nothing to compute on",
    ],
    ["the runs are not read", { stored: { runs: null, trouble: null } }, "are being read"],
    ["there is no storage", { stored: { runs: null, trouble: "No storage." } }, "No storage."],
    ["weights are loaded", { weights: { loaded: {} } }, "remove the loaded weights first"],
    ["there are no images", { dataset: { current: null, loading: null } }, "There are no images"],
    ["a run is about to start", { trainRequested: true }, "A run is about to start."],
    ["a run is paused", { run: { name: "A", status: "paused" } }, "“A” is paused. Stop it first."],
  ])("while %s", async (_, changes, reason) => {
    const { store } = await readyPage();
    expect(startReason(store.getState())).toBeNull();
    const state = store.getState();
    const changed = Object.fromEntries(
      Object.entries(changes).map(([name, part]) => {
        const before = state[name as keyof typeof state];
        const isPart = typeof part === "object" && typeof before === "object";
        return [name, isPart ? { ...before, ...part } : part];
      }),
    );
    expect(startReason({ ...state, ...changed } as typeof state)).toContain(reason);
  });

  it("while another run is trained, which is said when it is resumed", async () => {
    const { client, queue, store, state, asked } = await readyPage();
    client.train();
    expect(startReason(store.getState())).toMatch(/^“Tiny, .*” is being trained. Stop it first.$/);
    queue.start(PLAN);
    expect(asked()).toHaveLength(1);
    expect(state()).toMatchObject({
      task: null,
      message: expect.stringContaining("Stop it first"),
    });
  });
});
