import { describe, expect, it } from "vitest";
import { applyEvent } from "../../../../../src/app/state/applyEvent.ts";
import { newRun } from "../../../../../src/app/state/slices/run.ts";
import {
  afterOutcome,
  afterPart,
  forgetPreviews,
  hasViewChoice,
  type Origin,
  requestSample,
  type SamplesState,
  showFrame,
  shownFrame,
  shownGeneration,
  showOrigin,
} from "../../../../../src/app/state/slices/samples.ts";
import { type AppState, initialState } from "../../../../../src/app/state/state.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import { frameStride } from "../../../../../src/engine/config/sampling.ts";
import type { Broadcast } from "../../../../../src/runtime/run/events.ts";

const TIMESTEPS = 4;

const RUN_ID = "run-1";

function started(sampleId: string, origin: Origin, timesteps = TIMESTEPS): Broadcast {
  return {
    type: "sampleStarted",
    sampleId,
    origin,
    source: { kind: "run", runId: RUN_ID },
    start: "noise",
    count: 1,
    timesteps,
    sources: null,
    trainedSteps: 7,
    times: Array.from({ length: timesteps + 1 }, (_, i) => timesteps - 1 - i),
  };
}

function frame(
  sampleId: string,
  index: number,
  pixels = new Uint8Array(784).fill(index),
): Broadcast {
  return { type: "sampleFrame", sampleId, index, pixels, x0: null };
}

/** A whole sample as the worker tells it. */
function sampled(sampleId: string, origin: Origin, timesteps = TIMESTEPS): Broadcast[] {
  const frames = Array.from({ length: timesteps + 1 }, (_, index) => frame(sampleId, index));
  const done: Broadcast = { type: "sampleDone", sampleId, elapsedMs: 500 };
  return [started(sampleId, origin, timesteps), ...frames, done];
}

/** What the worker says of previews are events; what a person asked for is answered. */
function afterEvents(state: AppState, ...events: Broadcast[]): AppState {
  return events.reduce(afterEvent, state);
}

function afterEvent(state: AppState, event: Broadcast): AppState {
  const isOwn = "sampleId" in event && event.sampleId.startsWith("s");
  return isOwn ? { ...state, samples: answered(state.samples, event) } : applyEvent(state, event);
}

function answered(samples: SamplesState, event: Broadcast): SamplesState {
  switch (event.type) {
    case "sampleStarted":
    case "sampleFrame":
      return afterPart(samples, event, { askedFor: null, drawnBy: null });
    case "sampleDone":
      return afterOutcome(samples, event.sampleId, { status: "done", end: event });
    case "sampleCancelled":
      return afterOutcome(samples, event.sampleId, { status: "cancelled" });
    case "sampleFailed": {
      const { sampleId, message } = event;
      return afterOutcome(samples, sampleId, { status: "failed", message, isLost: false });
    }
    default:
      return samples;
  }
}

function change(state: AppState, to: (samples: SamplesState) => SamplesState): AppState {
  return { ...state, samples: to(state.samples) };
}

const config = presetConfig("tiny");
const empty: AppState = {
  ...initialState("tiny", config),
  run: newRun({ runId: RUN_ID, name: "Run", dataset: { id: "mnist", name: "MNIST" }, config }),
};
const request = (state: AppState, id: string) => change(state, (s) => requestSample(s, id));

describe("a preview", () => {
  it("is shown frame by frame as it comes", () => {
    const events = sampled("p1", "preview");
    const midway = afterEvents(empty, ...events.slice(0, 3));
    expect(shownFrame(midway.samples)?.index).toBe(1);
    const { samples } = afterEvents(empty, ...events);
    expect(shownFrame(samples)?.index).toBe(TIMESTEPS);
    expect(shownGeneration(samples)).toMatchObject({ status: "done", elapsedMs: 500 });
  });

  it("is shown to who wants little motion when it is finished, and stays until the next is", () => {
    const still = change(empty, (samples) => ({ ...samples, isStill: true }));
    const first = afterEvents(still, ...sampled("p1", "preview").slice(0, 3));
    expect(shownFrame(first.samples)?.index).toBe(0);
    const second = sampled("p2", "preview");
    const midway = afterEvents(still, ...sampled("p1", "preview"), ...second.slice(0, 3));
    expect(shownGeneration(midway.samples)?.sampleId).toBe("p1");
    expect(shownFrame(midway.samples)?.index).toBe(TIMESTEPS);
    const back = change(midway, (samples) => showFrame(samples, 1));
    expect(shownFrame(back.samples)?.index).toBe(1);
    const after = afterEvents(midway, ...second.slice(3), ...sampled("p3", "preview"));
    expect(shownGeneration(after.samples)?.sampleId).toBe("p3");
    expect(after.samples.generations.length).toBeLessThan(3);
  });

  it("is shown when it is finished also where it was asked for, and may be gone through before", () => {
    const still = change(empty, (samples) => ({ ...samples, isStill: true }));
    const events = sampled("s1", "person");
    const midway = afterEvents(request(still, "s1"), ...events.slice(0, 4));
    expect(midway.samples.generations[0]?.frames.at(-1)?.index).toBe(2);
    expect(shownFrame(midway.samples)?.index).toBe(0);
    expect(shownFrame(showFrame(midway.samples, 1))?.index).toBe(1);
    const { samples } = afterEvents(midway, ...events.slice(4));
    expect(shownFrame(samples)?.index).toBe(TIMESTEPS);
  });

  it("takes the place of the one before", () => {
    const { samples } = afterEvents(
      empty,
      ...sampled("p1", "preview"),
      ...sampled("p2", "preview"),
    );
    expect(samples.generations.map((g) => g.sampleId)).toEqual(["p2"]);
  });

  it("does not displace the one that the person goes back through", () => {
    const first = afterEvents(empty, ...sampled("p1", "preview"));
    const held = change(first, (s) => showFrame(s, 1));
    const { samples } = afterEvents(held, ...sampled("p2", "preview"));
    expect(shownGeneration(samples)?.sampleId).toBe("p1");
    expect(shownFrame(samples)?.index).toBe(1);
    const followed = showFrame(samples, TIMESTEPS);
    expect(shownGeneration(followed)?.sampleId).toBe("p2");
  });

  it("does not displace the person's own sample", () => {
    const own = afterEvents(request(empty, "s1"), ...sampled("s1", "person"));
    const { samples } = afterEvents(own, ...sampled("p1", "preview"));
    expect(shownGeneration(samples)?.sampleId).toBe("s1");
    expect(shownGeneration(showOrigin(samples, "preview"))?.sampleId).toBe("p1");
  });

  it("of an earlier run that comes late is dropped", () => {
    const other = {
      ...empty,
      run: newRun({ runId: "run-2", name: "Run", dataset: { id: "mnist", name: "MNIST" }, config }),
    };
    expect(afterEvents(other, ...sampled("p1", "preview")).samples).toEqual(other.samples);
  });

  it("of an earlier run is forgotten when another starts", () => {
    const { samples } = afterEvents(empty, ...sampled("p1", "preview"));
    expect(shownGeneration(forgetPreviews(samples))).toBeNull();
  });
});

describe("a requested sample", () => {
  it("runs until it is done", () => {
    const asked = request(empty, "s1");
    expect(asked.samples.requestedId).toBe("s1");
    const { samples } = afterEvents(asked, ...sampled("s1", "person"));
    expect(samples.requestedId).toBeNull();
  });

  it("that was cancelled keeps the frames it had", () => {
    const { samples } = afterEvents(
      request(empty, "s1"),
      started("s1", "person"),
      frame("s1", 0),
      frame("s1", 1),
      { type: "sampleCancelled", sampleId: "s1" },
    );
    expect(samples.requestedId).toBeNull();
    expect(shownGeneration(samples)?.status).toBe("cancelled");
    expect(shownFrame(samples)?.index).toBe(1);
  });

  it("that failed before its first frame is asked for no more", () => {
    const failed: Broadcast = { type: "sampleFailed", sampleId: "s1", message: "no memory" };
    const { samples } = afterEvents(request(empty, "s1"), failed);
    expect(samples.requestedId).toBeNull();
  });

  it("that the page repeats takes the place of the one before once it is finished, and of another at once", () => {
    const again = (state: AppState, id: string) => change(state, (s) => requestSample(s, id, true));
    const shown = ({ samples }: AppState) => shownGeneration(samples)?.sampleId;
    const first = afterEvents(again(empty, "s1"), started("s1", "person"), frame("s1", 0));
    // There is none before it.
    expect(shown(first)).toBe("s1");
    const done = afterEvents(request(empty, "s1"), ...sampled("s1", "person"));
    const repeated = afterEvents(again(done, "s2"), started("s2", "person"), frame("s2", 1));
    expect(shown(repeated)).toBe("s1");
    expect(shownFrame(repeated.samples)?.index).toBe(TIMESTEPS);
    const all = afterEvents(again(done, "s2"), ...sampled("s2", "person"));
    expect(shown(all)).toBe("s2");
    expect(all.samples.generations).toHaveLength(2);
    // The one after the next is shown likewise, and only what is shown is kept besides.
    const third = afterEvents(again(all, "s3"), started("s3", "person"));
    expect(third.samples.generations.map(({ sampleId }) => sampleId)).toEqual(["s2", "s3"]);
    const asked = afterEvents(request(third, "s4"), started("s4", "person"));
    expect(shown(asked)).toBe("s4");
  });

  it("that was overtaken by another changes nothing", () => {
    const state = request(request(empty, "s1"), "s2");
    expect(afterEvents(state, started("s1", "person")).samples).toBe(state.samples);
    const late: Broadcast[] = [
      frame("s1", 0),
      { type: "sampleDone", sampleId: "s1", elapsedMs: 1 },
      { type: "sampleCancelled", sampleId: "s1" },
      { type: "sampleFailed", sampleId: "s1", message: "" },
    ];
    for (const event of late) expect(afterEvents(state, event).samples).toBe(state.samples);
  });
});

describe("the frames", () => {
  it("can be gone back through while others come", () => {
    const midway = afterEvents(request(empty, "s1"), ...sampled("s1", "person").slice(0, 4));
    const back = change(midway, (s) => showFrame(s, 1));
    const { samples } = afterEvents(back, frame("s1", 3));
    expect(shownFrame(samples)?.index).toBe(1);
    expect(shownFrame(showFrame(samples, 3))?.index).toBe(3);
  });

  it("are thinned out when there are very many, but never the newest", () => {
    const timesteps = 999;
    // Shared by all.
    const hundred = new Uint8Array(100 * 784);
    const { samples } = afterEvents(
      request(empty, "s1"),
      ...[{ ...started("s1", "person", timesteps), count: 100 } as Broadcast],
      ...Array.from({ length: timesteps + 1 }, (_, index) => frame("s1", index, hundred)),
    );
    const generation = shownGeneration(samples);
    const indices = generation?.frames.map((f) => f.index) ?? [];
    const stride = frameStride(timesteps, generation?.count ?? 0);
    expect([stride, indices.length]).toEqual([4, 251]);
    expect(indices[0]).toBe(0);
    expect(indices.at(-1)).toBe(timesteps);
    const distances = indices.slice(1, -1).map((index, i) => index - (indices[i] as number));
    expect(new Set(distances)).toEqual(new Set([stride]));
    expect(shownFrame(showFrame(samples, 6))?.index).toBe(4);
  });
});

describe("the choice of what to look at", () => {
  const own = afterEvents(request(empty, "s1"), ...sampled("s1", "person")).samples;

  it("is there as soon as there are both kinds, or the second is on its way", () => {
    const preview = afterEvents(empty, ...sampled("p1", "preview"));
    expect(hasViewChoice(preview.samples)).toBe(false);
    expect(hasViewChoice(request(preview, "s1").samples)).toBe(true);
  });

  it("is not there for one kind alone", () => {
    expect(hasViewChoice(empty.samples)).toBe(false);
    expect(hasViewChoice(own)).toBe(false);
  });

  it("leads back to one's own sample after a new run, which may never have previews", () => {
    const anew = forgetPreviews(own);
    expect(shownGeneration(anew)).toBeNull();
    expect(hasViewChoice(anew)).toBe(true);
    expect(shownGeneration(showOrigin(anew, "person"))?.sampleId).toBe("s1");
  });
});

it("of two samples in progress the one that fails has failed", () => {
  const inProgress = afterEvents(
    change(empty, (samples) => requestSample(samples, "s")),
    ...[started("p", "preview"), started("s", "person")],
  );
  const after = (sampleId: string) =>
    afterEvents(inProgress, {
      type: "sampleFailed",
      sampleId,
      message: "Full.",
    }).samples.generations.map(({ status }) => status);
  expect(after("s")).toEqual(["sampling", "failed"]);
  expect(after("p")).toEqual(["failed", "sampling"]);
});

it("a sample of a file's network has the file's name", () => {
  const source = { kind: "file", fileName: "digits.safetensors" } as const;
  const asked = change(empty, (samples) => requestSample(samples, "s"));
  const ofFile = { ...started("s", "person"), source } as Broadcast;
  const namesOf = (event: Broadcast) =>
    afterEvents(asked, event).samples.generations.map(({ fileName }) => fileName);
  expect(namesOf(ofFile)).toEqual([source.fileName]);
  expect(namesOf(started("s", "person"))).toEqual([null]);
});
