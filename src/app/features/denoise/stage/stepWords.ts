/** Which step one looks at, in a few words. Pure. */

import { formatCount } from "../../../../runtime/format.ts";
import { type DenoiseState, shownFrame, shownGenerations } from "../state/denoise.ts";
import type { Side } from "../state/denoiseSettings.ts";

/** Of a side's own steps, whatever part of their frames is kept: `step 18 of 50, t = 640` */
export function stepWords(state: DenoiseState, side: Side): string {
  const generation = shownGenerations(state)[side];
  const frame = shownFrame(state, side);
  if (!generation || !frame) return "no steps yet";
  const { times } = generation;
  const t = times[frame.index] ?? -1;
  const level = t < 0 ? "finished" : `t = ${formatCount(t)}`;
  return `step ${formatCount(frame.index)} of ${formatCount(times.length - 1)}, ${level}`;
}
