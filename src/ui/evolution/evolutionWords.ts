/** Where one is in training and denoising, in words. */
import type { Run } from "../../store/run.ts";
import { formatCount } from "../format.ts";

/** `before training`, `after 1,200 steps, in epoch 3`, `after 1,200 steps, the end of epoch 2`. */
export function trainingWords(step: number, stepsPerEpoch: number | null): string {
  if (step === 0) return "before training";
  const steps = `after ${formatCount(step)} ${step === 1 ? "step" : "steps"}`;
  if (!stepsPerEpoch) return steps;
  const epoch = formatCount(Math.ceil(step / stepsPerEpoch));
  return `${steps}, ${step % stepsPerEpoch === 0 ? "the end of" : "in"} epoch ${epoch}`;
}

/**
 * The timestep an image is at after `frame` of `axis - 1` DDIM steps, of T: they are spread evenly
 * over [-1, T - 1]; -1, the finished image, counts as 0.
 */
export function timestepAt(frame: number, axis: number, numTimesteps: number): number {
  if (axis < 2) return 0;
  return Math.max(0, Math.trunc(numTimesteps - 1 - (frame * numTimesteps) / (axis - 1)));
}

/** `noise, t = 999`, `denoising step 3 of 10, t = 699`, `digits, t = 0`. */
export function denoisingWords(frame: number, axis: number, numTimesteps: number): string {
  const t = `t = ${formatCount(timestepAt(frame, axis, numTimesteps))}`;
  if (frame >= axis - 1) return `digits, ${t}`;
  if (frame === 0) return `noise, ${t}`;
  return `denoising step ${formatCount(frame)} of ${formatCount(axis - 1)}, ${t}`;
}

/**
 * Where a run has other weights in the end than its newest snapshot was drawn with: one that
 * stopped early has those of the epoch with the lowest validation loss. Null elsewhere.
 */
export function keptWeightsWords({
  status,
  epochs,
}: Pick<Run, "status" | "epochs">): string | null {
  if (status !== "stoppedEarly" || epochs.length === 0) return null;
  const best = epochs.reduce((a, b) => (b.validationLoss < a.validationLoss ? b : a));
  if (best === epochs.at(-1)) return null;
  return `Sampling uses the weights of epoch ${formatCount(best.epoch)}, the best`;
}
