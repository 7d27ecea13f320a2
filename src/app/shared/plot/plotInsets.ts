/** Where the plot lies in its picture, in pixels: known, so that the pointer can be placed over it. */
export interface PlotInsets {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

export const Y_AXIS_WIDTH = 46;
/** Of the ticks and, below them, the label. */
export const X_AXIS_HEIGHT = 34;
export const BOTTOM_MARGIN = 2;

/** On the right, half of a long number under the last tick, or names beside the curves' ends. */
const PLAIN: PlotInsets = {
  top: 8,
  right: 18,
  bottom: X_AXIS_HEIGHT + BOTTOM_MARGIN,
  left: Y_AXIS_WIDTH,
};
const NAMED: PlotInsets = { ...PLAIN, right: 58 };

export function plotInsets(hasEndNames: boolean): PlotInsets {
  return hasEndNames ? NAMED : PLAIN;
}
