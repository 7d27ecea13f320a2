import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import { epochWord, formatDuration } from "../../runtime/format.ts";
import type { EpochTime } from "../state/slices/epochTimer.ts";

/** `About 3 min 20 s an epoch on this device, 33 min in all.` */
export function epochTimeWords(
  { epochMs, totalMs }: EpochTime,
  config: Pick<RunConfig, "epochs" | "patience" | "distilFrom">,
): string {
  const { epochs, patience } = config;
  const [time, word] = [durationOnOneLine(epochMs), epochWord(config)];
  if (epochs === 1) return `About ${time} for the ${word} on this device.`;
  // Early stopping may end it before.
  const most = patience > 0 ? "at most " : "";
  return `About ${time} ${word === "epoch" ? "an" : "a"} ${word} on this device, ${most}${durationOnOneLine(totalMs)} in all.`;
}

function durationOnOneLine(ms: number): string {
  return formatDuration(ms).replaceAll(" ", "\u00a0");
}
