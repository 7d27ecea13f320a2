import { beforeEach, describe, expect, it } from "vitest";
import { applyEvent } from "../../../../../src/app/state/applyEvent.ts";
import {
  cursorStep,
  heldAt,
  pointedAt,
  pointedStep,
} from "../../../../../src/app/state/slices/cursor.ts";
import { newRun } from "../../../../../src/app/state/slices/run.ts";
import { type AppStore, createAppStore } from "../../../../../src/app/state/store.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import type { OpenedRun } from "../../../../../src/runtime/run/events.ts";

let store: AppStore;
const now = () => cursorStep(store.getState());

const START = {
  runId: "a",
  name: "A",
  dataset: { id: "files", name: "Mine" },
  config: presetConfig("tiny"),
};

function open(runId: string) {
  const more = { status: "finished", startedFrom: null, warning: null, step: 0 } as const;
  const size = { stepsPerEpoch: 5, numParameters: 9, steps: [], epochs: [] };
  const run: OpenedRun = { ...START, ...more, ...size, runId };
  store.setState((state) => applyEvent(state, { type: "runOpened", run }));
}

beforeEach(() => {
  store = createAppStore(new URLSearchParams());
});

describe("the step that all views mark", () => {
  it("is where one points, and afterwards the one that is held", () => {
    expect(now()).toBeNull();
    store.setState(heldAt(50));
    store.setState(pointedAt(70));
    expect(now()).toBe(70);
    store.setState(pointedAt(null));
    expect(now()).toBe(50);
  });

  it("is on Train's chart, where no slider is, only where one points", () => {
    store.setState(heldAt(50));
    expect(pointedStep(store.getState())).toBeNull();
    store.setState(pointedAt(70));
    expect(pointedStep(store.getState())).toBe(70);
  });

  it("is the slider's as soon as it is moved, also where the pointer rests on a chart", () => {
    store.setState(pointedAt(70));
    store.setState(heldAt(50));
    expect(now()).toBe(50);
    store.setState(heldAt(null));
    expect(now()).toBeNull();
  });

  it("goes with its run, and stays when the same is opened again", () => {
    store.setState({ run: newRun(START) });
    store.setState(heldAt(50));
    open("a");
    expect(now()).toBe(50);
    open("b");
    expect(now()).toBeNull();
  });

  it("is the address's for the first run that is opened, and no other", () => {
    store = createAppStore(new URLSearchParams("step=50"));
    open("a");
    expect(now()).toBe(50);
    open("b");
    expect(now()).toBeNull();
  });
});
