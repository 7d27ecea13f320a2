/** From a share of the noise, 0 to 1, as settings say it, to the timestep that images are noised to. */

/** Of one image: in [0, T). */
export function imageTimestep(share: number, numTimesteps: number): number {
  return Math.round(share * (numTimesteps - 1));
}

/** Of two that are mixed: 1 to T - 1, since they are denoised from t - 1 on. */
export function pairTimestep(share: number, numTimesteps: number): number {
  return Math.max(1, imageTimestep(share, numTimesteps));
}

/** Of the second of two images, from none to all of it; half for a single one. */
export function pairShares(count: number): number[] {
  return Array.from({ length: count }, (_, i) => (count === 1 ? 0.5 : i / (count - 1)));
}
