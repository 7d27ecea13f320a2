import { availableParallelism } from "node:os";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import type { Budget } from "../../../engine/config/sweep.ts";
import type { NamedDataset } from "../../../engine/data/dataset.ts";
import { datasetEntry } from "../../../engine/data/datasets.ts";
import { messageOf } from "../../../engine/messageOf.ts";
import { setTuning, tuningOf, tuningOn } from "../../../engine/ops/webgpu/tuning.ts";
import { QualityMeter } from "../../../engine/quality/qualityMeter.ts";
import { counted } from "../../../runtime/format.ts";
import { faultOf, type PrepareDevice, preparing } from "../../../runtime/run/device.ts";
import type { RunStatus } from "../../../runtime/run/events.ts";
import { RunRecorder } from "../../../runtime/run/runRecorder.ts";
import { TrainingRun } from "../../../runtime/run/trainingRun.ts";
import { readHistory } from "../../../runtime/storage/readRun.ts";
import type { History } from "../../../runtime/storage/records.ts";
import { nextMacrotask } from "../../../runtime/threads/macrotask.ts";
import { Replicas } from "../../../runtime/threads/replicas.ts";
import {
  deviceWithThreads,
  mostThreads,
  threadsOfDevice,
} from "../../../runtime/threads/threads.ts";
import {
  type BackendName,
  backendOption,
  COMMON_OPTIONS,
  CommandError,
  countOption,
  type Options,
} from "../options.ts";
import { startReplicaThread } from "../replica.ts";
import type { Interrupt } from "./interrupt.ts";
import { startNodeBackend, startNodeWasm, WITHOUT_GPU } from "./nodeBackend.ts";
import { readClassifier } from "./reader.ts";
import { fileLibrary, RunFileKeeper } from "./runFileKeeper.ts";
import type { RunStart } from "./runStart.ts";
import type { StatusLine } from "./statusLine.ts";
import { DATA_OPTION } from "./trainingImages.ts";
import { TrainingProgress } from "./trainingProgress.ts";

export const TRAINING_OPTIONS = {
  ...COMMON_OPTIONS,
  ...DATA_OPTION,
  threads: {
    type: "string",
    help: "of WebAssembly, which train together (default as many as there are cores, at most 4; with --resume as many as before, so that the run is the same to the last bit)",
  },
} as const satisfies Options;

interface Job extends RunStart {
  /** Path of the run's file. */
  path: string;
  /** Samples are measured by them. */
  images: NamedDataset;
  /** When it is to pause whatever is left, on the clock of `performance`. */
  endMs?: number;
  budget?: Budget;
}

export interface Trained {
  step: number;
  status: RunStatus;
  hasStoppedEarly: boolean;
  /** Why it failed; null where it did not. */
  failure: string | null;
  /** The history that is in the file. */
  history: History;
}

interface TrainingDevice {
  backend: BackendName;
  /** Null where none were asked for: a run that goes on then has as many as before. */
  numThreads: number | null;
}

/** @throws CommandError */
export function deviceOption(typed: {
  backend: string;
  threads?: string | undefined;
}): TrainingDevice {
  const backend = backendOption(typed.backend);
  const { threads } = typed;
  if (backend !== "wasm") {
    if (threads === undefined) return { backend, numThreads: 1 };
    throw new CommandError("Expected --threads with --backend wasm only: a card has its own.");
  }
  if (threads === undefined) return { backend, numThreads: null };
  return {
    backend,
    numThreads: countOption("threads", threads, 1, mostThreads(availableParallelism())),
  };
}

/** A graphics device that fails as it is made ready goes down a rung, which is said. */
function onLadder(prepare: PrepareDevice, say: (message: string) => void): PrepareDevice {
  return async (work, onProgress) => {
    try {
      await prepare(work, onProgress);
    } catch (error) {
      const cause = faultOf(error)?.cause;
      if (cause !== "refused" && cause !== "wrong") throw error;
      const { device } = tf.backend() as WebGPUBackend;
      const safe = tuningOn("safe", device.adapterInfo);
      if (tuningOf(device).tiles === safe.tiles) throw error;
      say(`${messageOf(error)} The graphics card now runs simpler programs, which are slower.`);
      setTuning(device, safe);
      await prepare(work, onProgress);
    }
  };
}

/**
 * @returns what trains runs into files, one after the other
 * @throws CommandError where the backend does not start
 */
export async function startTrainer({ backend, numThreads }: TrainingDevice, line: StatusLine) {
  let fault: string | null = null;
  const device = await startNodeBackend(backend, (message) => {
    fault = message;
  });
  const threads = new Replicas(availableParallelism(), startReplicaThread);
  let meter: QualityMeter | null = null;
  const prepareDevice = preparing({ startReference: startNodeWasm, proven: new Set<string>() });

  /** @throws CommandError where the device failed, or the file could not be written */
  return async (job: Job, interrupt: Interrupt): Promise<Trained> => {
    const { identity, start, contents, path, dataset, images, budget } = job;
    const { endMs = Number.POSITIVE_INFINITY } = job;
    const before = threadsOfDevice(contents?.record.device);
    const isWasm = backend === "wasm";
    const replicas = await threads.start(isWasm ? (numThreads ?? before) : 1);
    const usedDevice = isWasm ? deviceWithThreads(device, 1 + replicas.length) : device;
    if (isWasm && before !== undefined && before !== 1 + replicas.length) {
      line.print(`It had ${counted(before, "thread")}: with another number the last bits differ.`);
    }
    let progress: TrainingProgress | null = null;
    let status: RunStatus = "preparing";
    let failure: string | null = null;
    const file = new RunFileKeeper(path, contents);
    const library = fileLibrary(file, (message) => line.print(message));
    const training = new TrainingRun({
      recorder: new RunRecorder({
        identity: { ...identity, device: usedDevice },
        library,
        stored: contents && { ...contents, step: contents.record.step },
      }),
      dataset,
      start,
      backend,
      replicas,
      budget,
      drawnSteps: contents?.snapshots.map(({ step }) => step) ?? [],
      maxMicroBatch: null,
      prepareDevice: onLadder(prepareDevice, (message) => line.print(message)),
      meter: async () => {
        const { classifier } = datasetEntry(images);
        if (!classifier) {
          throw new Error(
            "After epochs only MNIST and Fashion-MNIST are measured here: npm run evaluate measures the run once it has ended.",
          );
        }
        meter ??= new QualityMeter(readClassifier(classifier), images);
        return meter;
      },
      isSound: () => fault === null,
      onFault: ({ message }) => {
        const wayOut = "With more --threads each has fewer images of a batch to hold.";
        fault = `${message} ${backend === "wasm" ? wayOut : WITHOUT_GPU}`;
      },
      post: (event) => {
        if (event.type === "runStatus") status = event.status;
        if (event.type === "runFailed") failure = event.message;
        progress?.take(event);
      },
    });
    const { session } = training;
    progress = new TrainingProgress({
      line,
      config: identity.config,
      stepsPerEpoch: session.stepsPerEpoch,
      endMs,
      budget,
      numTrainImages: dataset.train.count,
      numValidationImages: dataset.validation.count,
    });
    line.print(
      `${identity.name}, ${session.numParameters} parameters, on ${usedDevice}, into ${path}`,
    );
    while (training.hasWork && fault === null) {
      await training.advance();
      const isOver = interrupt.isAsked || performance.now() >= endMs;
      if (training.isWorking && isOver) await training.pause();
      await nextMacrotask();
    }
    if (fault !== null) {
      throw new CommandError(`${fault} The file has the run up to its last checkpoint.`);
    }
    const { numSteps: step, hasStoppedEarly } = session;
    const kept = await file.find(identity.runId);
    if (failure === null && kept?.record.step !== step) {
      const instead = kept ? "which has an earlier one" : "which could not be written";
      throw new CommandError(`Expected step ${step} in ${path}, ${instead}.`);
    }
    training.dispose();
    const history = kept ? await readHistory(kept, library.runs.part) : { steps: [], epochs: [] };
    return { step, status, hasStoppedEarly, failure, history };
  };
}
