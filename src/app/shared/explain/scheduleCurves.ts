import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { evenIndices } from "../../../engine/config/snapshotSteps.ts";
import { validateConfig } from "../../../engine/config/validate.ts";
import { SCHEDULES, type ScheduleId } from "../../../engine/diffusion/noiseSchedules.ts";
import { createNoiseSchedule } from "../../../engine/diffusion/schedule.ts";
import { encodeCsv } from "../../../engine/formats/csv.ts";

export interface ScheduleCurve {
  name: ScheduleId;
  label: string;
  /** Its index among all schedules. */
  place: number;
  isChosen: boolean;
  alphaBars: Float64Array;
}

/** All schedules with T steps, the chosen one last, to be drawn over the others; none where T is invalid. */
export function scheduleCurves(config: RunConfig): ScheduleCurve[] {
  if (validateConfig(config).timesteps) return [];
  return (Object.keys(SCHEDULES) as ScheduleId[])
    .map((name, place) => ({
      name,
      place,
      label: SCHEDULES[name].label,
      isChosen: name === config.betaSchedule,
      alphaBars: createNoiseSchedule(name, config.timesteps).alphaBars,
    }))
    .sort((a, b) => Number(a.isChosen) - Number(b.isChosen));
}

/** The signal-to-noise ratio, alphaBar / (1 - alphaBar). */
export function snr(alphaBar: number): number {
  return alphaBar / (1 - alphaBar);
}

export function logSnr(alphaBar: number): number {
  return Math.log10(snr(alphaBar));
}

/** A schedule in numbers, at every t. */
function columnsOf({ alphaBars }: Pick<ScheduleCurve, "alphaBars">) {
  const alphaBar = [...alphaBars];
  return { t: [...alphaBar.keys()], alphaBar, snr: alphaBar.map(snr) };
}

export function scheduleCsv(curve: Pick<ScheduleCurve, "alphaBars">): string {
  const columns = Object.entries(columnsOf(curve));
  return encodeCsv(columns.map(([name, values]) => ({ name, values })));
}

export function scheduleJson(curve: Pick<ScheduleCurve, "name" | "alphaBars">): string {
  return JSON.stringify({ schedule: curve.name, ...columnsOf(curve) });
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
