/** The number that one has typed before training, which one's own network then writes. Pure. */
import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { type Ask, type AskedDigits, askedDigits } from "../../shared/network/askedDigits.ts";

/** So few digits are drawn in no time, and are large. */
export const MOST_DIGITS = 12;

/** Null where something else is asked for, or the network cannot write it. */
export function typedNumber(ask: Ask, { classes }: Pick<RunConfig, "classes">): AskedDigits | null {
  if (ask.ask !== "text" || classes === 0) return null;
  const { asked } = askedDigits(ask, { classes, areDigits: true, typedCount: null });
  return asked && asked.count <= MOST_DIGITS ? asked : null;
}
