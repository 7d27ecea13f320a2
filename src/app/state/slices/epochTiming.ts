/** What is known of how long a batch takes on this device. Pure. */
import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { isSameNetwork } from "../../../engine/config/network.ts";

export interface EpochTimingState {
  /** What is timed now, and how far that is, 0 to 1; null while nothing is. */
  inProgress: { config: RunConfig; fraction: number } | null;
  /** Why the last timing failed, and with which settings. */
  failure: { message: string; config: RunConfig } | null;
  /** For each kind of batch on each device, see `isSameWork`: measured, or from a run that has trained here. */
  known: readonly { config: RunConfig; device: string; batchMs: number }[];
}

export const NO_EPOCH_TIMING: EpochTimingState = { inProgress: null, failure: null, known: [] };

/** Whether a batch takes as long with either; all other settings hardly matter. */
export function isSameWork(a: RunConfig, b: RunConfig): boolean {
  return isSameNetwork(a, b) && a.dropout === b.dropout && a.batchSize === b.batchSize;
}
