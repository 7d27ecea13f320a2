/** A number that is typed before training is written by one's own network afterwards. Pure. */
import type { RunConfig } from "../../../../engine/config/hyperparameters.ts";
import {
  ASK_DEFAULTS,
  type Ask,
  type AskedDigits,
  askedDigits,
  askOfText,
} from "../../../../runtime/sampling/ask.ts";
import type { Params } from "../../../state/address.ts";

/** Up to this many digits are large on the screen and quick to draw. */
export const MOST_DIGITS = 12;

/** Gives the number that is asked for; null where something else is, or where the network cannot write it. */
export function typedNumber(ask: Ask, { classes }: Pick<RunConfig, "classes">): AskedDigits | null {
  if (ask.ask !== "text" || classes === 0) return null;
  const { asked } = askedDigits(ask, { classes, areDigits: true, typedCount: null });
  return asked && asked.count <= MOST_DIGITS ? asked : null;
}

/** What the address asks for in Train: `?write=2026`, or `?digit=7`. */
export function addressedAsk({ write, digit }: Params<"train">): Ask {
  const asked = digit === null ? askOfText(write) : { ask: "class" as const, label: digit };
  return { ...ASK_DEFAULTS, ...asked };
}

/** The inverse of `addressedAsk`: what else can be asked for is not named. */
export function askParams({ ask, text, label }: Ask): Params<"train"> {
  return { write: ask === "text" ? text : "", digit: ask === "class" ? label : null };
}
