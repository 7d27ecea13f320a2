/** Turns thousands of noisy losses into the few points that a chart can draw smoothly. */

/**
 * Exponential moving average without the bias towards 0 of its start:
 * m_n = decay m_{n-1} + (1 - decay) y_n, smoothed_n = m_n / (1 - decay^n) (Kingma and Ba 2015).
 * Values that are not finite are skipped, and take the average before them.
 * @param decay in [0, 1); 0 returns the values themselves.
 */
export function smooth(values: readonly number[], decay: number): number[] {
  let mean = 0;
  let weight = 0;
  return values.map((value) => {
    if (Number.isFinite(value)) {
      mean = decay * mean + (1 - decay) * value;
      weight = decay * weight + (1 - decay);
    }
    return weight === 0 ? Number.NaN : mean / weight;
  });
}

/** So much of the weights may be left out of the average. */
const NEGLIGIBLE = 1e-4;

/**
 * The newest value of the smoothed loss, as the chart's line ends; null before the first step.
 * @param decay as of `smooth`
 */
export function smoothedLoss(steps: readonly { loss: number }[], decay: number): number | null {
  // Older ones weigh next to nothing, and a run may have hundreds of thousands.
  const numRecent = decay > 0 ? Math.ceil(Math.log(NEGLIGIBLE) / Math.log(decay)) : 1;
  const recent = steps.slice(-numRecent).map(({ loss }) => loss);
  return smooth(recent, decay).at(-1) ?? null;
}

/**
 * Indices of at most `maxPoints` points that draw the same picture: the first, the last, and the
 * lowest and highest of stretches of equally many points between them. Ascending. Points that are not
 * finite are left out.
 * @param maxPoints at least 4
 */
export function downsample(values: readonly number[], maxPoints: number): number[] {
  const finite: number[] = [];
  values.forEach((value, index) => {
    if (Number.isFinite(value)) finite.push(index);
  });
  const first = finite[0];
  const last = finite.at(-1);
  if (first === undefined || last === undefined || finite.length <= maxPoints) return finite;

  const kept = [first];
  const numBuckets = Math.floor((maxPoints - 2) / 2);
  const inner = finite.length - 2;
  for (let bucket = 0; bucket < numBuckets; bucket++) {
    const from = 1 + Math.floor((bucket * inner) / numBuckets);
    const to = 1 + Math.floor(((bucket + 1) * inner) / numBuckets);
    kept.push(...extremes(values, finite.slice(from, to)));
  }
  kept.push(last);
  return kept;
}

/** Indices of the lowest and the highest value among `indices`, in their order there. */
function extremes(values: readonly number[], indices: readonly number[]): number[] {
  const valueAt = (index: number) => values[index] ?? Number.NaN;
  let low = indices[0];
  let high = indices[0];
  if (low === undefined || high === undefined) return [];
  for (const index of indices) {
    if (valueAt(index) < valueAt(low)) low = index;
    if (valueAt(index) > valueAt(high)) high = index;
  }
  return low === high ? [low] : [Math.min(low, high), Math.max(low, high)];
}
