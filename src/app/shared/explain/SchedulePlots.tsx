import { useMemo, useRef } from "react";
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
  scheduleRows,
} from "./scheduleCurves.ts";

const [WIDTH, HEIGHT] = [126, 84];
const SNR_RANGE = 4;
/** By which curves of schedules that were not chosen are told apart. */
const DASHES = [undefined, "5 2", "2 2"];

/** alphaBar and the signal-to-noise ratio over t, of the chosen schedule and faintly of the others. */
export function SchedulePlots() {
  const config = useAppState((state) => state.config);
  const curves = useMemo(() => scheduleCurves(config), [config]);
  const figure = useRef<HTMLElement>(null);
  const chosen = curves.at(-1);
  if (!chosen) return null;
  const middle = chosen.alphaBars[Math.floor(chosen.alphaBars.length / 2)] ?? 0;
  const others = curves.slice(0, -1).map(({ label }) => label);
  return (
    <div>
      <figure ref={figure}>
        <div className={classes.plots}>
          <Plot
            title="ᾱₜ"
            words={`ᾱ over t of the ${chosen.label} schedule: from 1 to 0, ${middle.toFixed(2)} halfway`}
            curves={curves}
            read={(alphaBar) => alphaBar}
            range={{ min: 0, max: 1, labels: ["0", "1"] }}
          />
          <Plot
            title="log₁₀ SNR"
            words={`Signal-to-noise ratio over t of the ${chosen.label} schedule: 10 to the power of ${logSnr(middle).toFixed(1)} halfway`}
            curves={curves}
            read={logSnr}
            range={{ min: -SNR_RANGE, max: SNR_RANGE, labels: [`−${SNR_RANGE}`, `${SNR_RANGE}`] }}
          />
        </div>
        <figcaption className={classes.caption}>
          <span>
            Over t from 0 to {formatCount(config.timesteps - 1)}: <b>{chosen.label}</b>, as chosen;
            faint: {others.join(", ")}.
          </span>
          <ChartMenu
            title="Noise schedule"
            name={`${chosen.name} ${config.timesteps}`}
            card={figure}
            csv={() => scheduleCsv(chosen)}
            json={() => scheduleJson(chosen)}
          />
        </figcaption>
      </figure>
      <ScheduleTable curve={chosen} />
    </div>
  );
}

/** `24,155`, `0.713`, `4.67e-7`: three significant digits below 100. */
function ratioWords(value: number): string {
  return value < 100 ? String(Number(value.toPrecision(3))) : formatCount(Math.round(value));
}

/** The chosen schedule in numbers, some of them to be read; the files have all. */
function ScheduleTable({ curve }: { curve: ScheduleCurve }) {
  return (
    <details className={classes.numbers}>
      <summary>Table</summary>
      <DataTable
        caption={`The ${curve.label} schedule`}
        columns={["t", "ᾱₜ", "SNR"]}
        rows={scheduleRows(curve).map(({ t, alphaBar, snr }) => [
          formatCount(t),
          ratioWords(alphaBar),
          ratioWords(snr),
        ])}
      />
    </details>
  );
}

interface PlotProps {
  title: string;
  /** For those who do not see it. */
  words: string;
  curves: ScheduleCurve[];
  /** What is drawn. */
  read: (alphaBar: number) => number;
  range: { min: number; max: number; labels: [string, string] };
}

function Plot({ title, words, curves, read, range }: PlotProps) {
  const { min, max, labels } = range;
  const frame = { width: WIDTH, height: HEIGHT, min, max };
  return (
    <svg className={classes.plot} viewBox="-18 -18 148 118" role="img" aria-label={words}>
      <text x={WIDTH / 2} y={-8} textAnchor="middle">
        {title}
      </text>
      <text x={-4} y={4} textAnchor="end" className={classes.tick}>
        {labels[1]}
      </text>
      <text x={-4} y={HEIGHT} textAnchor="end" className={classes.tick}>
        {labels[0]}
      </text>
      <path className={classes.axis} d={`M0 0V${HEIGHT}H${WIDTH}`} />
      {curves.map(({ name, place, isChosen, alphaBars }) => (
        <path
          key={name}
          className={classes.curve}
          data-chosen={isChosen || undefined}
          data-name={name}
          strokeDasharray={isChosen ? undefined : DASHES[place % DASHES.length]}
          d={curvePath(alphaBars.map(read), frame)}
        />
      ))}
      <text x={WIDTH} y={HEIGHT + 13} textAnchor="end" className={classes.tick}>
        t
      </text>
    </svg>
  );
}
