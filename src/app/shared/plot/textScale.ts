import { createContext, use } from "react";
import { type Plot, plotInsets } from "./plot.ts";

/** How much larger than usual the numbers at the axes are: 1, or more for a room that reads them from a projector. */
export const TextScale = createContext(1);

export function usePlotInsets(plot: Plot) {
  return plotInsets(plot, use(TextScale));
}
