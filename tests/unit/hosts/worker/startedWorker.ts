import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { onTestFinished, vi } from "vitest";
import type { RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import { samplerOf } from "../../../../src/engine/config/sampling.ts";
import { startBackend } from "../../../../src/hosts/worker/backend.ts";
import { CommandLoop } from "../../../../src/hosts/worker/commandLoop.ts";
import type { Command, SaveRequest } from "../../../../src/hosts/worker/protocol.ts";
import type { WorkerEvent } from "../../../../src/runtime/run/events.ts";
import type { SampleRequest } from "../../../../src/runtime/run/samplingProtocol.ts";
import type { Replicas } from "../../../../src/runtime/threads/replicas.ts";
import { imagesFile, labelsFile, pair } from "../../engine/data/idxBytes.ts";
import { smallConfig } from "../../engine/train/smallRun.ts";

// The real one imports files in the way of the bundler and asks the browser for a graphics card.
vi.mock("../../../../src/hosts/worker/backend.ts", async (original) => ({
  ...(await original<object>()),
  startBackend: vi.fn(),
}));

type Type = WorkerEvent["type"];
type EventOf<T extends Type> = Extract<WorkerEvent, { type: T }>;

/** A clock that goes on by this much whenever it is read: slices of time hold a number of frames. */
export const CLOCK_STEP_MS = 300;

/** A command loop at its work, which writes down what it would post. */
export function emptyWorker(replicas: Replicas | null = null) {
  let nowMs = 0;
  vi.spyOn(performance, "now").mockImplementation(() => {
    nowMs += CLOCK_STEP_MS;
    return nowMs;
  });
  vi.mocked(startBackend).mockImplementation(async () => {
    await tf.setBackend("wasm");
    return {
      backend: "wasm",
      device: "WebAssembly SIMD",
      reason: null,
      advice: null,
      rung: "wasm",
      fallback: null,
    };
  });

  const events: WorkerEvent[] = [];
  const observers = new Set<() => void>();
  const commandLoop = new CommandLoop((event) => {
    events.push(event);
    for (const observe of observers) observe();
  }, replicas);
  commandLoop.run();
  const handle = (command: Command) => commandLoop.handle(command);

  const allOf = <T extends Type>(type: T, from = 0) =>
    events.slice(from).filter((event): event is EventOf<T> => event.type === type);

  /** The first such event after the first `from` events; waits until there is one. */
  const event = <T extends Type>(
    type: T,
    isMeant: (event: EventOf<T>) => boolean = () => true,
    from = 0,
  ): Promise<EventOf<T>> =>
    new Promise((resolve) => {
      const observe = () => {
        const found = allOf(type, from).find(isMeant);
        if (!found) return;
        observers.delete(observe);
        resolve(found);
      };
      observers.add(observe);
      observe();
    });

  const status = (runId: string, wanted: EventOf<"runStatus">["status"]) =>
    event("runStatus", (e) => e.runId === runId && e.status === wanted);

  /** Starts a run that would go on for long. */
  const train = (runId: string, changes: Partial<RunConfig> = {}) => {
    const config = smallConfig({ epochs: 1000, previewEvery: 0, ...changes });
    handle({ type: "train", runId, name: runId, preset: "tiny", config, maxMicroBatch: null });
  };

  /** Ends a run and gives the number of steps it has done. */
  const stop = async (runId: string): Promise<number> => {
    handle({ type: "stop", runId });
    await status(runId, "stopped");
    return stepsOf(runId).at(-1) ?? 0;
  };

  const stepsOf = (runId: string, from = 0): number[] =>
    allOf("steps", from)
      .filter((e) => e.runId === runId)
      .flatMap((e) => e.steps.map(({ step }) => step));

  /** `settings` are those of the page. */
  const sample = (
    sampleId: string,
    { timesteps = 3, ...request }: Partial<SampleRequest> & { timesteps?: number } = {},
    settings: Partial<RunConfig> = {},
  ) => {
    const config = smallConfig(settings);
    const complete: SampleRequest = {
      sampleId,
      count: 2,
      sampler: samplerOf(timesteps, config),
      seed: 0,
      network: { kind: "current" },
      weights: "ema",
      start: { kind: "noise" },
      condition: null,
      givesX0: false,
      ...request,
    };
    handle({ type: "sample", request: complete, config });
  };

  /** What a person asked for, unlike the snapshots that training draws. */
  const samplesStarted = () => allOf("sampleStarted").filter((e) => e.origin === "person");

  const isOf = (sampleId: string) => (e: { sampleId: string }) => e.sampleId === sampleId;

  /** The pixels of a generation at its end. */
  const digits = async (sampleId: string): Promise<Uint8Array> => {
    await event("sampleDone", isOf(sampleId));
    return allOf("sampleFrame").filter(isOf(sampleId)).at(-1)?.pixels ?? new Uint8Array();
  };

  const load = (loadId: string, files = pair("train", imagesFile(10), labelsFile(10))) => {
    handle({ type: "loadDataset", loadId, dataset: { id: "files", name: loadId }, files });
  };

  let numRequests = 0;
  const newRequestId = () => `request-${++numRequests}`;

  /** Loads a weights file, and gives what the worker answers. */
  const loadWeights = (file: File): Promise<EventOf<"weightsLoaded" | "requestFailed">> => {
    const from = events.length;
    const requestId = newRequestId();
    const isOfFile = (e: { requestId: string }) => e.requestId === requestId;
    handle({ type: "openFile", requestId, file, config: smallConfig() });
    return Promise.race([
      event("weightsLoaded", isOfFile, from),
      event("requestFailed", isOfFile, from),
    ]);
  };

  /** The same of a file that is a whole run. */
  const loadWeightsOrRun = (
    file: File,
  ): Promise<EventOf<"runImported" | "weightsLoaded" | "requestFailed">> => {
    const from = events.length;
    return Promise.race([loadWeights(file), event("runImported", () => true, from)]);
  };

  /** Saves what is sampled now, and gives the files. */
  const saveWeights = async (request: Partial<SaveRequest> = {}, config = smallConfig()) => {
    const from = events.length;
    const complete = { weights: "ema", format: "float32", ...request } as const;
    handle({ type: "saveWeights", requestId: newRequestId(), request: complete, config });
    return (await event("weightsSaved", () => true, from)).files;
  };

  onTestFinished(async () => {
    for (const { runId } of allOf("runStarted")) handle({ type: "stop", runId });
    for (const { sampleId } of allOf("sampleStarted"))
      handle({ type: "cancel", requestId: sampleId });
    handle({ type: "cancel", requestId: "last" });
    await event("requestCancelled", ({ requestId }) => requestId === "last");
    // Drawn on after the run's end; a worker at fault does nothing more.
    const hasEnded = (e: WorkerEvent) =>
      e.type === "sampleDone" || e.type === "sampleFailed" || e.type === "sampleCancelled";
    for (let i = 0; i < allOf("sampleStarted").length && allOf("fault").length === 0; i++) {
      const { sampleId } = allOf("sampleStarted")[i] as EventOf<"sampleStarted">;
      while (!events.some((e) => hasEnded(e) && "sampleId" in e && e.sampleId === sampleId)) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
    vi.restoreAllMocks();
  });

  return {
    events,
    handle,
    event,
    allOf,
    status,
    stepsOf,
    isOf,
    digits,
    samplesStarted,
    train,
    stop,
    sample,
    load,
    loadWeights,
    loadWeightsOrRun,
    saveWeights,
    startBackend: vi.mocked(startBackend),
  };
}

/** The same with backend and dataset: 9 images to train on, 1 for validation. */
export async function readyWorker(replicas: Replicas | null = null) {
  const worker = emptyWorker(replicas);
  worker.handle({ type: "init", backend: "auto" });
  worker.load("first");
  await worker.event("backendReady");
  await worker.event("datasetReady");
  return worker;
}
