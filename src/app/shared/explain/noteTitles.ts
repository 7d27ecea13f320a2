/** What can be explained. With the first load; the notes themselves come when one is opened. */
export const NOTE_TITLES = {
  xt: "xₜ, the noisy image",
  x0: "Predicted x₀",
  objective: "What the network predicts",
  v: "Why v",
  flow: "Flow matching",
  schedule: "The noise schedule",
  minSnr: "Min-SNR",
  loss: "Which loss is good",
  buckets: "Loss by timestep",
  bucketLines: "Loss by timestep, epoch by epoch",
  classLines: "Loss by class",
  timestepRuns: "Loss by timestep, run by run",
  epochQuality: "Quality, epoch by epoch",
  epochDistance: "Fréchet distance, epoch by epoch",
  gradNorm: "Gradient norm",
  layerNorms: "Norms by layer",
  blockNorms: "Norms of a block",
  inside: "Inside a block",
  ema: "Averaged weights (EMA)",
  sampler: "Samplers, eta, spacing",
  evolution: "The same noise again",
  guidance: "Asking for a digit, and guidance",
  interpolation: "Between two digits",
  frechet: "Fréchet distance on classifier features",
} as const;

export type NoteName = keyof typeof NOTE_TITLES;
