/** How all charts are drawn, wherever they stand. The address has what differs from the default. */
export const X_KINDS = ["step", "epoch", "time"] as const;

/** Training steps, epochs (a fraction within one), or milliseconds since the run began. */
export type XKind = (typeof X_KINDS)[number];

export const SCALES = ["linear", "log"] as const;
export type Scale = (typeof SCALES)[number];

/** A part of the x axis, in its own unit; `from` < `to`. */
export interface XWindow {
  from: number;
  to: number;
}

export interface ChartOptions {
  /** Decay of the moving average, in [0, 0.999]; see `smooth`. */
  smoothing: number;
  x: XKind;
  xScale: Scale;
  /** Scale of the losses and the norms; what else there is starts at 0. */
  yScale: Scale;
  /** Null for the whole run. */
  zoom: XWindow | null;
}

/** The average is over some 20 steps: longer ones lag far behind the steep start. */
export const DEFAULT_CHART_OPTIONS: ChartOptions = {
  smoothing: 0.95,
  x: "step",
  xScale: "linear",
  yScale: "log",
  zoom: null,
};

export const MAX_SMOOTHING = 0.999;

/** The scales of an axis, in the order in which they are offered. */
export const SCALE_CHOICES: { value: Scale; label: string }[] = [
  { value: "linear", label: "Linear" },
  { value: "log", label: "Log" },
];

/** The slider of the smoothing has a logarithmic scale of the averaged steps, 1 / (1 - decay). */
const PLACES_A_DECADE = 20;

/** The decay at a place; four decimals, at place 0 none. */
export function smoothingAt(place: number): number {
  return Number((1 - 10 ** (-place / PLACES_A_DECADE)).toFixed(4));
}

/** The nearest place to a decay in [0, 1). */
export function smoothingPlace(decay: number): number {
  return Math.round(PLACES_A_DECADE * Math.log10(1 / (1 - decay)));
}
