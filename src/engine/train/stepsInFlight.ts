import * as tf from "@tensorflow/tfjs-core";
import { memoryBytes } from "./memory.ts";
import type { Told } from "./metrics.ts";
import { NonFiniteLossError, type StepReport } from "./reports.ts";

export type StepOfImages = StepReport & { numImages: number };

type Metrics = keyof Told<"step">;

export interface BegunStep extends Pick<StepOfImages, "step" | "numImages"> {
  /** What is known of it already. */
  numbers: Told<"step"> & Pick<StepReport, "learningRate">;
  /** Scalars that the device has not computed yet: they are read together. Disposed. */
  scalars: Record<"loss" | "gradNorm", tf.Tensor> & Partial<Record<Metrics, tf.Tensor>>;
  /** When it was begun, as of `performance.now`. */
  startMs: number;
}

/** Steps that are begun and whose losses have not come back from the device, in their order. */
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
      // Steps overlap: the time of each begins when the one before it was done.
      const stepMs = nowMs - Math.max(startMs, this.#lastReportMs);
      this.#lastReportMs = nowMs;
      const read = Object.fromEntries(names.map((name, i) => [name, values[i]]));
      const told = { ...numbers, ...(read as typeof scalars & Record<Metrics, number>) };
      return { step, numImages, ...told, stepMs, ...memory, wallTimeMs: Date.now() };
    });
    // Whoever takes the report meets the error; until then nobody looks.
    report.catch(() => {});
    this.#reports.push(report);
  }

  /**
   * Waits for the one that was begun first.
   *
   * @throws NonFiniteLossError
   */
  async oldest(): Promise<StepOfImages> {
    const report = await (this.#reports.shift() as Promise<StepOfImages>);
    if (!Number.isFinite(report.loss)) throw new NonFiniteLossError(report);
    return report;
  }
}
