import { Group } from "@mantine/core";
import { useMemo, useRef } from "react";
import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { evenIndices } from "../../../engine/config/snapshotSteps.ts";
import { validateConfig } from "../../../engine/config/validate.ts";
import { SCHEDULES, type ScheduleId } from "../../../engine/diffusion/noiseSchedules.ts";
import { createNoiseSchedule } from "../../../engine/diffusion/schedule.ts";
import { encodeCsv } from "../../../engine/formats/csv.ts";
import { formatCount } from "../../../runtime/format.ts";
import { useAppState } from "../AppContext.ts";
import { ChartMenu } from "../charts/ChartMenu.tsx";
import { DataTable } from "../parts/DataTable.tsx";
import classes from "./Notes.module.css";

const [WIDTH, HEIGHT] = [126, 84];
const SNR_RANGE = 4;
const MAX_ROWS = 11;
/** Tell apart the curves of schedules that were not chosen. */
const DASHES = [undefined, "5 2", "2 2"];

/** alphaBar and the signal-to-noise ratio over t, of the chosen schedule and faintly of the others. */
export default function SchedulePlots() {
  const config = useAppState((state) => state.config);
  const curves = useMemo(() => scheduleCurves(config), [config]);
  const figure = useRef<HTMLElement>(null);
  const chosen = curves.at(-1);
  if (!chosen) return null;
  const { name, label, alphaBars } = chosen;
  const middle = alphaBars[Math.floor(alphaBars.length / 2)] ?? 0;
  const others = curves.slice(0, -1).map((curve) => curve.label);
  const rows = evenIndices(alphaBars.length, MAX_ROWS).map((t) => {
    const alphaBar = alphaBars[t] as number;
    return [formatCount(t), ratioWords(alphaBar), ratioWords(snr(alphaBar))];
  });
  return (
    <div>
      <figure ref={figure}>
        <Group grow gap={8} wrap="nowrap">
          <Plot
            title="ᾱₜ"
            words={`ᾱ over t of the ${label} schedule: from 1 to 0, ${middle.toFixed(2)} halfway`}
            curves={curves}
            read={(alphaBar) => alphaBar}
            min={0}
            max={1}
          />
          <Plot
            title="log₁₀ SNR"
            words={`Signal-to-noise ratio over t of the ${label} schedule: 10 to the power of ${logSnr(middle).toFixed(1)} halfway`}
            curves={curves}
            read={logSnr}
            min={-SNR_RANGE}
            max={SNR_RANGE}
          />
        </Group>
        <Group
          component="figcaption"
          justify="space-between"
          align="flex-start"
          gap={8}
          wrap="nowrap"
          mt={2}
          fz={11}
          lh={1.35}
          c="dimmed"
        >
          <span>
            Over t from 0 to {formatCount(config.timesteps - 1)}: <b>{label}</b>, as chosen; faint:{" "}
            {others.join(", ")}.
          </span>
          <ChartMenu
            title="Noise schedule"
            name={`${name} ${config.timesteps}`}
            card={figure}
            csv={() => scheduleCsv(chosen)}
            json={() => scheduleJson(chosen)}
          />
        </Group>
      </figure>
      <details className={classes.numbers}>
        <summary>Table</summary>
        <DataTable caption={`The ${label} schedule`} columns={["t", "ᾱₜ", "SNR"]} rows={rows} />
      </details>
    </div>
  );
}

/** `24,155`, `0.713`, `4.67e-7`: three significant digits below 100. */
function ratioWords(value: number): string {
  return value < 100 ? String(Number(value.toPrecision(3))) : formatCount(Math.round(value));
}

interface PlotProps {
  title: string;
  /** For those who do not see it. */
  words: string;
  curves: ScheduleCurve[];
  /** What is drawn. */
  read: (alphaBar: number) => number;
  min: number;
  max: number;
}

function Plot({ title, words, curves, read, min, max }: PlotProps) {
  const frame = { width: WIDTH, height: HEIGHT, min, max };
  return (
    <svg className={classes.plot} viewBox="-18 -18 148 118" role="img" aria-label={words}>
      <text x={WIDTH / 2} y={-8} textAnchor="middle">
        {title}
      </text>
      <g fontSize={10} fill="var(--mantine-color-dimmed)" textAnchor="end">
        <text x={-4} y={4}>
          {max}
        </text>
        <text x={-4} y={HEIGHT}>
          {`${min}`.replace("-", "−")}
        </text>
        <text x={WIDTH} y={HEIGHT + 13}>
          t
        </text>
      </g>
      <g fill="none">
        <path stroke="var(--mantine-color-dimmed)" d={`M0 0V${HEIGHT}H${WIDTH}`} />
        {curves.map(({ name, place, isChosen, alphaBars }) => (
          <path
            key={name}
            data-chosen={isChosen || undefined}
            data-name={name}
            stroke={isChosen ? "var(--run-1)" : "var(--reference)"}
            strokeWidth={isChosen ? 2 : 1}
            strokeOpacity={isChosen ? 1 : 0.7}
            strokeDasharray={isChosen ? undefined : DASHES[place % DASHES.length]}
            d={curvePath(alphaBars.map(read), frame)}
          />
        ))}
      </g>
    </svg>
  );
}

interface ScheduleCurve {
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

interface PlotFrame {
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
