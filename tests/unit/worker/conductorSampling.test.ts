import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { emptyWorker, readyWorker } from "./startedWorker.ts";

describe("sampling on request", () => {
  it("needs a backend", async () => {
    const worker = emptyWorker();
    worker.sample("digits");
    expect((await worker.event("sampleFailed")).message).toContain("needs a backend");
  });

  it("draws from an untrained network before any run, and leaves no tensor", async () => {
    const worker = await readyWorker();
    const { numTensors } = tf.memory();
    worker.sample("digits");
    expect(await worker.digits("digits")).toHaveLength(2 * 784);
    expect(worker.allOf("sampleStarted")).toMatchObject([
      {
        source: { kind: "untrained" },
        ...{ origin: "person", trainedSteps: 0, count: 2, timesteps: 3 },
      },
    ]);
    expect(worker.allOf("sampleFrame").map((e) => e.index)).toEqual([0, 1, 2, 3]);
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it("draws from the network of a run that was stopped", async () => {
    const worker = await readyWorker();
    worker.sample("before");
    const before = await worker.digits("before");
    worker.train("run");
    await worker.event("steps", (e) => e.steps.some(({ step }) => step === 2));
    const trainedSteps = await worker.stop("run");
    worker.sample("after");
    expect(await worker.digits("after")).not.toEqual(before);
    const started = await worker.event("sampleStarted", worker.isOf("after"));
    expect(started).toMatchObject({ source: { kind: "run", runId: "run" }, trainedSteps });
  });

  it("takes turns with training", async () => {
    const worker = await readyWorker();
    worker.train("run");
    await worker.event("steps");
    worker.sample("digits", { timesteps: 8 });
    await worker.digits("digits");
    const from = worker.events.findIndex((e) => e.type === "sampleStarted");
    const turns = worker.events
      .slice(from)
      .filter((e) => ["sampleFrame", "steps", "validationProgress", "epoch"].includes(e.type))
      .map((e) => (e.type === "sampleFrame" ? "s" : "t"))
      .join("");
    // Two frames fill a slice of the clock; after each, training takes one step.
    expect(turns).toMatch(/^sstsstsstsst+s/);
    expect(worker.allOf("sampleDone")[0]?.elapsedMs).toBeGreaterThan(0);
  });

  it("ends when it is cancelled, and leaves no tensor", async () => {
    const worker = await readyWorker();
    const { numTensors } = tf.memory();
    worker.sample("digits", { timesteps: 100 });
    await worker.event("sampleFrame");
    worker.handle({ type: "cancelSample", sampleId: "digits" });
    await worker.event("sampleCancelled", worker.isOf("digits"));
    const from = worker.events.length;
    worker.sample("next");
    await worker.digits("next");
    expect(worker.allOf("sampleFrame", from).filter(worker.isOf("digits"))).toEqual([]);
    expect(worker.allOf("sampleDone").filter(worker.isOf("digits"))).toEqual([]);
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it("takes the place of a generation that is still going on", async () => {
    const worker = await readyWorker();
    worker.sample("first", { timesteps: 100 });
    await worker.event("sampleFrame");
    worker.sample("second");
    await worker.digits("second");
    expect(worker.allOf("sampleCancelled").map((e) => e.sampleId)).toEqual(["first"]);
  });

  it("is answered when one cancels what has already ended", async () => {
    const worker = await readyWorker();
    worker.sample("digits");
    await worker.digits("digits");
    worker.handle({ type: "cancelSample", sampleId: "digits" });
    await worker.event("sampleCancelled", worker.isOf("digits"));
  });
});

describe("previews", () => {
  const previewEvery = { previewEvery: 2, previewTimesteps: 2 };

  it("are drawn after every so many steps, always from the same noise", async () => {
    const worker = await readyWorker();
    worker.train("run", { ...previewEvery, epochs: 3 });
    await worker.status("run", "finished");
    const started = worker.allOf("sampleStarted");
    expect(started.length).toBeGreaterThanOrEqual(2);
    for (const { source, origin, trainedSteps, timesteps } of started) {
      expect({ source, origin, timesteps }).toEqual({
        source: { kind: "run", runId: "run" },
        origin: "preview",
        timesteps: 2,
      });
      expect((trainedSteps as number) % 2).toBe(0);
    }
    const [first, second] = started.map(({ sampleId }) =>
      worker.allOf("sampleFrame").filter(worker.isOf(sampleId)),
    );
    expect(first?.[0]?.pixels).toEqual(second?.[0]?.pixels);
    expect(first?.at(-1)?.pixels).not.toEqual(second?.at(-1)?.pixels);
  });

  it("give way to a request", async () => {
    const worker = await readyWorker();
    worker.train("run", { ...previewEvery, previewTimesteps: 50 });
    const preview = await worker.event("sampleStarted");
    worker.sample("digits");
    await worker.digits("digits");
    expect(worker.allOf("sampleCancelled")[0]?.sampleId).toBe(preview.sampleId);
  });
});
