import { Group } from "@mantine/core";
import { useMemo, useRef } from "react";
import { evenIndices } from "../../../engine/config/snapshotSteps.ts";
import { formatCount } from "../../../runtime/format.ts";
import { useAppState } from "../AppContext.ts";
import { ChartMenu } from "../charts/ChartMenu.tsx";
import { DataTable } from "../parts/DataTable.tsx";
import classes from "./Notes.module.css";
import {
  curvePath,
  logSnr,
  type ScheduleCurve,
  scheduleCsv,
  scheduleCurves,
  scheduleJson,
  snr,
} from "./scheduleCurves.ts";

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
