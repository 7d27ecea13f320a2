import { messageOf } from "../../../src/engine/messageOf.ts";
import type { DeviceWatch } from "./deviceWatch.ts";
import { type BenchmarkProgress, type Effort, SIDES, type SideName } from "./figures.ts";

interface Compared<T> {
  /** Shown while it is measured, e.g. `training step`. */
  what: string;
  /** Its share of the time budget; all shares add up to 1. */
  share: number;
  sides?: readonly SideName[];
  /** Runs it once, so that all is compiled, and returns the function that measures it. */
  prepare(side: SideName): Promise<() => Promise<T>>;
}

/**
 * Measures the sides in one thing after the other, within a time budget. They take turns, so that other
 * load on the machine affects them alike. Before every measurement it yields the progress.
 */
export class Comparison {
  /** Why stock TensorFlow.js failed at something; null if it could do everything. */
  stockFailure: string | null = null;
  readonly #device: Pick<DeviceWatch, "takeError">;
  readonly #effort: Effort;
  readonly #sides: readonly SideName[];
  /** Fraction of all measurements that is done. */
  #doneFraction = 0;

  /** @param sides measured where `compare` is not told which */
  constructor(
    device: Pick<DeviceWatch, "takeError">,
    effort: Effort,
    sides: readonly SideName[] = SIDES,
  ) {
    this.#device = device;
    this.#effort = effort;
    this.#sides = sides;
  }

  /** The measurements of each side; empty for one that is left out, and for stock if it fails. */
  async *compare<T>({
    what,
    share,
    sides = this.#sides,
    prepare,
  }: Compared<T>): AsyncGenerator<BenchmarkProgress, Record<SideName, T[]>> {
    const measures: [SideName, () => Promise<T>][] = [];
    for (const side of sides) {
      yield { doing: `${what}, first ${side}`, fraction: this.#doneFraction };
      const measure = await this.#unlessStockFails(side, () => prepare(side));
      if (measure) measures.push([side, measure]);
    }
    const results: Record<SideName, T[]> = { fused: [], stock: [] };
    const { minRounds, maxRounds } = this.#effort;
    const budgetMs = share * this.#effort.budgetMs;
    const startMs = performance.now();
    for (let round = 0; round < maxRounds; round++) {
      if (round >= minRounds && performance.now() - startMs >= budgetMs) break;
      for (const [side, measure] of measures) {
        const ofBudget = (performance.now() - startMs) / budgetMs;
        const fraction = Math.min(1, Math.max(round / maxRounds, ofBudget));
        yield { doing: what, fraction: this.#doneFraction + share * fraction };
        results[side].push(await measure());
      }
    }
    this.#doneFraction += share;
    return results;
  }

  /** Notes a failure of stock, and leaves that measurement out; a failure of ours is thrown. */
  async #unlessStockFails<T>(side: SideName, prepare: () => Promise<T>): Promise<T | null> {
    try {
      const prepared = await prepare();
      const deviceError = this.#device.takeError();
      if (deviceError) throw new Error(deviceError);
      return prepared;
    } catch (error) {
      if (side === "fused") throw error;
      this.stockFailure ??= messageOf(error);
      return null;
    }
  }
}
