import { type Effort, type Figure, SIDES, type SideName } from "./figures.ts";

/**
 * Measures all sides in turns, so that other load on the machine affects them alike. Before every
 * measurement it yields the fraction done, 0 to 1.
 *
 * @param measures by side; one that is left out is not measured
 */
export async function* measureInTurns<T>(
  measures: Partial<Record<SideName, () => Promise<T>>>,
  { minRounds, maxRounds, budgetMs }: Effort,
): AsyncGenerator<number, Record<SideName, T[]>> {
  const results: Record<SideName, T[]> = { fused: [], stock: [] };
  const startMs = performance.now();
  for (let round = 0; round < maxRounds; round++) {
    if (round >= minRounds && performance.now() - startMs >= budgetMs) break;
    for (const side of SIDES) {
      const measure = measures[side];
      if (!measure) continue;
      yield Math.min(1, Math.max(round / maxRounds, (performance.now() - startMs) / budgetMs));
      results[side].push(await measure());
    }
  }
  return results;
}

/** The middle value, or the mean of the two in the middle; null without values. */
export function median(values: readonly number[]): Figure {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1);
  if (sorted.length === 0) return null;
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}
