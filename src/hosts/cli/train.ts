import { availableParallelism } from "node:os";
import { NEEDED_TO_SAMPLE } from "../../engine/config/fromJson.ts";
import { DEFAULT_PRESET, PRESETS } from "../../engine/config/presets.ts";
import { QualityMeter } from "../../engine/quality/qualityMeter.ts";
import { compileAhead } from "../../runtime/run/device.ts";
import { RunRecorder } from "../../runtime/run/runRecorder.ts";
import { TrainingRun } from "../../runtime/run/trainingRun.ts";
import { nextMacrotask } from "../../runtime/threads/macrotask.ts";
import { Replicas } from "../../runtime/threads/replicas.ts";
import { threadsInWords, trainingThreads } from "../../runtime/threads/threads.ts";
import {
  backendOption,
  COMMON_OPTIONS,
  CommandError,
  countOption,
  fromCaller,
  newFile,
  type Options,
  typedOptions,
} from "./options.ts";
import { DATA_OPTION, readBundled, readClassifier } from "./parts/bundledFiles.ts";
import { startNodeBackend } from "./parts/nodeBackend.ts";
import { RunFileKeeper } from "./parts/runFileKeeper.ts";
import { newRun, resumedRun } from "./parts/runStart.ts";
import { readStartWeights } from "./parts/savedNetwork.ts";
import { StatusLine } from "./parts/statusLine.ts";
import { TrainingProgress } from "./parts/trainingProgress.ts";
import { startReplicaThread } from "./replicaThread.ts";

export const OPTIONS = {
  ...COMMON_OPTIONS,
  ...DATA_OPTION,
  preset: {
    type: "string",
    help: `settings to begin with: ${Object.keys(PRESETS).join(", ")} (default ${DEFAULT_PRESET})`,
  },
  epochs: {
    type: "string",
    help: "passes over the training images; the same as --config epochs=N",
  },
  config: {
    type: "string",
    multiple: true,
    help: "name=value of any setting, by its name in the page's address; may be given again",
  },
  resume: { type: "string", help: "a run of this command or of the page to go on with" },
  weights: { type: "string", help: "a weights file, or a run, that a new run begins with" },
  out: {
    type: "string",
    help: "the run's file, which the page can load (default run.safetensors, or that of --resume)",
  },
  minutes: { type: "string", help: "save and stop after this many minutes" },
  threads: {
    type: "string",
    help: "of WebAssembly, which train together (default as many as there are cores, at most 4)",
  },
} as const satisfies Options;

/** Each has a backend and the weights, and needs an image of the batch. */
const MOST_THREADS = 64;

/** Signals within this time are one press of Ctrl-C: npm passes on what the terminal sends to both. */
const ONE_PRESS_MS = 1000;

/** Exit status of a process ended by Ctrl-C. */
const INTERRUPTED = 130;

/**
 * `npm run train`: trains a run, as the page does, into a file.
 *
 * @returns the exit status
 * @throws CommandError, or FormatError for a file that cannot be resumed
 */
export async function run(args: string[]): Promise<number> {
  const options = typedOptions(args, OPTIONS);
  const backend = backendOption(options.backend);
  const path = outputPath(options);
  const minutes =
    options.minutes === undefined ? Number.POSITIVE_INFINITY : Number(options.minutes);
  if (!(minutes > 0)) throw new CommandError(`Expected --minutes above 0, got ${options.minutes}.`);
  if (backend !== "wasm" && options.threads !== undefined) {
    throw new CommandError("Expected --threads with --backend wasm only: a card has its own.");
  }
  checkOneStart(options);
  const usualThreads = trainingThreads(availableParallelism());
  const threads = countOption("threads", options.threads ?? `${usualThreads}`, 1, MOST_THREADS);
  const changes = [
    ...(options.config ?? []),
    ...(options.epochs ? [`epochs=${options.epochs}`] : []),
  ];

  const weights = options.weights ? await readStartWeights(options.weights) : null;
  const dataset = await readBundled(options.data);
  const { identity, start, contents, warning } = options.resume
    ? resumedRun(options.resume, changes, dataset)
    : newRun({ preset: options.preset, changes, weights, dataset });
  let fault: string | null = null;
  let isLost = false;
  const device = await startNodeBackend(backend, (message) => {
    fault = message;
  });
  const numReplicas = backend === "wasm" ? threads - 1 : 0;
  const deviceWords = backend === "wasm" ? `${device}, ${threadsInWords(threads)}` : device;
  const replicas = await new Replicas(numReplicas, startReplicaThread).start();

  const startMs = performance.now();
  const endMs = startMs + 60_000 * minutes;
  const line = new StatusLine();
  let progress: TrainingProgress | null = null;
  let meter: QualityMeter | null = null;
  const keeper = new RunFileKeeper(path, contents, (message) => line.print(message));
  const training = new TrainingRun({
    recorder: new RunRecorder({
      identity: { ...identity, device: deviceWords },
      library: keeper,
      stored: contents && { ...contents, step: contents.record.step },
    }),
    ...{ dataset, start, backend, replicas },
    drawnSteps: contents?.snapshots.map(({ step }) => step) ?? [],
    maxMicroBatch: null,
    compile: compileAhead,
    meter: async () => {
      meter ??= new QualityMeter(readClassifier(), dataset);
      return meter;
    },
    isSound: () => fault === null,
    onOutOfMemory: ({ message }) => {
      const wayOut = "With more --threads each has fewer images of a batch to hold.";
      fault = backend === "wasm" ? `${message} ${wayOut}` : message;
    },
    post: (event) => {
      isLost ||= event.type === "runFailed";
      progress?.take(event);
    },
  });
  const { session } = training;
  const { stepsPerEpoch } = session;
  progress = new TrainingProgress({
    ...{ line, config: identity.config, stepsPerEpoch, endMs },
    numTrainImages: dataset.train.count,
    numValidationImages: dataset.validation.count,
  });
  line.print(
    `${identity.name}, ${session.numParameters} parameters, on ${deviceWords}, into ${path}`,
  );

  if (warning !== null) line.print(warning);
  if (weights && !weights.hasSettings) {
    line.print(
      `${weights.fileName} does not say how it was trained: check ${NEEDED_TO_SAMPLE.map((name) => `${name} ${identity.config[name]}`).join(", ")}. --config sets them.`,
    );
  }
  const interrupt = watchInterrupt(line);
  while (training.hasWork && fault === null) {
    await training.advance();
    if (training.isActive && (interrupt.isAsked || performance.now() >= endMs)) {
      await training.pause();
    }
    await nextMacrotask();
  }
  interrupt.end();
  if (fault !== null)
    throw new CommandError(`${fault} The file has the run up to its last checkpoint.`);
  if (isLost) return 1;
  if (keeper.step !== session.numSteps) {
    const instead =
      keeper.step === null ? "which could not be written" : "which has an earlier one";
    throw new CommandError(`Expected step ${session.numSteps} in ${path}, ${instead}.`);
  }
  line.print(`step ${session.numSteps} is in ${path}`);
  if (training.hasEnded) {
    const isOld = contents?.record.step === session.numSteps;
    const wayOn = session.hasStoppedEarly
      ? "a larger patience (--config patience=…)"
      : "more --epochs than it had";
    if (isOld) line.print(`This run had ended before. With ${wayOn} it goes on.`);
    return 0;
  }
  line.print(`Go on with: npm run train -- --resume ${path}`);
  return interrupt.isAsked ? INTERRUPTED : 0;
}

/** @throws CommandError where settings come from more than one option */
function checkOneStart(options: { preset?: string; weights?: string; resume?: string }): void {
  const given = (["resume", "weights", "preset"] as const).filter((name) => options[name]);
  if (given.length < 2) return;
  const [first, second] = given.map((name) => `--${name}`);
  throw new CommandError(`Expected ${first} without ${second}: the file has its own settings.`);
}

/** @throws CommandError where another file than that of --resume would be overwritten */
function outputPath({ out, resume }: { out?: string; resume?: string }): string {
  const isSame = resume && (!out || fromCaller(out) === fromCaller(resume));
  return isSame ? fromCaller(resume) : newFile("out", out ?? "run.safetensors");
}

/** The first Ctrl-C sets `isAsked`, the second ends the process. */
function watchInterrupt(line: StatusLine): { isAsked: boolean; end: () => void } {
  let askedMs = 0;
  const ask = () => {
    if (state.isAsked) {
      if (performance.now() - askedMs > ONE_PRESS_MS) process.exit(INTERRUPTED);
      return;
    }
    state.isAsked = true;
    askedMs = performance.now();
    line.print("Saving a checkpoint. Press Ctrl-C again to quit without saving.");
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  const end = () => {
    for (const signal of signals) process.off(signal, ask);
  };
  const state = { isAsked: false, end };
  for (const signal of signals) process.on(signal, ask);
  return state;
}
