import { describe, expect, it, vi } from "vitest";
import { Answers, type RequestKind } from "../../../../../src/app/state/client/answers.ts";
import { timingClient } from "../../../../../src/app/state/client/timingClient.ts";
import { requestSample } from "../../../../../src/app/state/slices/samples.ts";
import { NO_STORED_RUNS } from "../../../../../src/app/state/slices/storedRuns.ts";
import type { AppState } from "../../../../../src/app/state/state.ts";
import { createAppStore } from "../../../../../src/app/state/store.ts";
import type { Command } from "../../../../../src/hosts/worker/protocol.ts";
import type { RequestEvent } from "../../../../../src/runtime/run/events.ts";
import { withRun } from "../eventStates.ts";

const REPORT = {
  backend: "wasm",
  device: "one",
  reason: null,
  advice: null,
  rung: "wasm",
  fallback: null,
} as const;

const runOf = (changes: Partial<AppState["run"]>) => withRun(changes).run;

/** A page whose worker says what the test has it say. */
function page(changes: Partial<AppState> = {}) {
  const store = createAppStore(new URLSearchParams("preset=tiny"));
  store.setState({ backend: { status: "ready", report: REPORT }, ...changes });
  let numRequests = 0;
  const post = vi.fn<(command: Command) => void>();
  const link = { post, end: vi.fn(), restart: vi.fn(), isThere: () => true };
  const answers = new Answers();
  const newId = () => `timing-${++numRequests}`;
  function request<Kind extends RequestKind>(_: Kind, command: (id: string) => Command) {
    const id = newId();
    const answer = answers.request<Kind>(id, () => post({ type: "cancel", requestId: id }));
    post(command(id));
    return answer;
  }
  const context = { store, link, newId, request, dispatch: vi.fn() };
  const client = timingClient(context, { maxMicroBatch: 4 });
  /** The page hears of it, and has taken it. */
  async function tell(event: RequestEvent) {
    answers.take(event);
    await new Promise(setImmediate);
  }
  const timing = () => store.getState().epochTiming;
  const asked = () => post.mock.calls.map(([command]) => command);
  return { store, client, answers, tell, timing, asked };
}

const form = ({ store }: ReturnType<typeof page>) => store.getState().config;

describe("timing an epoch", () => {
  it("asks the worker about the settings, and tells the time of a batch", async () => {
    const app = page();
    const config = { ...form(app), dim: 16 };
    const batchMs = app.client.timeEpoch(config);
    const request = { type: "timeBatch", requestId: "timing-1", config, maxMicroBatch: 4 };
    expect(app.asked()).toEqual([request]);
    await app.tell({ type: "timingProgress", requestId: "timing-1", fraction: 0.25 });
    expect(app.timing().inProgress?.fraction).toBe(0.25);
    await app.tell({ type: "batchTimed", requestId: "timing-1", batchMs: 12 });
    expect(await batchMs).toBe(12);
    expect(app.timing()).toMatchObject({
      inProgress: null,
      failure: null,
      known: [{ config: { dim: 16 }, device: "one", batchMs: 12 }],
    });
    expect(app.asked()).toHaveLength(1);
  });

  it("that fails has no time, and says why", async () => {
    const app = page();
    const batchMs = app.client.timeEpoch(form(app));
    await app.tell({ type: "requestFailed", requestId: "timing-1", message: "No." });
    expect(await batchMs).toBeNull();
    expect(app.timing()).toMatchObject({ inProgress: null, failure: { message: "No." } });
  });

  it("that loses its worker has no time, and says why", async () => {
    const app = page();
    const batchMs = app.client.timeEpoch(form(app));
    app.answers.loseAll("No.");
    app.store.setState({ backend: { status: "failed", message: "No." } });
    // Another worker starts at once.
    app.store.setState({ backend: { status: "starting" } });
    expect(await batchMs).toBeNull();
    expect(app.timing()).toMatchObject({ inProgress: null, failure: { message: "No." } });
  });

  it("can be tried again", async () => {
    const app = page();
    void app.client.timeEpoch(form(app));
    await app.tell({ type: "requestFailed", requestId: "timing-1", message: "No." });
    const batchMs = app.client.timeEpoch(form(app));
    expect(app.timing().failure).toBeNull();
    await app.tell({ type: "batchTimed", requestId: "timing-2", batchMs: 12 });
    expect(await batchMs).toBe(12);
  });

  it.each<[string, (state: AppState) => Partial<AppState>]>([
    ["Train is pressed", () => ({ trainRequested: true })],
    ["a run is to go on", () => ({ continueRequested: { runId: "run", learningRateFactor: 1 } })],
    ["digits are asked for", ({ samples }) => ({ samples: requestSample(samples, "s") })],
    ["another network is chosen", ({ config }) => ({ config: { ...config, dim: 16 } })],
  ])("is cancelled when %s", async (_, change) => {
    const app = page();
    const batchMs = app.client.timeEpoch(form(app));
    app.store.setState(change);
    expect(app.asked().at(-1)).toEqual({ type: "cancel", requestId: "timing-1" });
    expect(app.timing().inProgress).toBeNull();
    // The worker may have a long step to end first.
    expect(await batchMs).toBeNull();
  });

  it("goes on when a setting changes that takes no time", () => {
    const app = page();
    void app.client.timeEpoch(form(app));
    app.store.setState(({ config }) => ({ config: { ...config, epochs: 9, learningRate: 0.1 } }));
    expect(app.asked()).toHaveLength(1);
    expect(app.timing().inProgress).not.toBeNull();
  });

  it.each<[string, Partial<AppState>]>([
    ["the backend starts", { backend: { status: "starting" } }],
    ["Train is pressed", { trainRequested: true }],
    ["a run trains", { run: runOf({ status: "training" }) }],
    ["a run is to go on after a pause", { run: runOf({ status: "paused", asked: "resume" }) }],
    ["another tab trains", { stored: { ...NO_STORED_RUNS, isTrainingElsewhere: true } }],
  ])("does not begin while %s", async (_, changes) => {
    const app = page(changes);
    expect(await app.client.timeEpoch(form(app))).toBeNull();
    expect(app.asked()).toEqual([]);
    expect(app.timing().inProgress).toBeNull();
  });

  it.each(["paused", "stopped"] as const)("begins beside a run that is %s", (status) => {
    const app = page({ run: runOf({ status }) });
    void app.client.timeEpoch(form(app));
    expect(app.asked()).toHaveLength(1);
  });

  it("that is cancelled is so once, and has no time", async () => {
    const app = page();
    const batchMs = app.client.timeEpoch(form(app));
    app.client.cancelTiming();
    app.client.cancelTiming();
    expect(app.asked().map(({ type }) => type)).toEqual(["timeBatch", "cancel"]);
    // It may have ended before the worker heard of it.
    await app.tell({ type: "batchTimed", requestId: "timing-1", batchMs: 12 });
    expect(await batchMs).toBeNull();
    expect(app.timing()).toMatchObject({ inProgress: null, known: [] });
  });
});
