import * as tf from "@tensorflow/tfjs-core";
import { fitSubmits, recordedWork, submitStep } from "../ops/webgpu/submits.ts";
import { memoryBytes } from "./memory.ts";
import type { MetricValues } from "./metrics.ts";
import { NonFiniteLossError, type StepReport } from "./reports.ts";

export type StepOfImages = StepReport & { numImages: number };

type Metrics = keyof MetricValues<"step">;

export interface BegunStep extends Pick<StepOfImages, "step" | "numImages"> {
  /** Metrics that are known already. */
  numbers: MetricValues<"step"> & Pick<StepReport, "learningRate">;
  /** Metrics that the device has yet to compute; `add` takes them over, and reads and disposes them. */
  scalars: Record<"loss" | "gradNorm", tf.Tensor> & Partial<Record<Metrics, tf.Tensor>>;
  /** `performance.now` when the step began. */
  startMs: number;
  /** `recordedWork` when it began. */
  startWork: number;
}

interface UnreadStep
  extends Omit<BegunStep, "scalars" | "startWork">,
    Pick<StepReport, "memoryBytes"> {
  work: number;
  names: Metrics[];
  values: tf.Tensor1D;
}

/** From one reading of losses to the next, about. A browser may notice only every 100 ms that one is done. */
const READ_INTERVAL_MS = 100;

/** Steps in flight hold at most this much work, but on a graphics card there is always room for two. */
const MAX_IN_FLIGHT_MS = 250;

/** Steps whose losses were read together. */
interface Group {
  numSteps: number;
  work: number;
  elapsedMs: number;
}

/**
 * The steps that are begun but whose losses have not been read from the device yet, in order. Losses of
 * short steps are read several together, while as many more steps are begun: the device has work meanwhile, and
 * no more than about two intervals of it, so that a pause need not wait long.
 */
export class StepsInFlight {
  readonly #stepsAhead: number;
  #unread: UnreadStep[] = [];
  /** Reports of the steps whose losses are being read, or have been read. */
  readonly #reports: Promise<StepOfImages>[] = [];
  /** Steps whose losses are read together. */
  #groupSize = 1;
  #lastReadMs = 0;
  #lastGroup: Group = { numSteps: 0, work: 0, elapsedMs: 0 };

  /** @param stepsAhead how many steps may be begun, at most, before the loss of an earlier one is known */
  constructor(stepsAhead: number) {
    this.#stepsAhead = stepsAhead;
  }

  get count(): number {
    return this.#reports.length + this.#unread.length;
  }

  /** Whether the oldest step is to be waited for before another is begun. */
  get isFull(): boolean {
    return this.count > Math.min(this.#stepsAhead, 2 * this.#groupSize - 1);
  }

  add({ scalars, startWork, ...step }: BegunStep): void {
    const names = Object.keys(scalars) as Metrics[];
    const values = tf.stack(Object.values(scalars)) as tf.Tensor1D;
    const work = recordedWork() - startWork;
    this.#unread.push({ ...step, work, names, values, memoryBytes: memoryBytes() });
    tf.dispose(scalars);
    if (this.#unread.length >= this.#groupSize) this.#read();
    submitStep();
  }

  /** Waits for the newest step, and adds to its report what is measured after it. Its time stays without. */
  async amendNewest(measure: () => Promise<Partial<StepReport>>): Promise<void> {
    this.#read();
    const report = await this.#reports.at(-1);
    if (report) Object.assign(report, await measure());
  }

  /** Waits for the step that was begun first. Throws a NonFiniteLossError. */
  async oldest(): Promise<StepOfImages> {
    if (this.#reports.length === 0) this.#read();
    const report = await (this.#reports.shift() as Promise<StepOfImages>);
    if (!Number.isFinite(report.loss)) throw new NonFiniteLossError(report);
    return report;
  }

  /** Frees what is left of steps that nobody waits for. */
  dispose(): void {
    tf.dispose(this.#unread.map(({ values }) => values));
    this.#unread = [];
  }

  #read(): void {
    const steps = this.#unread;
    this.#unread = [];
    const group = this.#reportsOf(steps);
    for (const index of steps.keys()) {
      const report = group.then((reports) => reports[index] as StepOfImages);
      // `oldest` throws the error later; until then it must not count as unhandled.
      report.catch(() => {});
      this.#reports.push(report);
    }
  }

  async #reportsOf(steps: readonly UnreadStep[]): Promise<StepOfImages[]> {
    const [first] = steps;
    if (!first) return [];
    const read = await Promise.all(steps.map(({ values }) => values.data<"float32">()));
    const [nowMs, nowWallMs] = [performance.now(), Date.now()];
    // Steps overlap, so the time of a group is counted from the end of the one before.
    const elapsedMs = nowMs - Math.max(first.startMs, this.#lastReadMs);
    this.#lastReadMs = nowMs;
    const stepMs = elapsedMs / steps.length;
    const work = steps.reduce((sum, step) => sum + step.work, 0);
    this.#fit({ numSteps: steps.length, work, elapsedMs });
    return steps.map(({ names, values, numbers, startMs: _, work: __, ...step }, index) => {
      values.dispose();
      const metrics = Object.fromEntries(names.map((name, i) => [name, read[index]?.[i]]));
      // They ended one after the other.
      const wallTimeMs = Math.round(nowWallMs - stepMs * (steps.length - 1 - index));
      return {
        ...step,
        ...numbers,
        stepMs,
        wallTimeMs,
        ...(metrics as Record<"loss" | "gradNorm", number>),
      };
    });
  }

  /** By the two last groups, since where the browser is slow to notice it notices both at once. */
  #fit(group: Group): void {
    const last = this.#lastGroup;
    const elapsedMs = last.elapsedMs + group.elapsedMs;
    const stepMs = elapsedMs / (last.numSteps + group.numSteps);
    const mostInFlight = Math.min(this.#stepsAhead + 1, MAX_IN_FLIGHT_MS / stepMs);
    const most = Math.max(1, Math.floor(mostInFlight / 2));
    this.#groupSize = Math.min(most, Math.max(1, Math.round(READ_INTERVAL_MS / stepMs)));
    fitSubmits({ work: last.work + group.work, elapsedMs });
    this.#lastGroup = group;
  }
}
