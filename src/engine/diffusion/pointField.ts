/** The factors alpha and sigma of point and noise at a time. */
export interface NoiseLevel {
  signal: number;
  noise: number;
}

/**
 * The field that points flow along: how far a step of DDIM leads (Song et al. 2021, eq. 12 with sigma 0; Euler's step on the
 * straight path). It follows from x_0 alone, whatever predicted it: a network of any objective, or the exact posterior mean.
 *
 *   x' - x = alpha' x_0 + sigma' (x - alpha x_0) / sigma - x
 *
 * @param points x, `[N, 2]`
 * @param starts x_0, `[N, 2]`
 * @param from the level of x, with noise above 0
 * @param to the level after the step
 * @returns `[N, 2]`
 */
export function fieldOf(
  points: Float32Array,
  starts: Float32Array,
  from: NoiseLevel,
  to: NoiseLevel,
): Float32Array<ArrayBuffer> {
  return Float32Array.from(points, (x, i) => {
    const x0 = starts[i] as number;
    const eps = (x - from.signal * x0) / from.noise;
    return to.signal * x0 + to.noise * eps - x;
  });
}

/**
 * How straight the paths of points are: the distance from where each begins to where it ends, divided by the length of its path,
 * averaged; 1 for straight lines. (Liu et al. 2023 take the mean squared difference of the velocity from that line instead.)
 *
 * @param frames the points at each time, `[N, 2]`, two frames at least
 */
export function straightness(frames: readonly Float32Array[]): number {
  const [first, last] = [frames[0], frames.at(-1)] as [Float32Array, Float32Array];
  const distance = (a: Float32Array, b: Float32Array, i: number) =>
    Math.hypot((b[i] as number) - (a[i] as number), (b[i + 1] as number) - (a[i + 1] as number));
  let sum = 0;
  for (let i = 0; i < first.length; i += 2) {
    let length = 0;
    for (let frame = 1; frame < frames.length; frame++) {
      length += distance(frames[frame - 1] as Float32Array, frames[frame] as Float32Array, i);
    }
    sum += length > 0 ? distance(first, last, i) / length : 1;
  }
  return sum / (first.length / 2);
}
