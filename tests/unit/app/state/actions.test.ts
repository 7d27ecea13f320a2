import { describe, expect, it } from "vitest";
import { ACTIONS } from "../../../../src/app/state/actions.ts";
import type { Client } from "../../../../src/app/state/client/client.ts";
import { withTiming } from "../../../../src/app/state/slices/epochTimer.ts";
import { isActiveRun, newRun, type Run } from "../../../../src/app/state/slices/run.ts";
import { requestSample } from "../../../../src/app/state/slices/samples.ts";
import { type AppState, initialState } from "../../../../src/app/state/state.ts";
import { createAppStore } from "../../../../src/app/state/store.ts";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import { recordAt } from "../shared/storedRecord.ts";
import { page } from "./clientPage.ts";

const CONFIG = presetConfig("tiny");
const REPORT = {
  backend: "wasm",
  device: "",
  reason: null,
  advice: null,
  rung: "wasm",
  fallback: null,
} as const;
const IMAGES = {
  id: "mnist",
  name: "MNIST",
  numTrain: 4,
  numValidation: 2,
  pixelChecksum: 1,
  numClasses: 10,
  checksum: 1,
  unseenLabels: new Uint8Array(2),
};
const RECORD = recordAt(5, { name: "New name" });

const initial = initialState("tiny", CONFIG);
const idle: AppState = {
  ...initial,
  backend: { status: "ready", report: REPORT },
  dataset: { current: IMAGES, loading: null },
};
const failed = { status: "failed", message: "" } as const;
const elsewhere = { ...idle.stored, isTrainingElsewhere: true };
const invalid = { ...CONFIG, timesteps: 0 };
/** Its runs could be drawn from, but not trained with so many parameters. */
const tooLarge = { ...CONFIG, dim: 128, dimMults: [16, 16, 16] };

function run(changes: Partial<Run>): Run {
  const start = {
    runId: "a",
    name: "Old name",
    dataset: { id: "mnist", name: "MNIST" },
    config: CONFIG,
  };
  return { ...newRun(start), ...changes };
}

type Name = Exclude<keyof typeof ACTIONS, "distil">;

/** Those of the actions that can be done. */
function enabled(changes: Partial<AppState>, ...names: Name[]): Name[] {
  const state = { ...idle, ...changes };
  const reason = (name: Name) =>
    name === "timeEpoch"
      ? ACTIONS.timeEpoch.disabledReason(state, state.config)
      : ACTIONS[name].disabledReason(state, "a");
  return names.filter((name) => reason(name) === null);
}

describe("training", () => {
  it.each<[string, Partial<AppState>, boolean]>([
    ["can start when all is ready", {}, true],
    ["can be asked for while the backend starts", { backend: { status: "starting" } }, true],
    ["cannot start without a backend", { backend: failed }, false],
    ["cannot start without images", { dataset: initial.dataset }, false],
    ["cannot start with settings out of range", { config: invalid }, false],
    ["cannot start with too large a network", { config: tooLarge }, false],
    ["can start with as many classes as labels", { config: { ...CONFIG, classes: 10 } }, true],
    ["cannot start with fewer classes than labels", { config: { ...CONFIG, classes: 9 } }, false],
    ["cannot start while another tab trains", { stored: elsewhere }, false],
  ])("%s", (_, changes, isEnabled) => {
    expect(enabled(changes, "train")).toEqual(isEnabled ? ["train"] : []);
  });

  it.each<[string, Partial<Run>, Name[]]>([
    ["before the worker's first word", { status: null }, ["stop"]],
    ["while its programs are compiled", { status: "preparing" }, ["stop"]],
    ["while it goes on", { status: "training" }, ["pause", "resume", "stop"]],
    ["while a pause is awaited", { status: "training", asked: "pause" }, ["stop"]],
    ["while its end is awaited", { status: "training", asked: "stop" }, ["pause", "resume"]],
  ])("takes orders %s", (_, changes, names) => {
    expect(enabled({ run: run(changes) }, "pause", "resume", "stop")).toEqual(names);
  });
});

describe("a stored run", () => {
  const names = ["openRun", "duplicateSettings", "resumeRun"] as const;

  it.each<[string, Partial<AppState>, readonly Name[]]>([
    ["while nothing is trained", {}, names],
    ["after a run", { run: run({ status: "stopped" }) }, names],
    ["without a backend", { backend: failed }, []],
    ["while another is trained", { run: run({ status: "training" }) }, []],
    ["while Train waits", { trainRequested: true }, []],
    ["while another tab trains", { stored: elsewhere }, ["openRun", "duplicateSettings"]],
  ])("can be used %s", (_, changes, expected) => {
    expect(enabled(changes, ...names)).toEqual(expected);
  });

  it("cannot be deleted while it is trained", () => {
    expect(enabled({}, "deleteRun")).toEqual(["deleteRun"]);
    for (const elsewhereId of ["a", "b"]) {
      const expected = elsewhereId === "a" ? [] : ["deleteRun"];
      expect(enabled({ stored: { ...elsewhere, elsewhereId } }, "deleteRun")).toEqual(expected);
    }
    expect(enabled({ run: run({ status: "training" }) }, "deleteRun")).toEqual([]);
    const other = run({ status: "training", runId: "b" });
    expect(enabled({ run: other }, "deleteRun")).toEqual(["deleteRun"]);
  });

  it("is the one that is trained, under its newest name", () => {
    const state = { ...idle, run: run({ status: "training" }) };
    expect([isActiveRun(state, "a"), isActiveRun(state, "b")]).toEqual([true, false]);
    expect(ACTIONS.openRun.disabledReason(state)).toContain("“Old name”");
    const stored = { ...idle.stored, runs: [RECORD] };
    expect(ACTIONS.openRun.disabledReason({ ...state, stored })).toContain("“New name”");
  });

  it("has a summary card once it is stored", () => {
    expect(ACTIONS.summaryCard.disabledReason(idle, "a")).toMatch(/not stored yet/);
    const runs = [RECORD, { runId: "b", name: "B", problem: "Damaged.", isNewer: false }];
    const state = { ...idle, stored: { ...idle.stored, runs } };
    expect(ACTIONS.summaryCard.disabledReason(state, "a")).toBeNull();
    expect(ACTIONS.summaryCard.disabledReason(state, "b")).toMatch(/not stored yet/);
  });

  it("hands its settings to the form, which it shows", () => {
    const app = page("preset=quick");
    app.store.setState({ view: "runs" });
    ACTIONS.duplicateSettings.perform(app, { ...RECORD, config: { ...CONFIG, seed: 7 } });
    const state = app.store.getState();
    expect(state).toMatchObject({ preset: "tiny", view: "train" });
    expect(state.config).toEqual({ ...CONFIG, seed: 7 });
    expect(state.notices).toMatchObject([{ tone: "info", message: expect.stringMatching("New") }]);
  });
});

describe("an experiment", () => {
  const form = {
    preset: "quick",
    config: presetConfig("quick"),
    words: "“With labels” is set up.",
  } as const;
  const loaded = {
    fileName: "mine",
    config: form.config,
    numParameters: 1,
    trainedSteps: 5,
    hasSettings: true,
    hasAverage: false,
    dataset: null,
  };

  it("cannot be set up while a run trains or is about to", () => {
    expect(enabled({}, "setUp")).toEqual(["setUp"]);
    expect(enabled({ run: run({ status: "paused" }) }, "setUp")).toEqual([]);
    expect(enabled({ trainRequested: true }, "setUp")).toEqual([]);
    expect(enabled({ run: run({ status: "finished" }) }, "setUp")).toEqual(["setUp"]);
  });

  it.each([
    ["from scratch", null, false],
    ["from loaded weights of the same network", loaded, true],
    ["from scratch beside weights of another", { ...loaded, config: CONFIG }, false],
  ])("puts its settings into the form of Train, and says when it begins %s", (_, weights, says) => {
    const app = page("preset=tiny&view=lessons");
    app.store.setState((state) => ({ weights: { ...state.weights, loaded: weights } }));
    // One that was set up before is no news any more.
    ACTIONS.setUp.perform(app, { ...form, words: "“Without labels” is set up." });
    ACTIONS.setUp.perform(app, form);
    const { preset, config, view, notices } = app.store.getState();
    expect({ preset, config, view, words: form.words }).toEqual({ ...form, view: "train" });
    expect(notices.map(({ title }) => title)).toEqual(["The settings are in the form"]);
    expect(notices[0]?.message).toContain("“With labels”");
    expect(notices[0]?.message.includes("begins with the loaded weights")).toBe(says);
  });
});

describe("a distillation", () => {
  const loaded = {
    fileName: "mine",
    config: CONFIG,
    numParameters: 1,
    trainedSteps: 5,
    hasSettings: true,
    hasAverage: false,
    dataset: null,
  };
  const reason = (config: Partial<typeof CONFIG>, ofTeacher: Partial<typeof CONFIG> = {}) =>
    ACTIONS.train.disabledReason({
      ...idle,
      config: { ...CONFIG, distilFrom: 4, ...config },
      weights: { ...idle.weights, loaded: { ...loaded, config: { ...CONFIG, ...ofTeacher } } },
    });

  it("can start with weights of the same network, objective, schedule and T alone", () => {
    expect(reason({})).toBeNull();
    expect(reason({ dim: 16 })).toContain("none of this size is loaded");
    expect(reason({ objective: "noise" }, { objective: "v" })).toContain("objective: set it to v");
    expect(reason({ timesteps: 500 })).toContain("set it to 1000");
  });

  it("cannot start from more steps than a student is made for", () => {
    const student = { distilFrom: 8, samplingTimesteps: 2 };
    expect(reason({ distilFrom: 2 }, student)).toBeNull();
    expect(reason({ distilFrom: 4 }, student)).toContain("made for 2 steps");
  });

  it("is offered of networks that take more than a step", () => {
    const offered = (changes: Partial<typeof loaded>, state: Partial<AppState> = {}) =>
      ACTIONS.distil.disabledReason(
        { ...idle, ...state },
        { runId: "a", weights: { ...loaded, ...changes } },
      );
    expect(offered({})).toBeNull();
    const student = { ...CONFIG, distilFrom: 8, samplingTimesteps: 1 };
    expect(offered({ config: student })).toContain("in one step already");
    expect(offered({ trainedSteps: 0 })).toContain("Nothing is trained");
    expect(offered({}, { run: run({ status: "paused" }) })).toContain("Stop the run");
  });
});

describe("files", () => {
  const names = [
    "loadFiles",
    "loadDataset",
    "loadWeights",
    "loadTrainedModel",
    "importRun",
  ] as const;

  it.each<[string, Partial<AppState>, readonly Name[]]>([
    ["while nothing is trained", {}, names],
    ["while the backend starts", { backend: { status: "starting" } }, names],
    ["without a backend", { backend: failed }, []],
    // A whole run is only stored.
    ["during a run", { run: run({ status: "paused" }) }, ["importRun"]],
  ])("can be loaded %s", (_, changes, expected) => {
    expect(enabled(changes, ...names)).toEqual(expected);
  });

  it.each<[string, Partial<AppState>, readonly Name[]]>([
    ["not before anything is trained", {}, []],
    ["during a run", { run: run({ status: "training", checkpointStep: 3 }) }, ["saveWeights"]],
    ["not of a worker that is gone", { run: run({ checkpointStep: 3 }), backend: failed }, []],
  ])("of weights can be saved: %s", (_, changes, expected) => {
    expect(enabled(changes, "saveWeights")).toEqual(expected);
  });
});

describe("drawing and measuring digits", () => {
  const loading = { loadId: "", id: "mnist", name: "", loadedBytes: 0, totalBytes: 1 };
  const trained = run({ status: "stopped", size: {} as Run["size"] });

  it.each<[string, Partial<AppState>, Name[]]>([
    ["is possible when all is ready", {}, ["generate", "measure"]],
    ["is possible during a run", { run: run({ status: "training" }) }, ["generate", "measure"]],
    ["awaits the backend", { backend: { status: "starting" } }, []],
    ["needs a backend", { backend: failed }, []],
    ["needs valid settings of an untrained network", { config: invalid }, []],
    [
      "needs those of a run, not of the form",
      { config: invalid, run: trained },
      ["generate", "measure"],
    ],
    ["is possible with what is too large to train", { config: tooLarge }, ["generate", "measure"]],
    ["needs images to compare with", { dataset: initial.dataset }, ["generate"]],
    [
      "waits for images to compare with",
      { dataset: { current: null, loading: { ...loading, numImages: 0, totalImages: 0 } } },
      ["generate"],
    ],
  ])("%s", (_, changes, expected) => {
    expect(enabled(changes, "generate", "measure")).toEqual(expected);
  });
});

describe("the number of classes", () => {
  it("can be set to that of the labels, unless a run goes on", () => {
    const store = createAppStore(new URLSearchParams());
    store.setState({ ...idle, config: { ...CONFIG, classes: 47 } });
    ACTIONS.fitClasses.perform({ store, client: {} as Client });
    expect(store.getState().config).toEqual({ ...CONFIG, classes: 10 });
    expect(enabled({ run: run({ status: "paused" }) }, "fitClasses")).toEqual([]);
  });
});

describe("the device", () => {
  it.each<[string, Partial<AppState>, Name[]]>([
    ["before any run", {}, ["benchmark", "timeEpoch"]],
    ["after a run", { run: run({ status: "finished" }) }, ["benchmark", "timeEpoch"]],
    ["while a run is paused", { run: run({ status: "paused" }) }, ["benchmark"]],
    ["without images", { dataset: initial.dataset }, ["benchmark"]],
    ["with settings that cannot be trained", { config: tooLarge }, ["benchmark"]],
    ["while the backend starts", { backend: { status: "starting" } }, []],
    ["without a backend", { backend: failed }, []],
    ["while a run goes on", { run: run({ status: "training" }) }, []],
    ["before the worker's word on a run", { run: run({ status: null }) }, []],
    ["while a run resumes", { run: run({ status: "paused", asked: "resume" }) }, []],
    ["while Resume waits", { continueRequested: { runId: "a", learningRateFactor: 1 } }, []],
    ["while Train waits", { trainRequested: true }, []],
    ["while another tab trains", { stored: elsewhere }, []],
    [
      "while an epoch is timed",
      { epochTiming: withTiming(idle, idle.config).epochTiming },
      ["timeEpoch"],
    ],
    ["while digits are drawn", { samples: requestSample(idle.samples, "sample") }, []],
  ])("can be measured %s", (_, changes, expected) => {
    expect(enabled(changes, "benchmark", "timeEpoch")).toEqual(expected);
  });
});
