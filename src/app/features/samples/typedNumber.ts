/** A number that is typed before training is written by one's own network afterwards. Pure. */
import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { type Ask, type AskedDigits, askedDigits } from "../../shared/network/askedDigits.ts";

/** Up to this many digits are large on the screen and quick to draw. */
export const MOST_DIGITS = 12;

/** Gives the number that is asked for; null where something else is, or where the network cannot write it. */
export function typedNumber(ask: Ask, { classes }: Pick<RunConfig, "classes">): AskedDigits | null {
  if (ask.ask !== "text" || classes === 0) return null;
  const { asked } = askedDigits(ask, { classes, areDigits: true, typedCount: null });
  return asked && asked.count <= MOST_DIGITS ? asked : null;
}
