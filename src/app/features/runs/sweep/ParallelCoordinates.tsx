import { Group, NativeSelect, Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { type CSSProperties, useState } from "react";
import { shortened } from "../../../../engine/shortenedText.ts";
import { coordinatesOf } from "./coordinates.ts";
import classes from "./Sweep.module.css";
import type { PointedProps } from "./SweepTable.tsx";
import { mainFigure, shownFigures } from "./sweepFigures.ts";
import { COORDINATES, coordinatesWords } from "./text.ts";

const HEIGHT = 260;
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
        <h3>{COORDINATES.title}</h3>
        <Text size="xs" c="dimmed">
          {COORDINATES.hint}
        </Text>
        <NativeSelect
          aria-label="Figure"
          data={figures.map(({ id, label }) => ({ value: id, label }))}
          value={figure.id}
          onChange={({ currentTarget }) => setChosen(currentTarget.value)}
        />
      </Group>
      <div ref={ref} style={{ height: HEIGHT }}>
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
