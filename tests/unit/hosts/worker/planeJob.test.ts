import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { langevinTimes } from "../../../../src/engine/quality/drawPoints.ts";
import { denoiserOf, scheduleOf } from "../../../../src/engine/train/gradient.ts";
import { PlaneJob } from "../../../../src/hosts/worker/planeJob.ts";
import type { WorkerEvent } from "../../../../src/runtime/run/events.ts";
import { type Network, untrainedNetwork } from "../../../../src/runtime/run/network.ts";
import type { PlaneRequest } from "../../../../src/runtime/run/samplingProtocol.ts";
import { smallConfig } from "../../engine/train/smallRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

/** Asked for a class, the network's own answer is taken. */
const CONFIG = smallConfig({
  architecture: "perceptron",
  width: 8,
  depth: 1,
  objective: "x0",
  timesteps: 10,
  numPoints: 50,
  classes: 2,
  guidance: 1,
});
const { numTimesteps, signals, noises } = scheduleOf(CONFIG);

const REQUEST = {
  requestId: "plane",
  weights: "ema",
  sampler: { kind: "ddim", timesteps: 5, spacing: "even" },
  seed: 0,
  count: 3,
  walk: null,
  label: null,
  guidance: 1,
  gridSize: 2,
  fieldAt: 0,
} as const;

/** The timestep of each frame of five steps of ten; -1 is the finished points. */
const TIMES = [9, 7, 5, 3, 1, -1];
/** What the network answers for when no class is asked for. */
const NO_LABEL = 2;

type Forward = ReturnType<Network["denoiser"]>["network"]["forward"];

/** Predicts for every point that x is its class, 0 or 1 or `NO_LABEL`, and y a tenth of the timestep. */
const labelAndTime: Forward = (_, { labels, timesteps }) =>
  tf.tidy(() => {
    const numPoints = timesteps.length;
    const classes = labels
      ? tf.matMul(labels, tf.tensor2d([0, 1, NO_LABEL], [3, 1]))
      : tf.fill([numPoints, 1], NO_LABEL);
    const times = tf.tensor2d(
      Float32Array.from(timesteps, (t) => t / 10),
      [numPoints, 1],
    );
    return tf.reshape(tf.concat([classes, times], 1), [numPoints, 1, 2, 1]) as tf.Tensor4D;
  });

/** All the points that `labelAndTime` predicts. */
function answers(label: number, t: number, count: number): number[] {
  return Array.from({ length: count }, () => [label, Math.fround(t / 10)]).flat();
}

/** A job of which the weights are noted that it asks for. */
function startedJob(
  changes: Partial<PlaneRequest> = {},
  { forward = labelAndTime, isMeasuring = false } = {},
) {
  const events: WorkerEvent[] = [];
  const weights: string[] = [];
  const network: Network = {
    ...untrainedNetwork(CONFIG),
    trainedSteps: 40,
    denoiser(choice) {
      weights.push(choice);
      const denoiser = denoiserOf(CONFIG, null);
      return { ...denoiser, network: { ...denoiser.network, forward } };
    },
  };
  const job = new PlaneJob({
    command: isMeasuring
      ? { type: "measurePlane", requestId: "plane", config: CONFIG }
      : { type: "drawPlane", request: { ...REQUEST, ...changes }, config: CONFIG },
    id: "plane",
    network,
    post: (event) => void events.push(event),
  });
  return { job, events, weights };
}

async function drawn(changes: Partial<PlaneRequest> = {}) {
  const { job, events } = startedJob(changes);
  while (!job.isDone) await job.advance(1000);
  const [event] = events;
  if (event?.type !== "planeDrawn") throw new Error(`Got ${JSON.stringify(event)}.`);
  expect(events).toHaveLength(1);
  return event;
}

const atTimes = (times: readonly number[]) =>
  times.map((t) => ({ signal: signals[t] ?? 1, noise: noises[t] ?? 0 }));

const arrays = (all: readonly (Float32Array | null)[]) => all.map((one) => one && [...one]);

describe("points that flow", () => {
  it.each([
    [null, NO_LABEL],
    [0, 0],
    [1, 1],
  ])(
    "are of the class %s where it is asked for, as is the field, in one step as well",
    async (label, answer) => {
      const event = await drawn({ label, fieldAt: "all" });
      expect(event).toMatchObject({ requestId: "plane", trainedSteps: 40 });
      expect(event.frames).toHaveLength(6);
      // The last step goes to what is predicted at its start.
      expect([...(event.frames[5] as Float32Array)]).toEqual(answers(answer, 1, 3));
      expect([...(event.oneStep as Float32Array)]).toEqual(answers(answer, 9, 3));
      expect(arrays(event.starts)).toEqual(
        TIMES.map((t) => (t < 0 ? null : answers(answer, t, 4))),
      );
    },
  );

  it.each([0, 2, 4])("have a field at frame %i alone, where that is asked for", async (fieldAt) => {
    const { starts, levels, oneStep } = await drawn({ label: 1, fieldAt });
    const expected = TIMES.map((t, frame) => (frame === fieldAt ? answers(1, t, 4) : null));
    expect(arrays(starts)).toEqual(expected);
    expect(levels).toEqual(atTimes(TIMES));
    expect(oneStep).toBeNull();
  });

  it("have none when they are finished", async () => {
    const { starts } = await drawn({ fieldAt: 5 });
    expect(starts).toEqual(TIMES.map(() => null));
  });

  it("come with the error of the field at a few timesteps", async () => {
    const { fieldErrors } = await drawn({ label: 1 });
    expect(fieldErrors.map(({ t }) => t)).toEqual([2, 5, 8]);
    expect(fieldErrors.map(({ noise }) => noise)).toEqual([2, 5, 8].map((t) => noises[t]));
  });
});

describe("points that walk", () => {
  const WALK = { level: 1 / 3, isAnnealed: true, numSteps: 9 };

  it.each([true, false])(
    "are at the levels that are asked for, annealed: %s",
    async (isAnnealed) => {
      const walk = { ...WALK, isAnnealed };
      const { levels, frames, starts, fieldErrors, oneStep } = await drawn({ walk, label: 0 });
      const times = langevinTimes(walk, numTimesteps);
      expect(times[0]).toBe(isAnnealed ? 9 : 3);
      expect(times.at(-1)).toBe(3);
      // Before the first step they are at its level.
      const ofFrames = [times[0] as number, ...times];
      expect(levels).toEqual(atTimes(ofFrames));
      expect(frames).toHaveLength(10);
      expect(arrays(starts)).toEqual(ofFrames.map((t) => answers(0, t, 4)));
      expect(fieldErrors).toEqual([]);
      expect(oneStep).toBeNull();
    },
  );

  it.each([0, 1])("walk to the class %i that is asked for", async (label) => {
    const { frames } = await drawn({ walk: { ...WALK, numSteps: 60 }, label, count: 200 });
    const last = frames.at(-1) as Float32Array;
    const mean = last.filter((_, i) => i % 2 === 0).reduce((sum, x) => sum + x) / 200;
    // Noised points of a class lie around it, shrunk by the factor of the signal.
    expect(Math.abs(mean - label * (signals[3] as number))).toBeLessThan(0.2);
  });
});

describe("a job of points", () => {
  it("takes the weights that are asked for, and measures the average", () => {
    const jobs = [
      startedJob({ weights: "raw" }),
      startedJob({ weights: "ema" }),
      startedJob({ weights: "raw" }, { isMeasuring: true }),
    ];
    expect(jobs.flatMap(({ weights }) => weights)).toEqual(["raw", "ema", "ema"]);
    for (const { job } of jobs) void job.cancel();
  });

  it.each([
    ["flow", {}],
    ["walk", { walk: { level: 0, isAnnealed: true, numSteps: 3 }, label: 1 }],
    ["are all asked", { fieldAt: "all", label: 0 }],
  ] as const)("leaves no tensor when it is done, where points %s", async (_, changes) => {
    const { numTensors } = tf.memory();
    await drawn(changes);
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it.each([0, 1, 4])(
    "leaves none when it is cancelled after %i slices, and answers nothing else",
    async (numSlices) => {
      for (const isMeasuring of [false, true]) {
        const { numTensors } = tf.memory();
        const { job, events } = startedJob({}, { isMeasuring });
        for (let i = 0; i < numSlices; i++) await job.advance(0);
        await job.cancel();
        expect(job.isDone).toBe(true);
        expect(tf.memory().numTensors).toBe(numTensors);
        expect(events).toEqual([{ type: "requestCancelled", requestId: "plane" }]);
      }
    },
  );

  it("leaves none when it fails, and says why", async () => {
    const { numTensors } = tf.memory();
    const forward: Forward = (parameters, inputs) => {
      if (inputs.timesteps[0] === 5) throw new Error("The device is lost.");
      return labelAndTime(parameters, inputs);
    };
    const { job, events } = startedJob({}, { forward });
    while (!job.isDone) await job.advance(1000);
    expect(job.isDone).toBe(true);
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(events).toEqual([
      { type: "requestFailed", requestId: "plane", message: "The device is lost." },
    ]);
  });

  it("is refused for a network of images, whose weights it does not copy", () => {
    const { numTensors } = tf.memory();
    const command = { type: "drawPlane", request: REQUEST, config: smallConfig() } as const;
    const network = untrainedNetwork(smallConfig());
    expect(() => new PlaneJob({ command, id: "plane", network, post: () => {} })).toThrow(
      "Expected a network of points",
    );
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});
