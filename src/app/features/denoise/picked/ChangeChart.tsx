import { Group, Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useMemo, useRef, useState } from "react";
import { formatCount } from "../../../../runtime/format.ts";
import { ChartMenu } from "../../../shared/charts/ChartMenu.tsx";
import { currentStop, shownGenerations, stops } from "../state/denoise.ts";
import { changesOf } from "../state/denoiseFrames.ts";
import type { Side } from "../state/denoiseSettings.ts";
import { useDenoiseState } from "../useDenoise.ts";
import {
  type ChangePlot,
  changePath,
  changePlot,
  changesCsv,
  changesJson,
  HEIGHT,
  LEFT,
  type SideChanges,
} from "./changes.ts";
import classes from "./PickedDigit.module.css";

const TITLE = "Change per step";

/** How much each step changes the picked digit, from noise on the left to the digit on the right. */
export function ChangeChart({ sides }: { sides: readonly Side[] }) {
  const generations = useDenoiseState(shownGenerations);
  const picked = useDenoiseState((state) => state.picked);
  const shown = useDenoiseState((state) => state.shown);
  const [isTableOpen, setIsTableOpen] = useState(false);
  const card = useRef<HTMLElement>(null);
  const { ref: boxRef, width } = useElementSize();
  const series = useMemo(
    () =>
      sides.flatMap((side): SideChanges[] => {
        const generation = generations[side];
        return generation ? [{ side, changes: changesOf(generation, picked, shown) }] : [];
      }),
    [sides, generations, picked, shown],
  );
  const from = useDenoiseState((state) => stops(state)[0] ?? 1);
  const plot = changePlot(
    series.map(({ changes }) => changes),
    { from, width },
  );
  const firstT = generations.a?.times[0];
  return (
    <section ref={card} className={`column ${classes.strip}`} aria-label={TITLE}>
      <div className={classes.stripHead}>
        <h3>{TITLE}</h3>
        <ChartMenu
          title={TITLE}
          name={`digit ${picked + 1}`}
          card={card}
          isEmpty={series.every(({ changes }) => changes.length === 0)}
          csv={() => changesCsv(series)}
          json={() => changesJson(series)}
        />
      </div>
      <Text inherit c="dimmed">
        gray levels, mean of all pixels
      </Text>
      <div ref={boxRef}>
        <svg
          className={classes.chart}
          width={width}
          height={HEIGHT}
          role="img"
          aria-label={
            plot.ticks.length > 0
              ? `${TITLE}: at most ${plot.ticks.at(-1)} gray levels; all values are in the table below.`
              : `${TITLE}: nothing yet`
          }
        >
          {plot.ticks.map((tick) => (
            <g key={tick}>
              <line stroke="var(--line)" x1={LEFT} x2={width} y1={plot.y(tick)} y2={plot.y(tick)} />
              <text className={classes.tick} x={LEFT - 5} y={plot.y(tick) + 4}>
                {tick}
              </text>
            </g>
          ))}
          {series.map(({ side, changes }) => (
            <path
              key={side}
              className={classes.line}
              data-side={side}
              d={changePath(changes, plot)}
            />
          ))}
          <Marker plot={plot} />
        </svg>
      </div>
      <Group className={classes.ends} justify="space-between" wrap="nowrap" c="dimmed">
        <span>{firstT === undefined ? "noise" : `t = ${formatCount(firstT)}`}</span>
        {sides.length > 1 && <span>A solid, B dashed</span>}
        <span>finished</span>
      </Group>
      <details data-undrawn onToggle={({ currentTarget }) => setIsTableOpen(currentTarget.open)}>
        <summary>As a table</summary>
        {isTableOpen && series.map((of) => <Table key={of.side} {...of} />)}
      </details>
    </section>
  );
}

/** Where the scrubber stands. */
function Marker({ plot }: { plot: ChangePlot }) {
  const level = useDenoiseState((state) => {
    const all = stops(state);
    return all[currentStop(state, all)] ?? 1;
  });
  const x = plot.x(level);
  return <line stroke="var(--mantine-color-dimmed)" x1={x} x2={x} y1={0} y2={HEIGHT} />;
}

function Table({ side, changes }: SideChanges) {
  return (
    <table>
      <caption className={classes.caption}>{side.toUpperCase()}</caption>
      <thead>
        <tr>
          <th scope="col">step</th>
          <th scope="col">to t</th>
          <th scope="col">change, gray levels</th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ t, change }, i) => (
          <tr key={t}>
            <td>{i + 1}</td>
            <td>{t < 0 ? "the end" : t}</td>
            <td>{change.toFixed(2)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
