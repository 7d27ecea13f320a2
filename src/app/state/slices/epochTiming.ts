/** How long an epoch takes on this device with the settings of the form. Pure. */
import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { isSameNetwork, type NETWORK_SETTINGS } from "../../../engine/config/network.ts";

/** What the time of a batch follows from; all else is nothing beside it. */
export type BatchWork = Pick<
  RunConfig,
  (typeof NETWORK_SETTINGS)[number] | "dropout" | "batchSize"
>;

/** Measured, or from a run that has trained here. */
interface BatchTime extends BatchWork {
  device: string;
  batchMs: number;
}

export interface EpochTimingState {
  /** What is being timed, and how far that is, 0 to 1. */
  running: { work: BatchWork; fraction: number } | null;
  /** Why the last one came to nothing. */
  failure: string | null;
  /** One for each work on each device. */
  known: readonly BatchTime[];
}

export const NO_EPOCH_TIMING: EpochTimingState = { running: null, failure: null, known: [] };

export function isSameWork(a: BatchWork, b: BatchWork): boolean {
  return isSameNetwork(a, b) && a.dropout === b.dropout && a.batchSize === b.batchSize;
}
