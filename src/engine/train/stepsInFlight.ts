import * as tf from "@tensorflow/tfjs-core";
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
}

/** The steps that are begun but whose losses have not been read from the device yet, in order. */
export class StepsInFlight {
  readonly #reports: Promise<StepOfImages>[] = [];
  #lastReportMs = 0;

  get count(): number {
    return this.#reports.length;
  }

  add({ step, numImages, numbers, scalars, startMs }: BegunStep): void {
    const names = Object.keys(scalars) as Metrics[];
    const stacked = tf.stack(Object.values(scalars));
    const memory = { memoryBytes: memoryBytes() };
    tf.dispose(scalars);
    const report = stacked.data().then((values): StepOfImages => {
      stacked.dispose();
      const nowMs = performance.now();
      // Steps overlap, so the time of each is counted from the end of the one before.
      const stepMs = nowMs - Math.max(startMs, this.#lastReportMs);
      this.#lastReportMs = nowMs;
      const read = Object.fromEntries(names.map((name, i) => [name, values[i]]));
      const metrics = { ...numbers, ...(read as typeof scalars & Record<Metrics, number>) };
      return { step, numImages, ...metrics, stepMs, ...memory, wallTimeMs: Date.now() };
    });
    // `oldest` throws the error later; until then it must not count as unhandled.
    report.catch(() => {});
    this.#reports.push(report);
  }

  /** Waits for the newest step, and adds to its report what is measured after it. Its time stays without. */
  async amendNewest(measure: () => Promise<Partial<StepReport>>): Promise<void> {
    const report = await this.#reports.at(-1);
    if (report) Object.assign(report, await measure());
  }

  /** Waits for the step that was begun first. Throws a NonFiniteLossError. */
  async oldest(): Promise<StepOfImages> {
    const report = await (this.#reports.shift() as Promise<StepOfImages>);
    if (!Number.isFinite(report.loss)) throw new NonFiniteLossError(report);
    return report;
  }
}
