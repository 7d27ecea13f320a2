import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { measure } from "../../../../src/hosts/measuring/measuringJob.ts";
import type {
  BatchTimingRequest,
  MeasuringEvent,
} from "../../../../src/hosts/measuring/measuringProtocol.ts";
import { startBackend } from "../../../../src/hosts/worker/backend.ts";
import { Replicas } from "../../../../src/runtime/threads/replicas.ts";
import { smallConfig } from "../../engine/train/smallRun.ts";
import { threadBeside } from "../worker/threadBeside.ts";

// The real one imports files in the way of the bundler.
vi.mock("../../../../src/hosts/worker/backend.ts", async (original) => ({
  ...(await original<object>()),
  startBackend: vi.fn(),
}));

afterEach(() => {
  vi.restoreAllMocks();
});

/** With a clock that makes a step take this long. */
async function eventsOf(
  request: Partial<BatchTimingRequest>,
  { stepMs = 500, replicas = null }: { stepMs?: number; replicas?: Replicas | null } = {},
) {
  let nowMs = 0;
  vi.spyOn(performance, "now").mockImplementation(() => {
    nowMs += stepMs;
    return nowMs;
  });
  vi.mocked(startBackend).mockImplementation(async () => {
    await tf.setBackend("wasm");
    return {
      backend: "wasm",
      device: "",
      reason: "No adapter.",
      advice: null,
      rung: "wasm",
      fallback: null,
    };
  });
  const events: MeasuringEvent[] = [];
  await measure(
    {
      type: "timeBatch",
      backend: "wasm",
      config: smallConfig(),
      maxMicroBatch: null,
      ...request,
    },
    replicas,
    (event) => events.push(event),
  );
  return events;
}

describe("a batch that is timed", () => {
  it("takes what its step takes, and it is told how far that is", async () => {
    const events = await eventsOf({});
    expect(events.at(-1)).toEqual({ type: "batchTimed", batchMs: 500 });
    const progress = events.slice(0, -1);
    expect(progress.length).toBeGreaterThan(1);
    for (const event of progress) expect(event.type).toBe("timingProgress");
  });

  it.each([
    ["16 images of a large one", { config: smallConfig({ batchSize: 40 }) }, (500 * 40) / 16],
    ["a micro-batch where memory is short", { maxMicroBatch: 1 }, 500 * 4],
    [
      "one of those that are accumulated",
      { config: smallConfig({ gradientAccumulation: 8 }) },
      500,
    ],
  ])("is timed by %s", async (_, request, batchMs) => {
    expect((await eventsOf(request)).at(-1)).toEqual({ type: "batchTimed", batchMs });
  });

  it("is larger by as much as there are threads", async () => {
    const large = { config: smallConfig({ batchSize: 40 }) };
    const events = await eventsOf(large, { replicas: new Replicas(2, threadBeside) });
    expect(events.at(-1)).toEqual({ type: "batchTimed", batchMs: (500 * 40) / 32 });
  });

  it("leaves no tensor", async () => {
    await eventsOf({});
    const before = tf.memory().numTensors;
    await eventsOf({});
    expect(tf.memory().numTensors).toBe(before);
  });

  it("on a backend that does not start is not timed, with the reason", async () => {
    const events = await eventsOf({ backend: "webgpu" });
    expect(events).toEqual([
      {
        type: "measuringFailed",
        message: "The backend webgpu does not start here. No adapter.",
      },
    ]);
  });
});
