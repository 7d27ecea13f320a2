import { Group, NativeSelect, Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { type CSSProperties, useState } from "react";
import { HYPERPARAMETERS } from "../../../../engine/config/hyperparameters.ts";
import { configOfRun, variedNames } from "../../../../engine/config/sweep.ts";
import { shortened } from "../../../../engine/shortenedText.ts";
import { formatSetting } from "../../../../runtime/format.ts";
import { formatRun, isLost, type Sweep } from "../../../../runtime/run/sweep.ts";
import classes from "./Sweep.module.css";
import { formatFigure, mainFigure, type PointedProps, shownFigures } from "./SweepTable.tsx";

const HEIGHT = 260;

/** Farther apart, axes are hard to follow. */
const MOST_WIDTH = 1100;

/** Room for the names above and the ends of the axes below. */
const INSETS = { top: 34, bottom: 12, side: 60 };

/** A line for each run through its settings to what it reached, the best in the strongest color. */
export function ParallelCoordinates({ sweep, pointed, onPoint }: PointedProps) {
  const { ref, width } = useElementSize();
  const figures = shownFigures(sweep);
  const [chosen, setChosen] = useState("");
  const figure = figures.find(({ id }) => id === chosen) ?? mainFigure(sweep);
  if (!figure) return null;
  const { axes, lines } = coordinatesOf(sweep, figure);
  const inner = { width: width - 2 * INSETS.side, height: HEIGHT - INSETS.top - INSETS.bottom };
  const xOf = (axis: number) => INSETS.side + (axis * inner.width) / Math.max(1, axes.length - 1);
  const yOf = (place: number) => INSETS.top + (1 - place) * inner.height;
  const ordered = [...lines].sort((a, b) => a.rank - b.rank);
  return (
    <section className="column" aria-label="Parallel coordinates">
      <Group gap="sm">
        <h3>Settings and results</h3>
        <Text size="xs" c="dimmed">
          The best is at the top.
        </Text>
        <NativeSelect
          aria-label="Figure"
          data={figures.map(({ id, label }) => ({ value: id, label }))}
          value={figure.id}
          onChange={({ currentTarget }) => setChosen(currentTarget.value)}
        />
      </Group>
      <div ref={ref} style={{ height: HEIGHT, maxWidth: MOST_WIDTH }}>
        {width > 0 && (
          <svg
            className={classes.coordinates}
            role="img"
            aria-label={coordinatesWords(
              lines.length,
              axes.map(({ label }) => label),
            )}
            viewBox={`0 0 ${width} ${HEIGHT}`}
            width={width}
            height={HEIGHT}
          >
            {axes.map(({ label }, i) => (
              <g key={label} textAnchor="middle">
                <text x={xOf(i)} y={12} className={classes.axisName}>
                  {shortened(label, Math.max(6, Math.floor(inner.width / axes.length / 6)))}
                </text>
                <line x1={xOf(i)} x2={xOf(i)} y1={yOf(0)} y2={yOf(1)} />
              </g>
            ))}
            {ordered.map(({ index, places, rank, isBest, words }) => {
              const points = places.map((place, i) => `${xOf(i)},${yOf(place)}`).join(" ");
              return (
                // biome-ignore lint/a11y/noStaticElementInteractions: the table has the same for the keyboard.
                <g
                  key={index}
                  onMouseEnter={() => onPoint(index)}
                  onMouseLeave={() => onPoint(null)}
                >
                  <title>{words}</title>
                  <polyline
                    className={classes.line}
                    style={{ "--rank": rank } as CSSProperties}
                    data-best={isBest || undefined}
                    data-pointed={pointed === index || undefined}
                    points={points}
                  />
                  {/* Wide enough to be pointed at. */}
                  <polyline fill="none" stroke="transparent" strokeWidth={12} points={points} />
                </g>
              );
            })}
            {axes.map(({ label, ticks }, i) => (
              <g key={label} textAnchor={i === axes.length - 1 ? "start" : "end"}>
                {ticks.map(({ place, words }) => (
                  <text
                    key={words}
                    x={xOf(i) + (i === axes.length - 1 ? 6 : -6)}
                    y={yOf(place) + 4}
                  >
                    {words}
                  </text>
                ))}
              </g>
            ))}
          </svg>
        )}
      </div>
    </section>
  );
}

type Figure = ReturnType<typeof shownFigures>[number];

interface Tick {
  /** 0 at the bottom, 1 at the top. */
  place: number;
  words: string;
}

interface CoordinateLine {
  /** The run's place in the sweep. */
  index: number;
  /** Heights on the axes, 0 to 1; without the last where the run has no such figure. */
  places: readonly number[];
  /** 0 for the worst run to 1 for the best. */
  rank: number;
  isBest: boolean;
  words: string;
}

/** An axis for each setting that varies, each value at its own height, and at the end the figure, the best at the top. */
export function coordinatesOf(
  sweep: Sweep,
  figure: Figure,
): { axes: { label: string; ticks: Tick[] }[]; lines: CoordinateLine[] } {
  const { plan, runs } = sweep;
  const names = variedNames(plan);
  const configs = plan.runs.map((changes) => configOfRun(plan, changes));
  const settings = names.map((name) => {
    const distinct = [
      ...new Map(configs.map((config) => [String(config[name]), config[name]])).values(),
    ];
    const values = distinct.every((value) => typeof value === "number")
      ? distinct.sort((a, b) => (a as number) - (b as number))
      : distinct;
    const placeOf = (i: number) => (values.length > 1 ? i / (values.length - 1) : 0.5);
    const places = new Map(values.map((value, i) => [String(value), placeOf(i)]));
    const ticks = values.map((value, i) => ({ place: placeOf(i), words: formatSetting(value) }));
    return { name, label: HYPERPARAMETERS[name].label, places, ticks: fewer(ticks) };
  });
  // What was known of a run when it failed or diverged says nothing of how good it is.
  const reached = runs.map(({ results }) => {
    const newest = results.at(-1);
    return newest && !isLost(newest) ? newest.figures[figure.id] : undefined;
  });
  const known = reached.filter((value) => value !== undefined);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const placeOfFigure = (value: number) => {
    const share = most > least ? (value - least) / (most - least) : 1;
    return figure.best === "lowest" && most > least ? 1 - share : share;
  };
  const bestValue = figure.best === "lowest" ? least : most;
  const ends = [...new Set([least, most])].map((value) => ({
    place: placeOfFigure(value),
    words: formatFigure(figure, value),
  }));
  return {
    axes: [
      ...settings.map(({ label, ticks }) => ({ label, ticks })),
      { label: figure.label, ticks: known.length > 0 ? ends : [] },
    ],
    lines: reached.map((value, index) => {
      const before = settings.map(
        ({ name, places }) => places.get(String(configs[index]?.[name])) ?? 0,
      );
      const rank = value === undefined ? 0 : placeOfFigure(value);
      return {
        index,
        places: value === undefined ? before : [...before, rank],
        rank,
        isBest: value === bestValue,
        words: `Run ${index + 1}: ${formatRun(plan.runs[index] ?? {})}. ${figure.label} ${formatFigure(figure, value)}`,
      };
    }),
  };
}

/** More would overlap. */
const MAX_TICKS = 12;

function fewer(ticks: readonly Tick[]): Tick[] {
  const every = Math.ceil(ticks.length / MAX_TICKS);
  return ticks.filter((_, i) => i % every === 0 || i === ticks.length - 1);
}

/** The picture of the runs in words, for those who do not see it. */
function coordinatesWords(numRuns: number, axes: readonly string[]): string {
  return `A line for each of ${numRuns} runs, from ${axes.join(" through ")}. The table has the same numbers.`;
}
