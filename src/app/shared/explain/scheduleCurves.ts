import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { validateConfig } from "../../../engine/config/validate.ts";
import { createSchedule, SCHEDULES, type ScheduleId } from "../../../engine/diffusion/schedule.ts";
import { encodeCsv } from "../../../engine/formats/csv.ts";
import { evenIndices } from "../plot/series.ts";

export interface ScheduleCurve {
  name: ScheduleId;
  label: string;
  /** Among all schedules, from 0. */
  place: number;
  isChosen: boolean;
  alphaBars: Float64Array;
}

/** Those of all schedules with T steps, the chosen one last, to be drawn over the others; none where T is wrong. */
export function scheduleCurves(config: RunConfig): ScheduleCurve[] {
  if (validateConfig(config).timesteps) return [];
  return (Object.keys(SCHEDULES) as ScheduleId[])
    .map((name, place) => ({
      name,
      place,
      label: SCHEDULES[name].label,
      isChosen: name === config.betaSchedule,
      alphaBars: createSchedule({ ...config, betaSchedule: name }).alphaBars,
    }))
    .sort((a, b) => Number(a.isChosen) - Number(b.isChosen));
}

/** log10(alphaBar / (1 - alphaBar)) */
export function logSnr(alphaBar: number): number {
  return Math.log10(alphaBar / (1 - alphaBar));
}

export interface ScheduleRow {
  t: number;
  alphaBar: number;
  /** alphaBar / (1 - alphaBar) */
  snr: number;
}

const MAX_ROWS = 11;

/** Some t, evenly from the first to the last. */
export function scheduleRows({ alphaBars }: Pick<ScheduleCurve, "alphaBars">): ScheduleRow[] {
  return evenIndices(alphaBars.length, MAX_ROWS).map((t) => {
    const alphaBar = alphaBars[t] as number;
    return { t, alphaBar, snr: alphaBar / (1 - alphaBar) };
  });
}

/** Every t, as a table of numbers. */
export function scheduleCsv(curve: Pick<ScheduleCurve, "alphaBars">): string {
  return encodeCsv(Object.entries(columnsOf(curve)).map(([name, values]) => ({ name, values })));
}

/** The same, with the schedule's name. */
export function scheduleJson(curve: Pick<ScheduleCurve, "name" | "alphaBars">): string {
  return JSON.stringify({ schedule: curve.name, ...columnsOf(curve) });
}

function columnsOf({ alphaBars }: Pick<ScheduleCurve, "alphaBars">) {
  const values = [...alphaBars];
  return {
    t: values.map((_, t) => t),
    alphaBar: values,
    snr: values.map((alphaBar) => alphaBar / (1 - alphaBar)),
  };
}

export interface PlotFrame {
  width: number;
  height: number;
  /** Values at the lower and the upper edge; what lies outside is drawn on it. */
  min: number;
  max: number;
}

const MAX_POINTS = 100;

/** An SVG path of a curve over all t, of at most 100 points with both ends. */
export function curvePath(values: Float64Array, { width, height, min, max }: PlotFrame): string {
  const last = values.length - 1;
  const points = evenIndices(values.length, MAX_POINTS).map((t) => {
    const value = Math.min(max, Math.max(min, values[t] as number));
    const x = (width * t) / last;
    const y = height * (1 - (value - min) / (max - min));
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return `M${points.join("L")}`;
}
