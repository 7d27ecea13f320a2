/**
 * The noise schedule and all that follows from it, in float64: in float32 the cumulative product
 * alone would cost 1e-4 of 1 - alphaBar at T = 1000.
 */
export interface Schedule {
  numTimesteps: number;
  /** Variance added at step t, beta_t, `[T]` (Ho et al. 2020, eq. 2). */
  betas: Float64Array;
  /** alphaBar_t = prod_{s <= t} (1 - beta_s), `[T]` (eq. 4). */
  alphaBars: Float64Array;
  /** Weight of an image's squared error when the network predicts v: snr / (snr + 1), `[T]`. */
  lossWeights: Float64Array;
}

/**
 * Sigmoid schedule (Jabri et al. 2022, "Scalable adaptive computation", figure 8) with start -3,
 * end 3 and tau 1, betas at most 0.999.
 *
 * @param numTimesteps T
 */
export function sigmoidSchedule(numTimesteps: number): Schedule {
  const [start, end, tau] = [-3, 3, 1];
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  // The PyTorch original computes these three in float32; weights trained there expect it.
  const vStart = Math.fround(sigmoid(start / tau));
  const vEnd = Math.fround(sigmoid(end / tau));
  const range = Math.fround(vEnd - vStart);
  const alphaBarAt = (progress: number) =>
    (vEnd - sigmoid((progress * (end - start) + start) / tau)) / range;

  const betas = Float64Array.from({ length: numTimesteps }, (_, t) => {
    const ratio = alphaBarAt((t + 1) / numTimesteps) / alphaBarAt(t / numTimesteps);
    return Math.min(Math.max(1 - ratio, 0), 0.999);
  });
  let product = 1;
  const alphaBars = betas.map((beta) => {
    product *= 1 - beta;
    return product;
  });
  // With snr = alphaBar / (1 - alphaBar), snr / (snr + 1) is alphaBar itself.
  return { numTimesteps, betas, alphaBars, lossWeights: alphaBars };
}
