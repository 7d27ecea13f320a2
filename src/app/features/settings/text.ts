import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { formatDuration } from "../../../runtime/format.ts";
import type { EpochTime } from "../../state/slices/epochTimer.ts";

/** `About 3 min 20 s an epoch on this device, 33 min in all.` */
export function epochTimeWords(
  { epochMs, totalMs }: EpochTime,
  { epochs, patience }: Pick<RunConfig, "epochs" | "patience">,
): string {
  const epoch = durationOnOneLine(epochMs);
  if (epochs === 1) return `About ${epoch} for the epoch on this device.`;
  // Early stopping may end it before.
  const most = patience > 0 ? "at most " : "";
  return `About ${epoch} an epoch on this device, ${most}${durationOnOneLine(totalMs)} in all.`;
}

function durationOnOneLine(ms: number): string {
  return formatDuration(ms).replaceAll(" ", "\u00a0");
}
