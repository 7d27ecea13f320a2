/** How all charts are drawn, wherever they stand. The address has what differs from the default. */
import { withParams } from "../query.ts";

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
  /** Scale of the losses and the gradient norm; what else there is starts at 0. */
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

/** `?smoothing=0.9&x=time&xScale=log&yScale=linear&zoom=100-500`; invalid values are ignored. */
export function chartOptionsFromQuery(query: URLSearchParams): ChartOptions {
  const smoothing = Number(query.get("smoothing") ?? Number.NaN);
  const oneOf = <T extends string>(choices: readonly T[], name: string, otherwise: T): T =>
    choices.find((choice) => choice === query.get(name)) ?? otherwise;
  const standard = DEFAULT_CHART_OPTIONS;
  return {
    smoothing: smoothing >= 0 && smoothing <= MAX_SMOOTHING ? smoothing : standard.smoothing,
    x: oneOf(X_KINDS, "x", standard.x),
    xScale: oneOf(SCALES, "xScale", standard.xScale),
    yScale: oneOf(SCALES, "yScale", standard.yScale),
    zoom: windowOf(query.get("zoom")),
  };
}

/** `query` with the options replaced; what is as by default is not named. */
export function withChartOptions(query: URLSearchParams, options: ChartOptions): URLSearchParams {
  const { zoom } = options;
  const named = (name: Exclude<keyof ChartOptions, "zoom">) =>
    options[name] === DEFAULT_CHART_OPTIONS[name] ? null : String(options[name]);
  return withParams(query, {
    smoothing: named("smoothing"),
    x: named("x"),
    xScale: named("xScale"),
    yScale: named("yScale"),
    zoom: zoom && `${roundedForAddress(zoom.from)}-${roundedForAddress(zoom.to)}`,
  });
}

function windowOf(text: string | null): XWindow | null {
  const [, from, to] = /^([\d.]+)-([\d.]+)$/.exec(text ?? "") ?? [];
  return Number(from) < Number(to) ? { from: Number(from), to: Number(to) } : null;
}

/** Finer than a pixel of any chart; without the exponent that tiny numbers would have. */
function roundedForAddress(x: number): number {
  return Number(x.toFixed(3));
}

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
