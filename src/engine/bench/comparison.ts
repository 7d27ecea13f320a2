import { messageOf } from "../messageOf.ts";
import type { DeviceWatch } from "./deviceWatch.ts";
import type { BenchmarkProgress, Effort, SideName } from "./figures.ts";
import { measureInTurns } from "./rounds.ts";

export interface Compared<T> {
  /** For the person who waits, e.g. `training step`. */
  what: string;
  /** Its part of the budget, 0 to 1; all together 1. */
  share: number;
  sides: readonly SideName[];
  /** Does it once, so that all is compiled, and gives the way to measure it again. */
  prepare(side: SideName): Promise<() => Promise<T>>;
}

/** Compares the sides in one thing after the other, within a budget, and tells how far it is. */
export class Comparison {
  readonly #device: Pick<DeviceWatch, "takeError">;
  readonly #effort: Effort;
  /** Of all the work; grows with every thing. */
  #doneFraction = 0;
  #stockFailure: string | null = null;

  constructor(device: Pick<DeviceWatch, "takeError">, effort: Effort) {
    this.#device = device;
    this.#effort = effort;
  }

  /** Why stock TensorFlow.js could not do something; null when it could do all. */
  get stockFailure(): string | null {
    return this.#stockFailure;
  }

  /** The measurements of each side; none of stock where that cannot do it. */
  async *compare<T>({
    what,
    share,
    sides,
    prepare,
  }: Compared<T>): AsyncGenerator<BenchmarkProgress, Record<SideName, T[]>> {
    const measures: Partial<Record<SideName, () => Promise<T>>> = {};
    for (const side of sides) {
      yield { doing: `${what}, first ${side}`, fraction: this.#doneFraction };
      const measure = await this.#unlessStockFails(side, () => prepare(side));
      if (measure) measures[side] = measure;
    }
    const { minRounds, maxRounds, budgetMs } = this.#effort;
    const limits = { minRounds, maxRounds, budgetMs: share * budgetMs };
    const rounds = measureInTurns(measures, limits);
    for (;;) {
      const { done, value } = await rounds.next();
      if (done) {
        this.#doneFraction += share;
        return value;
      }
      yield { doing: what, fraction: this.#doneFraction + share * value };
    }
  }

  /** What stock cannot do is left out, and said; a failure of ours ends everything. */
  async #unlessStockFails<T>(side: SideName, prepare: () => Promise<T>): Promise<T | null> {
    try {
      const prepared = await prepare();
      const deviceError = this.#device.takeError();
      if (deviceError) throw new Error(deviceError);
      return prepared;
    } catch (error) {
      if (side === "fused") throw error;
      this.#stockFailure ??= messageOf(error);
      return null;
    }
  }
}
