/**
 * The life of the page's worker. The page sends commands (`protocol.ts`), and the worker posts events
 * (`runtime/run/events.ts`).
 *
 * One loop does all the work. It carries out the commands that have come, then computes for a while, then looks for
 * commands again. Computing is a slice of what somebody waits for (samples, a look inside, a measurement), which gets at
 * least as long as a training step, and then one `advance` of the run. So a command waits for one such slice and one
 * `advance` at most, and nothing needs a lock, since only one thing happens at a time; images alone are read meanwhile.
 */

import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import { type NamedDataset, numClasses, readDataset } from "../../engine/data/dataset.ts";
import { knownDataset } from "../../engine/data/datasets.ts";
import { errorReport, messageOf } from "../../engine/messageOf.ts";
import { releaseFreeMemory } from "../../engine/train/memory.ts";
import { type ImportedWeights, importWeights } from "../../runtime/files/importedWeights.ts";
import { described } from "../../runtime/files/trainedImages.ts";
import {
  type BackendFault,
  faultOf,
  type Proving,
  prepareSampling,
  preparing,
  waitForDeviceError,
} from "../../runtime/run/device.ts";
import type { BackendReport, Post } from "../../runtime/run/events.ts";
import { type Network, networkOfFile, untrainedNetwork } from "../../runtime/run/network.ts";
import type { FileNetwork, RequestedNetwork } from "../../runtime/run/samplingProtocol.ts";
import { nextMacrotask } from "../../runtime/threads/macrotask.ts";
import type { Replicas } from "../../runtime/threads/replicas.ts";
import { deviceWithThreads } from "../../runtime/threads/threads.ts";
import { startBackend, startWasmBeside } from "./backend.ts";
import { EvaluationJob } from "./evaluationJob.ts";
import { Inside } from "./inside.ts";
import { LevelsJob } from "./levelsJob.ts";
import type { PlaneJob } from "./planeJob.ts";
import type { Command, CommandOf } from "./protocol.ts";
import { QualityMeters } from "./qualityMeters.ts";
import { ReaderJob } from "./readerJob.ts";
import { shownImages, unseenImages } from "./requestedStart.ts";
import { Runs, type TrainingContext } from "./runs.ts";
import { SampleJob } from "./sampleJob.ts";
import { TimingJob } from "./timingJob.ts";
import { exportRun, loadFile, loadRun, readRun, saveWeights } from "./transfer.ts";

type Job = SampleJob | PlaneJob | EvaluationJob | ReaderJob | LevelsJob | TimingJob;

/** The shortest slice of time that what somebody waits for gets between two training steps. */
const MIN_REQUEST_SLICE_MS = 500;

/**
 * Carries out the page's commands one after the other, between steps of training and of sampling. Uses no
 * `self`, so that it runs in tests as well.
 */
export class CommandLoop {
  readonly #post: Post;
  readonly #replicas: Replicas | null;
  readonly #commands: Command[] = [];
  #wake: (() => void) | null = null;
  #backend: Pick<BackendReport, "backend" | "device"> | null = null;
  #dataset: NamedDataset | null = null;
  #loading: AbortController | null = null;
  readonly #runs: Runs;
  /** Whether results can be trusted. */
  #isSound = true;
  /** Whether a fault was posted, after which the page ends this worker. */
  #isFaulty = false;
  /** What is sampled until a run takes its place, which begins with it where the settings describe the same network. */
  #imported: ImportedWeights | null = null;
  /** The newest file that was sampled without being loaded. */
  #fileRead: { key: string; imported: ImportedWeights } | null = null;
  /** The samples, and at most one drawing and one measurement of points, one evaluation, one training of a reader, one measurement of noise levels and one timing. */
  #jobs: Job[] = [];
  readonly #inside: Inside;
  readonly #meters: QualityMeters;
  /** Passes that the graphics device has proven itself with. */
  #proven: Set<string> = new Set();
  readonly #proving: Proving;

  /** @param replicas train along where the kernels run on one thread; none when left out */
  constructor(post: Post, replicas: Replicas | null = null) {
    this.#post = post;
    this.#replicas = replicas;
    this.#inside = new Inside(post);
    this.#meters = new QualityMeters(post);
    this.#proving = {
      startReference: startWasmBeside,
      proven: {
        has: (pass) => this.#proven.has(pass),
        add: (pass) => {
          this.#proven.add(pass);
          post({ type: "deviceProven", pass });
        },
      },
    };
    this.#runs = new Runs({
      post,
      onFault: (fault) => this.#onFault(fault),
      prepareDevice: preparing(this.#proving),
      isSound: () => this.#isSound,
      onReplace: () => void this.#cancel((job) => job instanceof SampleJob || isPlaneJob(job)),
      meters: this.#meters,
      replicas,
    });
  }

  handle(command: Command): void {
    this.#commands.push(command);
    this.#wake?.();
  }

  /** Never returns: the life of the worker. */
  async run(): Promise<never> {
    for (;;) {
      for (let next = this.#commands.shift(); next; next = this.#commands.shift()) {
        await this.#carryOut(next);
      }
      const hasJob = this.#jobs.some(isToCompute) || this.#inside.hasWork;
      if (this.#isSound && (hasJob || this.#runs.hasWork)) {
        await this.#advance();
        continue;
      }
      if (this.#isSound && this.#backend) releaseFreeMemory();
      await this.#nextCommand();
    }
  }

  #nextCommand(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#commands.length > 0) resolve();
    });
  }

  async #advance(): Promise<void> {
    // What takes longer waits: figures for a timing, a timing for a look inside, and all of them for samples. A timing also waits for a run, even if it is
    // paused and only its last preview is drawn: each would slow down the other.
    const next = (Kind: new (...args: never[]) => Job) =>
      this.#jobs.find((job) => job instanceof Kind && isToCompute(job));
    const plane = this.#jobs.find((job) => isPlaneJob(job) && isToCompute(job));
    const inside = this.#inside.hasWork ? this.#inside : null;
    const timing = this.#runs.hasWork ? null : next(TimingJob);
    const job =
      next(SampleJob) ??
      plane ??
      inside ??
      timing ??
      next(LevelsJob) ??
      next(EvaluationJob) ??
      next(ReaderJob);
    if (job) {
      // As long as a step: at least half of the time is for what a person waits for.
      const sliceMs = Math.max(MIN_REQUEST_SLICE_MS, this.#runs.current?.lastStepMs ?? 0);
      await job.advance(sliceMs);
      this.#dropDone();
      await nextMacrotask();
    }
    if (this.#runs.hasWork) {
      await this.#runs.advance();
      await nextMacrotask();
    }
  }

  async #carryOut(command: Command): Promise<void> {
    switch (command.type) {
      case "init":
        return this.#start(command);
      case "loadDataset":
        // Not awaited: the streams are read while training goes on.
        this.#loadDataset(command);
        return;
      case "train":
        return this.#sampleRun(this.#runs.train(command, this.#trainingContext, this.#imported));
      case "continueRun":
        return this.#sampleRun(this.#runs.continueRun(command, this.#trainingContext));
      case "openRun":
        return this.#sampleRun(this.#runs.open(command.runId));
      case "readRun":
        return readRun(this.#transfer, command);
      case "renameRun":
        return this.#runs.rename(command);
      case "deleteRun":
        return this.#runs.delete(command);
      case "exportRun":
        return exportRun(this.#transfer, command, this.#runs.current);
      case "saveCheckpoint":
        return this.#runs.current?.save();
      case "pause":
      case "resume":
      case "stop":
        return this.#runs.control(command);
      case "sample":
        return this.#startSample(command);
      case "cancel": {
        const { requestId } = command;
        // Answered all the same: the page may not know yet that it has ended.
        if (!(await this.#cancel((job) => job.id === requestId))) {
          this.#post({ type: "requestCancelled", requestId });
        }
        return;
      }
      case "evaluate":
        return this.#startEvaluation(command);
      case "trainReader":
        return this.#startReader(command);
      case "timeBatch":
        return this.#startTiming(command);
      case "measureLevels":
        return this.#startLevels(command);
      case "showImages": {
        const { requestId, indices } = command;
        const images = shownImages(this.#dataset, indices);
        return this.#post({ type: "images", requestId, ...images }, [images.pixels.buffer]);
      }
      case "look":
        return this.#startLook(command);
      case "drawPlane":
      case "measurePlane":
        return this.#startPlane(command);
      case "saveWeights":
        return saveWeights(this.#network(command.config), command, this.#post);
      case "openFile":
        return this.#sampleImported(loadFile(this.#transfer, command, this.#runs.isActive));
      case "loadRunWeights":
        return this.#sampleImported(loadRun(this.#transfer, command, this.#runs.isActive));
      case "forgetWeights":
        this.#inside.forget();
        this.#imported = null;
        this.#post({ type: "weightsForgotten" });
        return;
      default:
        throw command satisfies never;
    }
  }

  async #start({ backend, fallback, proof, submitShare }: CommandOf<"init">): Promise<void> {
    try {
      const onFault = (fault: BackendFault) => this.#onFault(fault);
      const report = await startBackend(backend, onFault, fallback, submitShare);
      const { backend: name, device } = report;
      const numThreads = this.#replicas?.numThreads ?? 1;
      const words = name === "wasm" ? deviceWithThreads(device, numThreads) : device;
      this.#backend = report;
      const isOfDevice = proof?.adapter === device && proof.rung === report.rung;
      this.#proven = new Set(isOfDevice ? proof.passes : []);
      this.#post({ type: "backendReady", report: { ...report, device: words } });
    } catch (error) {
      this.#post({ type: "backendFailed", message: messageOf(error) });
    }
    // Runs can be exported also without a backend.
    await this.#runs.announce();
  }

  async #loadDataset({ loadId, dataset, files }: CommandOf<"loadDataset">) {
    // An earlier dataset that is still loading must not replace this one.
    this.#loading?.abort();
    const loading = new AbortController();
    this.#loading = loading;
    try {
      const read = await readDataset({
        files,
        onProgress: (progress) => this.#post({ type: "datasetProgress", loadId, ...progress }),
        signal: loading.signal,
      });
      if (loading.signal.aborted) return;
      const classes = numClasses(read);
      const named = { ...read, ...dataset };
      const { numTrain, numValidation, checksum } = described(named, { classes });
      const { checksum: pixelChecksum } = described(named, { classes: 0 });
      const identity = knownDataset(checksum) ?? dataset;
      this.#dataset = { ...read, ...identity };
      const sizes = { numTrain, numValidation, numClasses: classes, checksum, pixelChecksum };
      const unseenLabels = unseenImages(read).labels.slice();
      this.#post({ type: "datasetReady", loadId, dataset: identity, ...sizes, unseenLabels });
      await this.#meters.find(this.#dataset);
    } catch (error) {
      if (loading.signal.aborted) return;
      this.#post({ type: "datasetFailed", loadId, message: messageOf(error) });
    }
  }

  get #transfer() {
    return { library: this.#runs.library, post: this.#post };
  }

  get #trainingContext(): TrainingContext | null {
    return this.#backend && { images: this.#dataset, ...this.#backend };
  }

  /** @throws Error where samples cannot be compared with images yet */
  #measuringContext(): { dataset: NamedDataset } & Omit<TrainingContext, "images"> {
    const [dataset, backend] = [this.#dataset, this.#backend];
    if (dataset && backend) return { dataset, ...backend };
    throw new Error("Measuring needs images and a backend; wait until both are ready.");
  }

  /** Samples the run from now on, where it could be started or opened. */
  async #sampleRun(isCurrent: Promise<boolean>): Promise<void> {
    this.#inside.forget();
    if (await isCurrent) this.#imported = null;
  }

  #onFault({ cause, message, details = message }: BackendFault): void {
    // One follows from the other.
    if (this.#isFaulty) return;
    this.#isFaulty = true;
    this.#isSound = false;
    this.#post({ type: "fault", cause, message, details });
  }

  /** Where a device has just turned out to compute wrong numbers, whatever else it computed may be wrong, too. */
  #noteFault(error: unknown): void {
    const fault = faultOf(error);
    if (fault?.cause === "wrong") this.#onFault(fault);
  }

  /** For an error that was not caught: results may be wrong from now on. */
  async fail(error: unknown): Promise<void> {
    this.#isSound = false;
    await waitForDeviceError();
    const { message, details } = errorReport(error);
    this.#onFault({ cause: "error", message: `The worker stopped: ${message}`, details });
  }

  /** Samples them from now on, where they could be read. */
  async #sampleImported(reading: Promise<ImportedWeights | null>): Promise<void> {
    const imported = await reading;
    if (!imported) return;
    this.#inside.forget();
    this.#imported = imported;
  }

  /** What is sampled and saved now. */
  #network(settings: RunConfig): Network {
    if (this.#imported) return networkOfFile(this.#imported, settings);
    return this.#runs.network(settings) ?? untrainedNetwork(settings);
  }

  /**
   * With the weights as they are now.
   *
   * @throws WrongNumbersError where the graphics device computes wrong numbers with such a network
   */
  async #requested(asked: RequestedNetwork, config: RunConfig): Promise<Network> {
    const network = await this.#found(asked, config);
    await prepareSampling(network.config, this.#proving);
    return network;
  }

  async #found(network: RequestedNetwork, config: RunConfig): Promise<Network> {
    if (network.kind === "current") return this.#network(config);
    if (network.kind === "file") return networkOfFile(await this.#read(network, config), config);
    return this.#runs.storedNetwork(network, config);
  }

  /** What is drawn live asks for the same file again and again, each time as another copy of it. */
  async #read({ file }: FileNetwork, config: RunConfig): Promise<ImportedWeights> {
    const { name, size, lastModified } = file;
    const key = [name, size, lastModified].join();
    if (this.#fileRead?.key !== key) {
      this.#fileRead = { key, imported: await importWeights(file, config) };
    }
    return this.#fileRead.imported;
  }

  async #startEvaluation({ request, config }: CommandOf<"evaluate">) {
    await this.#cancel((job) => job instanceof EvaluationJob);
    try {
      const context = this.#measuringContext();
      const started = new EvaluationJob({
        request,
        ...context,
        post: this.#post,
        meter: () => this.#meters.of(context.dataset),
        network: await this.#requested(request.network, config),
        maxChunk: this.#runs.current?.options.maxMicroBatch ?? null,
      });
      this.#jobs.push(started);
    } catch (error) {
      this.#noteFault(error);
      const { requestId } = request;
      this.#post({ type: "requestFailed", requestId, message: messageOf(error) });
    }
  }

  async #startReader({ requestId }: CommandOf<"trainReader">): Promise<void> {
    await this.#cancel((job) => job instanceof ReaderJob);
    try {
      const { dataset } = this.#measuringContext();
      const [meters, post] = [this.#meters, this.#post];
      this.#jobs.push(new ReaderJob({ requestId, dataset, meters, post }));
    } catch (error) {
      this.#post({ type: "requestFailed", requestId, message: messageOf(error) });
    }
  }

  async #startLevels({ requestId, config }: CommandOf<"measureLevels">): Promise<void> {
    await this.#cancel((job) => job instanceof LevelsJob);
    try {
      const context = this.#measuringContext();
      const started = new LevelsJob({
        id: requestId,
        ...context,
        post: this.#post,
        network: await this.#requested({ kind: "current" }, config),
        maxChunk: this.#runs.current?.options.maxMicroBatch ?? null,
      });
      this.#jobs.push(started);
    } catch (error) {
      this.#noteFault(error);
      this.#post({ type: "requestFailed", requestId, message: messageOf(error) });
    }
  }

  async #startTiming(request: CommandOf<"timeBatch">): Promise<void> {
    await this.#cancel((job) => job instanceof TimingJob);
    if (!this.#backend) {
      const message = "Timing needs a backend; wait until it is ready.";
      this.#post({ type: "requestFailed", requestId: request.requestId, message });
      return;
    }
    const { backend } = this.#backend;
    const replicas = this.#replicas?.others() ?? null;
    this.#jobs.push(new TimingJob({ request, backend, replicas, post: this.#post }));
  }

  async #startSample({ request, config }: CommandOf<"sample">): Promise<void> {
    try {
      if (!this.#backend) throw new Error("Sampling needs a backend; wait until it is ready.");
      const started = new SampleJob({
        request,
        network: await this.#requested(request.network, config),
        dataset: this.#dataset,
        backend: this.#backend.backend,
        maxChunk: this.#runs.current?.options.maxMicroBatch ?? null,
        post: this.#post,
      });
      this.#jobs.push(started);
    } catch (error) {
      this.#noteFault(error);
      // Where memory is short, for example.
      const { sampleId } = request;
      this.#post({ type: "sampleFailed", sampleId, message: messageOf(error) });
    }
  }

  async #startPlane(command: CommandOf<"drawPlane" | "measurePlane">): Promise<void> {
    const { type, config } = command;
    const { requestId } = type === "drawPlane" ? command.request : command;
    await this.#cancel((job) => isPlaneJob(job) && job.command.type === type);
    try {
      // Most visitors never look at points.
      const { PlaneJob } = await import("./planeJob.ts");
      if (!this.#backend) throw new Error("Drawing needs a backend; wait until it is ready.");
      const network = await this.#requested({ kind: "current" }, config);
      this.#jobs.push(new PlaneJob({ command, id: requestId, network, post: this.#post }));
    } catch (error) {
      this.#noteFault(error);
      this.#post({ type: "requestFailed", requestId, message: messageOf(error) });
    }
  }

  async #startLook({ request, config }: CommandOf<"look">): Promise<void> {
    try {
      if (!this.#backend)
        throw new Error("Looking inside needs a backend; wait until it is ready.");
      const [network, isLasting] = [this.#network(config), !this.#runs.isActive];
      await prepareSampling(network.config, this.#proving);
      this.#inside.begin({ request, network, dataset: this.#dataset, isLasting });
    } catch (error) {
      this.#noteFault(error);
      this.#post({
        type: "requestFailed",
        requestId: request.requestId,
        message: messageOf(error),
      });
    }
  }

  #dropDone(): void {
    this.#jobs = this.#jobs.filter(({ isDone }) => !isDone);
  }

  /** @returns whether there were any */
  async #cancel(isMeant: (job: Job) => boolean): Promise<boolean> {
    this.#dropDone();
    const cancelled = this.#jobs.filter(isMeant);
    this.#jobs = this.#jobs.filter((job) => !cancelled.includes(job));
    await Promise.all(cancelled.map((job) => job.cancel()));
    return cancelled.length > 0;
  }
}

function isPlaneJob(job: Job): job is PlaneJob {
  return "command" in job;
}

/** A sample that the device has whole only needs to be read, which goes on by itself. */
function isToCompute(job: Job): boolean {
  return !job.isDone && !(job instanceof SampleJob && job.isFullyQueued);
}
