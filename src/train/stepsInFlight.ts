import type * as tf from "@tensorflow/tfjs-core";
import { memoryBytes } from "./memory.ts";
import { NonFiniteLossError, type StepReport } from "./reports.ts";

export type StepOfImages = StepReport & { numImages: number };

export interface BegunStep extends Pick<StepOfImages, "step" | "learningRate" | "numImages"> {
  /** Mean loss of the batch and norm of its gradient, `[2]`; disposed when they are here. */
  figures: tf.Tensor;
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

  add({ figures, startMs, ...step }: BegunStep): void {
    const memory = { memoryBytes: memoryBytes() };
    const report = figures.data().then(([loss, norm]) => {
      figures.dispose();
      const nowMs = performance.now();
      // Steps overlap: the time of each begins when the one before it was done.
      const stepMs = nowMs - Math.max(startMs, this.#lastReportMs);
      this.#lastReportMs = nowMs;
      const told = { ...step, loss: loss as number, gradNorm: norm as number, stepMs };
      return { ...told, ...memory, wallTimeMs: Date.now() };
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
