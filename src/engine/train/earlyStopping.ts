import type { RunConfig } from "../config/hyperparameters.ts";
import type { EpochReport } from "./reports.ts";

type Losses = readonly Pick<EpochReport, "validationLoss">[];

/** Index of the epoch with the lowest validation loss, the first of equals; -1 without one. */
export function bestEpochIndex(epochs: Losses): number {
  let best = -1;
  epochs.forEach(({ validationLoss }, i) => {
    if (validationLoss < (epochs[best]?.validationLoss ?? Number.POSITIVE_INFINITY)) best = i;
  });
  return best;
}

/**
 * Whether to stop training: for `patience` epochs in a row the validation loss has not fallen by
 * `minGain` or more below the lowest that counted as a gain before (Prechelt 1998, "Early
 * stopping, but when?"). Never when patience is 0, without images to validate on, or in a distillation,
 * whose phases have losses that cannot be compared.
 */
export function stopsEarly(
  epochs: Losses,
  { patience, minGain, distilFrom }: Pick<RunConfig, "patience" | "minGain" | "distilFrom">,
): boolean {
  if (distilFrom > 0) return false;
  let lowest = Number.POSITIVE_INFINITY;
  let numWithoutGain = 0;
  for (const { validationLoss } of epochs) {
    if (Number.isNaN(validationLoss)) return false;
    const isGain = validationLoss < lowest && lowest - validationLoss >= minGain;
    if (isGain) lowest = validationLoss;
    numWithoutGain = isGain ? 0 : numWithoutGain + 1;
  }
  return patience > 0 && numWithoutGain >= patience;
}
