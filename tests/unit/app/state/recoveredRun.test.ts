import { describe, expect, it, vi } from "vitest";
import { connect } from "../../../../src/app/state/client/client.ts";
import type { WorkerEnd } from "../../../../src/app/state/client/workerLink.ts";
import { createAppStore } from "../../../../src/app/state/store.ts";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import type { StepReport } from "../../../../src/engine/train/reports.ts";
import type { Command } from "../../../../src/hosts/worker/protocol.ts";
import type { StoredRun, WorkerEvent } from "../../../../src/runtime/run/events.ts";

const report = {
  backend: "webgpu",
  device: "",
  reason: null,
  advice: null,
  rung: "card",
  fallback: null,
} as const;
const filePair = [
  new File([new Uint8Array(4)], "train-images-idx3-ubyte"),
  new File([new Uint8Array(4)], "train-labels-idx1-ubyte"),
];

/** A page with workers that only write down what they are told. */
function page(query = "preset=tiny&backend=webgpu") {
  const commands: Command[][] = [];
  const ends: WorkerEnd[] = [];
  const start = (): WorkerEnd => {
    const told: Command[] = [];
    commands.push(told);
    const end: WorkerEnd = {
      onmessage: null,
      onerror: null,
      onmessageerror: null,
      terminate: vi.fn(),
      postMessage: (command) => told.push(command),
    };
    ends.push(end);
    return end;
  };
  const store = createAppStore(new URLSearchParams(query));
  const client = connect(start, store, "auto");
  const tellFrom = (index: number, event: WorkerEvent) => {
    const worker = ends[index] as Worker;
    worker.onmessage?.call(worker, new MessageEvent("message", { data: event }));
  };
  const tell = (event: WorkerEvent) => tellFrom(ends.length - 1, event);
  const typesOf = (index: number) => commands[index]?.map(({ type }) => type);
  const tellReady = async () => {
    await expect.poll(() => typesOf(ends.length - 1)).toContain("loadDataset");
    tell({ type: "backendReady", report });
    const loadId = store.getState().dataset.loading?.loadId ?? "";
    tell({
      type: "datasetReady",
      dataset: { id: "mnist", name: "MNIST" },
      loadId,
      numTrain: 2,
      numValidation: 0,
      pixelChecksum: 1,
      numClasses: 10,
      checksum: 1,
      unseenLabels: new Uint8Array(),
    });
  };
  /** A run that trains, and is stored. */
  const training = async (microBatchSize = 8) => {
    client.loadFiles(filePair);
    await tellReady();
    client.train();
    const runId = store.getState().run?.runId ?? "";
    const config = presetConfig("tiny");
    tell({
      type: "runStarted",
      runId,
      config,
      numParameters: 1,
      stepsPerEpoch: 10,
      totalSteps: 10,
      microBatchSize,
      numThreads: 1,
      startedFrom: null,
    });
    tell({ type: "runStatus", runId, status: "training" });
    tell({
      type: "runs",
      runs: [{ runId, isFinished: false, dataset: { checksum: 1 } } as StoredRun],
    });
    return runId;
  };
  const fault = (cause: "deviceLost" | "outOfMemory" | "error") =>
    tell({ type: "fault", cause, message: "It is gone.", details: "at some place" });
  return { store, client, commands, ends, tell, tellFrom, typesOf, tellReady, training, fault };
}

describe("a lost device", () => {
  it("ends the worker, and another loads the images and trains the run on", async () => {
    const { store, commands, ends, tellReady, training, fault, typesOf } = page();
    const runId = await training();
    fault("deviceLost");
    expect(ends[0]?.terminate).toHaveBeenCalledOnce();
    expect(store.getState().backend.status).toBe("starting");
    expect(typesOf(1)).toEqual(["init"]);
    await tellReady();
    expect(commands[1]?.at(-1)).toEqual({
      type: "continueRun",
      runId,
      learningRateFactor: 1,
      maxMicroBatch: null,
    });
    expect(store.getState().notices).toMatchObject([{ details: "at some place", remedies: [] }]);
  });

  it("hears nothing more of the worker that has ended", async () => {
    const { store, training, tellFrom, fault } = page();
    const runId = await training();
    fault("deviceLost");
    tellFrom(0, { type: "runStatus", runId, status: "training" });
    tellFrom(0, { type: "backendReady", report });
    expect(store.getState().backend.status).toBe("starting");
    expect(store.getState().run?.status).toBe("failed");
  });

  it("is given up after the third time, until the person chooses", async () => {
    const { store, client, ends, commands, tellReady, training, fault, tell } = page();
    const runId = await training();
    const steps = [1, 2].map((step) => ({ step, loss: 1 }) as StepReport);
    for (let i = 1; i <= 2; i++) {
      fault("deviceLost");
      await tellReady();
      tell({ type: "runStatus", runId, status: "training" });
      tell({ type: "steps", runId, steps });
    }
    fault("deviceLost");
    expect(ends).toHaveLength(3);
    expect(store.getState().backend.status).toBe("failed");
    client.remedy("halveMicroBatch");
    await tellReady();
    expect(commands[3]?.at(-1)).toMatchObject({ type: "continueRun", runId, maxMicroBatch: 4 });
  });
});

describe("full memory", () => {
  it("goes on with half as many images at once", async () => {
    const { commands, training, fault, tellReady } = page();
    const runId = await training(6);
    fault("outOfMemory");
    await tellReady();
    expect(commands[1]?.at(-1)).toMatchObject({ type: "continueRun", runId, maxMicroBatch: 3 });
  });

  it("before anything is stored begins the run anew", async () => {
    const { commands, training, fault, tellReady, tell } = page();
    await training(6);
    tell({ type: "runs", runs: [] });
    fault("outOfMemory");
    await tellReady();
    expect(commands[1]?.at(-1)).toMatchObject({ type: "train", maxMicroBatch: 3 });
  });

  it("is no limit for the next run", async () => {
    const { client, commands, training, fault, tellReady, tell } = page();
    const runId = await training(6);
    fault("outOfMemory");
    await tellReady();
    tell({ type: "runNotOpened", runId, message: "It was deleted." });
    client.train();
    expect(commands[1]?.at(-1)).toMatchObject({ type: "train", maxMicroBatch: null });
  });
});

describe("a worker that throws", () => {
  it("is not started again unasked, and Resume trains the run on", async () => {
    const { store, client, ends, commands, training, fault, tellReady } = page();
    const runId = await training();
    fault("error");
    expect(ends).toHaveLength(1);
    expect(store.getState().notices).toMatchObject([
      { message: "It is gone.", details: "at some place", remedies: ["continueRun", "useWasm"] },
    ]);
    client.remedy("continueRun");
    await tellReady();
    expect(commands[1]?.at(-1)).toMatchObject({ type: "continueRun", runId });
  });
});

describe("the run that the address names", () => {
  it("is opened at once, and again where the worker was lost before it answered", () => {
    const { commands, store, fault, tell } = page("run=run-1");
    const open = { type: "openRun", runId: "run-1" };
    expect(commands[0]).toContainEqual(open);
    expect(store.getState().stored.opening).toBe("run-1");
    tell({ type: "backendReady", report });
    fault("deviceLost");
    expect(commands[1]).toContainEqual(open);
  });

  it("holds up a Train until it is open: it would take the place of the new run", async () => {
    const { client, commands, tell, tellReady } = page("run=run-1");
    client.loadFiles(filePair);
    await tellReady();
    client.train();
    expect(commands[0]?.at(-1)).toMatchObject({ type: "loadDataset" });
    tell({ type: "runNotOpened", runId: "run-1", message: "It is not there." });
    expect(commands[0]?.at(-1)).toMatchObject({ type: "train" });
  });
});
