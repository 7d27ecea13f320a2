import { describe, expect, it } from "vitest";
import { shownPixels } from "../../../../../src/app/features/draw/state/beginning.ts";
import { formatStep } from "../../../../../src/app/features/draw/state/captions.ts";
import {
  DRAW_DEFAULTS,
  drawRequests,
} from "../../../../../src/app/features/draw/state/drawSettings.ts";
import {
  type DrawState,
  movedTo,
  nothingDrawn,
  withRequests,
} from "../../../../../src/app/features/draw/state/drawState.ts";
import { startNoise } from "../../../../../src/app/shared/images/startNoise.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import { DATASETS } from "../../../../../src/engine/data/datasets.ts";
import type { WorkerEvent } from "../../../../../src/runtime/run/events.ts";
import { told } from "./told.ts";

const config = presetConfig("tiny");
const settings = { ...DRAW_DEFAULTS, isComparing: true, count: "1" };

function waiting(count = "1"): DrawState {
  const { asked } = drawRequests(
    { ...settings, count },
    {
      configs: { a: config, b: config },
      images: new Map(),
      drawing: null,
      labels: null,
      own: null,
      marks: [],
      naming: DATASETS.mnist.naming,
    },
  );
  const ids = ["a", "b"];
  return withRequests(nothingDrawn(settings), asked, () => ids.shift() ?? "");
}

/** All frames of a side, from pure noise, by `numSteps` steps. */
function frames(sampleId: string, numSteps: number, last = numSteps, count = 1): WorkerEvent[] {
  // Shared by all: a hundred digits at a thousand steps would take long to fill.
  const many = new Uint8Array(count * 784);
  const times = Array.from({ length: numSteps + 1 }, (_, i) =>
    Math.round(999 - (1000 * i) / numSteps),
  );
  return [
    {
      type: "sampleStarted",
      sampleId,
      origin: "person",
      source: { kind: "untrained" },
      start: "noise",
      count,
      times,
      timesteps: numSteps,
      trainedSteps: 0,
      sources: null,
    },
    ...Array.from(
      { length: last + 1 },
      (_, index): WorkerEvent => ({
        type: "sampleFrame",
        sampleId,
        index,
        x0: count > 1 ? many : new Uint8Array(784).fill(255),
        pixels: count > 1 ? many : new Uint8Array(784).fill(index % 256),
      }),
    ),
  ];
}

describe("the words of the step", () => {
  it("count steps, not the frames that are kept of a thousand", () => {
    const state = told(waiting("100"), ...frames("a", 1000, 1000, 100));
    expect(formatStep(state, "a")).toBe("step 1,000 of 1,000, finished");
    expect(formatStep(movedTo(state, 1), "a")).toBe("step 4 of 1,000, t = 995");
  });

  it("are each generation's own where two are compared", () => {
    const state = told(waiting(), ...frames("a", 10), ...frames("b", 4));
    const early = movedTo(state, 1);
    expect(formatStep(early, "a")).toBe("step 1 of 10, t = 899");
    expect(formatStep(early, "b")).toBe("step 0 of 4, t = 999");
    expect(formatStep(state, "b")).toBe("step 4 of 4, finished");
  });

  it("say that there are none before the first", () => {
    expect(formatStep(waiting(), "a")).toBe("no steps yet");
  });
});

describe("the digits that are looked at", () => {
  const one = { count: 1, next: null };

  it("are what it begins with while one waits for the other", () => {
    const state = told(waiting(), ...frames("b", 4, -1), ...frames("a", 10, 7));
    expect(shownPixels(state, "a", one)[0]).toBe(7);
    expect(shownPixels(state, "b", one)).toEqual(startNoise(0, 1));
    // Of the noise nothing is predicted by B yet.
    expect(shownPixels({ ...state, shown: "x0" }, "b", one)).toEqual(startNoise(0, 1));
  });

  it("are what it would begin with before anything was asked for", () => {
    const request = { count: 2, seed: 5, start: { kind: "noise" } } as const;
    const state = nothingDrawn(settings);
    const given = { count: 2, next: { request, noising: config } };
    expect(shownPixels(state, "a", given)).toEqual(startNoise(5, 2));
    expect(shownPixels(state, "a", { ...given, next: null })).toEqual(new Uint8Array(2 * 784));
  });
});
