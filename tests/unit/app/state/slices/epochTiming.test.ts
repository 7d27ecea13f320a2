import { describe, expect, it } from "vitest";
import { applyEvent } from "../../../../../src/app/state/applyEvent.ts";
import type { Outcome } from "../../../../../src/app/state/client/answers.ts";
import {
  afterTiming,
  cancelTiming,
  epochTimeOf,
  expectedMs,
  withTiming,
} from "../../../../../src/app/state/slices/epochTimer.ts";
import { newRun } from "../../../../../src/app/state/slices/run.ts";
import { type AppState, initialState } from "../../../../../src/app/state/state.ts";
import type { RunConfig } from "../../../../../src/engine/config/hyperparameters.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import type {
  Broadcast,
  OpenedRun,
  RunStatus,
  StepMetrics,
} from "../../../../../src/runtime/run/events.ts";

const CONFIG = { ...presetConfig("tiny"), batchSize: 8, epochs: 3, validateEvery: 0 };

function idle(device = "one"): AppState {
  const report = {
    backend: "wasm",
    device,
    reason: null,
    advice: null,
    rung: "wasm",
    fallback: null,
  } as const;
  return {
    ...initialState("tiny", CONFIG),
    backend: { status: "ready", report },
    dataset: {
      current: {
        id: "files",
        name: "Mine",
        numTrain: 600,
        numValidation: 90,
        numClasses: 10,
        pixelChecksum: 1,
        checksum: 1,
        unseenLabels: new Uint8Array(),
      },
      loading: null,
    },
  };
}

const start = (state: AppState) => withTiming(state, state.config);
const outcomeOf = (batchMs: number): Outcome<"timing"> => ({
  status: "done",
  end: { type: "batchTimed", requestId: "timing", batchMs },
});

function timed(batchMs = 16, state = idle()): AppState {
  return afterTiming(start(state), state.config, outcomeOf(batchMs));
}

const withConfig = (state: AppState, changes: Partial<RunConfig>): AppState => ({
  ...state,
  config: { ...state.config, ...changes },
});

/** 2 ms an image, and a third of that to validate one. */
const EPOCH_MS = 2 * 600 + (2 / 3) * 90;

describe("the time of an epoch", () => {
  it("is not known before anything was timed, nor before the images are there", () => {
    expect(epochTimeOf(idle())).toBeNull();
    const { current } = idle().dataset;
    const without = { ...timed(), dataset: { current: null, loading: null } };
    expect(epochTimeOf(without)).toBeNull();
    expect(epochTimeOf({ ...without, dataset: { current, loading: null } })).not.toBeNull();
  });

  it("is that of its images and of its validation, and of all epochs that many times as much", () => {
    const time = epochTimeOf(timed());
    expect(time?.epochMs).toBeCloseTo(EPOCH_MS, 9);
    expect(time?.totalMs).toBeCloseTo(3 * EPOCH_MS, 9);
  });

  it("has that of the live validations, each of 100 images", () => {
    const time = epochTimeOf(withConfig(timed(), { validateEvery: 25 }));
    // Three of them, after 25, 50 and 75 batches of 8.
    expect(time?.epochMs).toBeCloseTo(EPOCH_MS + 3 * (2 / 3) * 100, 9);
  });

  it("stays when other settings change", () => {
    const changes = { epochs: 5, learningRate: 0.1, lrDecay: "cosine", seed: 3 } as const;
    const time = epochTimeOf(withConfig(timed(), changes));
    expect(time?.epochMs).toBeCloseTo(EPOCH_MS, 9);
    expect(time?.totalMs).toBeCloseTo(5 * EPOCH_MS, 9);
    const accumulated = epochTimeOf(withConfig(timed(), { gradientAccumulation: 4 }));
    expect(accumulated?.epochMs).toBeCloseTo(EPOCH_MS, 9);
  });

  it.each<Partial<RunConfig>>([
    { dim: 16 },
    { dimMults: [1, 2, 2] },
    { attnHeads: 1 },
    { selfCondition: true },
    { dropout: 0.1 },
    { batchSize: 16 },
  ])("is not known of %j, and is known again when that is taken back", (changes) => {
    const changed = withConfig(timed(), changes);
    expect(epochTimeOf(changed)).toBeNull();
    expect(epochTimeOf({ ...changed, config: CONFIG })?.epochMs).toBeCloseTo(EPOCH_MS, 9);
  });

  it("has that of a teacher: two passes more for each image of a phase, four in the first with guidance", () => {
    const phase = { distilFrom: 8, phaseSteps: 50, epochs: 2 };
    const plain = withConfig(timed(), phase);
    // 2 ms an image, and 2/3 ms a pass.
    const images = 50 * 8;
    const phaseMs = images * (2 + 4 / 3) + 90 * (2 / 3 + 4 / 3);
    expect(epochTimeOf(plain)?.epochMs).toBeCloseTo(phaseMs, 9);
    const guided = epochTimeOf(withConfig(plain, { distilGuidance: 2 }));
    expect(guided?.epochMs).toBeCloseTo(phaseMs, 9);
    const classes = { classes: 10, distilGuidance: 2 };
    const config = { ...plain.config, ...classes };
    const timedSo = timed(16, { ...plain, config });
    expect(epochTimeOf(timedSo)?.totalMs).toBeCloseTo(2 * phaseMs + (images + 90) * (4 / 3), 9);
  });

  it("is of the device it was timed on", () => {
    const { backend } = idle("another");
    expect(epochTimeOf({ ...timed(), backend })).toBeNull();
  });

  it("is the newest, and others are kept beside it", () => {
    const other = start(withConfig(timed(), { dim: 16 }));
    const both = afterTiming(other, other.config, outcomeOf(80));
    expect(epochTimeOf(both)?.epochMs).toBeCloseTo(5 * EPOCH_MS, 9);
    const again = timed(32, { ...both, config: CONFIG });
    expect(epochTimeOf(again)?.epochMs).toBeCloseTo(2 * EPOCH_MS, 9);
    expect(again.epochTiming.known).toHaveLength(2);
  });
});

describe("timing", () => {
  it("tells what other settings take: their own time where it is known, else by the multiply-adds", () => {
    const state = timed();
    const { totalMs } = epochTimeOf(state) ?? { totalMs: 0 };
    expect(expectedMs(state, CONFIG)).toBeCloseTo(totalMs);
    expect(expectedMs(state, { ...CONFIG, epochs: 6 })).toBeCloseTo(2 * totalMs);
    // An image takes as long in a larger batch, and in a wider network longer.
    expect(expectedMs(state, { ...CONFIG, batchSize: 16 })).toBeCloseTo(totalMs, -2);
    const wider = expectedMs(state, { ...CONFIG, dim: 16 }) ?? 0;
    expect(wider).toBeGreaterThan(3 * totalMs);
    expect(wider).toBeLessThan(4.5 * totalMs);
    expect(expectedMs(idle(), CONFIG)).toBeNull();
  });

  it("tells how far it is, and ends with its result", () => {
    const running = start(idle());
    expect(running.epochTiming.inProgress?.fraction).toBe(0);
    const further = withTiming(running, CONFIG, 0.5);
    expect(further.epochTiming.inProgress?.fraction).toBe(0.5);
    expect(timed(16, further).epochTiming.inProgress).toBeNull();
  });

  it("that fails says why, until it is tried again", () => {
    const outcome = { status: "failed", message: "No.", isLost: false } as const;
    const failed = afterTiming(start(idle()), CONFIG, outcome);
    expect(failed.epochTiming).toMatchObject({ inProgress: null, failure: { message: "No." } });
    expect(start(failed).epochTiming.failure).toBeNull();
  });

  it("is of the settings that were asked about, not of the form", () => {
    const asked = { ...CONFIG, dim: 16 };
    const after = afterTiming(withTiming(idle(), asked), asked, outcomeOf(16));
    expect(epochTimeOf(after)).toBeNull();
    expect(epochTimeOf({ ...after, config: asked })).not.toBeNull();
  });

  it("that is cancelled leaves what was known", () => {
    expect(cancelTiming(start(timed())).epochTiming).toEqual(timed().epochTiming);
  });
});

describe("a run", () => {
  const runId = "run";
  const status = (of: RunStatus): Broadcast => ({ type: "runStatus", runId, status: of });
  const stepAt = (step: number, stepMs: number): StepMetrics => ({
    step,
    stepMs,
    loss: 1,
    gradNorm: 1,
    learningRate: 1e-3,
    wallTimeMs: 0,
  });
  const steps = (from: number, ...stepMs: number[]): Broadcast => ({
    type: "steps",
    runId,
    steps: stepMs.map((ms, i) => stepAt(from + i, ms)),
  });
  const size = {
    numParameters: 1,
    stepsPerEpoch: 75,
    totalSteps: 225,
    microBatchSize: 8,
    numThreads: 1,
    startedFrom: null,
  };
  const started = (changes: Partial<RunConfig> = {}, state = idle()): AppState => {
    const config = { ...CONFIG, ...changes };
    const run = {
      ...newRun({ runId, name: "Run", dataset: { id: "files", name: "Mine" }, config }),
      size,
    };
    return [status("training")].reduce(applyEvent, { ...state, run });
  };

  it.each<RunStatus>(["paused", "stopped", "finished"])(
    "that has %s tells how long its batches took, without the first",
    (end) => {
      const state = [steps(1, 900, 32, 32, 32), status(end)].reduce(applyEvent, started());
      expect(epochTimeOf(state)?.epochMs).toBeCloseTo(2 * EPOCH_MS, 9);
    },
  );

  it("counts for more than what was timed before it", () => {
    const state = [steps(1, 32, 32, 32, 32), status("stopped")];
    const after = state.reduce(applyEvent, started({}, timed(16)));
    expect(epochTimeOf(after)?.epochMs).toBeCloseTo(2 * EPOCH_MS, 9);
  });

  it("whose steps are of several batches tells the time of one", () => {
    const events = [steps(1, 64, 64, 64, 64), status("stopped")];
    const state = events.reduce(applyEvent, started({ gradientAccumulation: 4 }));
    expect(epochTimeOf(state)?.epochMs).toBeCloseTo(EPOCH_MS, 9);
  });

  it("tells nothing while it trains, and nothing by a few steps", () => {
    expect(epochTimeOf(applyEvent(started(), steps(1, 32, 32, 32, 32)))).toBeNull();
    const short = [steps(1, 900, 32, 32), status("stopped")].reduce(applyEvent, started());
    expect(epochTimeOf(short)).toBeNull();
  });

  it("out of the storage tells of those steps alone that it has trained here", () => {
    const run: OpenedRun = {
      status: "stopped",
      runId,
      name: "Run",
      config: CONFIG,
      dataset: { id: "files", name: "Mine" },
      startedFrom: null,
      stepsPerEpoch: 75,
      numParameters: 1,
      epochs: [],
      warning: null,
      step: 0,
      steps: [1, 2, 3, 4, 5].map((step) => stepAt(step, 1000)),
    };
    const opened = applyEvent(idle(), { type: "runOpened", run });
    expect(epochTimeOf(opened)).toBeNull();
    const events = [status("training"), steps(6, 900, 16, 16, 16), status("paused")];
    expect(epochTimeOf(events.reduce(applyEvent, opened))?.epochMs).toBeCloseTo(EPOCH_MS, 9);
  });
});
