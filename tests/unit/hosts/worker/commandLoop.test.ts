import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { imagesFile, labelsFile, pair } from "../../engine/data/idxBytes.ts";
import { emptyWorker, readyWorker } from "./startedWorker.ts";

describe("the backend", () => {
  it("is started as chosen and reported", async () => {
    const worker = emptyWorker();
    const fallback = { rung: "safe", adapter: "", reason: "", details: "" } as const;
    worker.handle({ type: "init", backend: "webgpu", fallback, submitShare: 0.5 });
    expect((await worker.event("backendReady")).report.backend).toBe("wasm");
    const args = ["webgpu", expect.any(Function), fallback, 0.5] as const;
    expect(worker.startBackend).toHaveBeenCalledWith(...args);
  });

  it("whose graphics device is lost ends everything with a fault", async () => {
    const worker = emptyWorker();
    worker.handle({ type: "init", backend: "auto" });
    await worker.event("backendReady");
    const [, onFault] = worker.startBackend.mock.calls.at(-1) ?? [];
    const fault = { cause: "deviceLost", message: "The graphics device was lost." } as const;
    onFault?.(fault);
    onFault?.({ cause: "error", message: "One follows from the other." });
    expect(await worker.event("fault")).toMatchObject(fault);
    expect(worker.allOf("fault")).toHaveLength(1);
  });

  it("that does not start is told, and the worker lives on", async () => {
    const worker = emptyWorker();
    worker.startBackend.mockRejectedValueOnce(new Error("Nothing to compute on."));
    worker.handle({ type: "init", backend: "auto" });
    expect((await worker.event("backendFailed")).message).toBe("Nothing to compute on.");
    // What is stored is told all the same; here there is no storage.
    await worker.event("storageTrouble");
    worker.handle({ type: "init", backend: "auto" });
    await worker.event("backendReady");
  });
});

describe("a worker whose site data are blocked", () => {
  /** As Firefox and WebKit do, some on being named, some on being called. */
  function blockSiteData() {
    const refuse = () => {
      throw new DOMException("The operation is insecure.", "SecurityError");
    };
    vi.stubGlobal(
      "navigator",
      Object.defineProperties({}, { locks: { get: refuse }, storage: { get: refuse } }),
    );
    vi.stubGlobal("indexedDB", { open: refuse });
    vi.stubGlobal(
      "BroadcastChannel",
      class {
        constructor() {
          refuse();
        }
      },
    );
    onTestFinished(() => void vi.unstubAllGlobals());
  }

  it("trains, and tells that nothing is saved", async () => {
    blockSiteData();
    const worker = await readyWorker();
    expect((await worker.event("storageTrouble")).message).toContain("The operation is insecure.");
    worker.train("run");
    await worker.event("steps");
    expect(worker.allOf("runFailed")).toEqual([]);
  });
});

describe("a dataset", () => {
  it("is told with its numbers of images and of classes", async () => {
    const worker = await readyWorker();
    const [ready] = worker.allOf("datasetReady");
    expect(ready).toMatchObject({ loadId: "first", numTrain: 9, numValidation: 1, numClasses: 10 });
  });

  it("is told with a checksum, which other pixels change, and other labels", async () => {
    const worker = await readyWorker();
    const checksums = [];
    for (const [i, changed] of [null, 0, 1].entries()) {
      const files = [imagesFile(10), labelsFile(10)] as const;
      const file = changed === null ? null : files[changed];
      if (file) file[file.length - 1] = 5;
      worker.load(`${i}`, pair("train", ...files));
      checksums.push((await worker.event("datasetReady", (e) => e.loadId === `${i}`)).checksum);
    }
    expect(checksums[0]).toBe(worker.allOf("datasetReady")[0]?.checksum);
    expect(new Set(checksums).size).toBe(3);
  });

  it("that cannot be read leaves the earlier one in place", async () => {
    const worker = await readyWorker();
    worker.load("broken", pair("train", imagesFile(10, { magic: 1 }), labelsFile(10)));
    const failed = await worker.event("datasetFailed");
    expect(failed.loadId).toBe("broken");
    expect(failed.message).toContain("train-images");
    worker.train("run");
    expect((await worker.event("runStarted")).stepsPerEpoch).toBe(3);
  });

  it("is replaced by a later one, which ends the reading of one still coming in", async () => {
    const worker = await readyWorker();
    const cancel = vi.fn();
    worker.load("slow", pair("train", new ReadableStream({ cancel }), labelsFile(10)));
    worker.load("quick", pair("train", imagesFile(24), labelsFile(24)));
    await worker.event("datasetReady", (e) => e.loadId === "quick");
    expect(cancel).toHaveBeenCalledOnce();
    worker.train("run");
    expect((await worker.event("runStarted")).stepsPerEpoch).toBe(5);
    expect(worker.allOf("datasetReady").map((e) => e.loadId)).toEqual(["first", "quick"]);
    expect(worker.allOf("datasetFailed")).toEqual([]);
  });
});

describe("a run", () => {
  it("needs backend and dataset", async () => {
    const worker = emptyWorker();
    worker.train("run");
    expect((await worker.event("runFailed")).message).toContain("images and a backend");
    expect(worker.allOf("runStatus").map((e) => e.status)).toEqual(["failed"]);
  });

  it("tells its size, then its steps in order, epochs, and that it has finished", async () => {
    const worker = await readyWorker();
    worker.train("run", { epochs: 2 });
    await worker.status("run", "finished");
    expect(worker.allOf("runStarted")[0]).toMatchObject({ stepsPerEpoch: 3, totalSteps: 6 });
    expect(worker.stepsOf("run")).toEqual([1, 2, 3, 4, 5, 6]);
    expect(worker.allOf("epoch").map((e) => e.epoch.epoch)).toEqual([1, 2]);
  });

  it("does no step while it is paused, and goes on after it with the next", async () => {
    const worker = await readyWorker();
    worker.train("run");
    await worker.event("steps");
    worker.handle({ type: "pause", runId: "run" });
    await worker.status("run", "paused");
    const numSteps = worker.stepsOf("run").at(-1);
    const from = worker.events.length;
    // What the worker does in the meantime: it is not stuck, but training is.
    worker.sample("meanwhile");
    await worker.digits("meanwhile");
    expect(worker.samplesStarted()[0]?.trainedSteps).toBe(numSteps);
    expect(worker.stepsOf("run", from)).toEqual([]);
    worker.handle({ type: "resume", runId: "run" });
    await worker.event("steps", () => true, from);
    expect(worker.stepsOf("run", from)[0]).toBe((numSteps ?? 0) + 1);
  });

  it("does no step after it is stopped, nor after a late resume", async () => {
    const worker = await readyWorker();
    worker.train("run");
    await worker.event("steps");
    await worker.stop("run");
    const from = worker.events.length;
    worker.handle({ type: "resume", runId: "run" });
    worker.sample("later");
    await worker.digits("later");
    expect(worker.stepsOf("run", from)).toEqual([]);
    expect(worker.allOf("runStatus", from)).toEqual([]);
  });

  it("does not listen to commands for another", async () => {
    const worker = await readyWorker();
    worker.train("run");
    worker.handle({ type: "pause", runId: "earlier" });
    worker.handle({ type: "stop", runId: "earlier" });
    await worker.event("steps", (e) => e.steps.some(({ step }) => step === 2));
    expect(worker.allOf("runStatus").map((e) => e.status)).toEqual(["preparing", "training"]);
  });

  it("takes the place of the one before, which is heard of no more and leaves no tensor", async () => {
    const worker = await readyWorker();
    worker.train("first");
    await worker.event("steps");
    await worker.stop("first");
    const { numTensors } = tf.memory();
    for (const runId of ["second", "third"]) {
      worker.train(runId);
      await worker.event("steps", (e) => e.runId === runId);
    }
    const from = worker.events.findIndex((e) => e.type === "runStarted" && e.runId === "third");
    await worker.stop("third");
    expect(worker.stepsOf("second", from)).toEqual([]);
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it("whose loss is no number any more fails with advice, and another may follow", async () => {
    const worker = await readyWorker();
    worker.train("wild", { learningRate: 1e30 });
    expect((await worker.event("runFailed")).message).toContain("lower learning rate");
    await worker.status("wild", "diverged");
    worker.train("calm");
    await worker.event("steps", (e) => e.runId === "calm");
  });
});
