/** The samples that are measured after an epoch, always drawn from the same noise. */
export const EPOCH_SAMPLES = { count: 256, seed: 0 };

interface Settings {
  evaluateEvery: number;
  epochs: number;
}

/** Whether samples are measured after an epoch (1-based): after every n-th, and after the last. */
export function isMeasured(epoch: number, { evaluateEvery, epochs }: Settings): boolean {
  return evaluateEvery > 0 && (epoch % evaluateEvery === 0 || epoch === epochs);
}

/** How many of the epochs that are left after `numEpochs` are measured. */
export function numMeasuredAfter(numEpochs: number, { evaluateEvery, epochs }: Settings): number {
  if (evaluateEvery === 0 || numEpochs >= epochs) return 0;
  return Math.ceil(epochs / evaluateEvery) - Math.floor(numEpochs / evaluateEvery);
}
