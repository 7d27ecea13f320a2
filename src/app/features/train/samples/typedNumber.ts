/** A number that is typed before training is written by one's own network afterwards. Pure. */
import type { RunConfig } from "../../../../engine/config/hyperparameters.ts";
import type { Naming } from "../../../../engine/data/datasets.ts";
import {
  ASK_DEFAULTS,
  type Ask,
  type AskedDigits,
  askedDigits,
  askOfText,
} from "../../../../runtime/sampling/ask.ts";

/** Up to this many digits are large on the screen and quick to draw. */
export const MOST_DIGITS = 12;

/** What a text asks for: an empty one for no number. */
export function askOfNumber(text: string): Ask {
  return text === "" ? ASK_DEFAULTS : { ...ASK_DEFAULTS, ...askOfText(text) };
}

/** Gives the digits of a number; null where it is none, or where the network cannot write it. */
export function typedNumber(
  text: string,
  { classes, naming }: Pick<RunConfig, "classes"> & { naming: Naming },
): AskedDigits | null {
  if (text === "" || classes === 0) return null;
  const network = { classes, naming, typedCount: null };
  const { asked } = askedDigits(askOfNumber(text), network);
  return asked && asked.count <= MOST_DIGITS ? asked : null;
}
