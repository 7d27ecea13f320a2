import { Group, Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useMemo } from "react";
import { formatCount } from "../../../../runtime/format.ts";
import { ChartFrame } from "../../../shared/charts/ChartFrame.tsx";
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
  changesTable,
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
  const { ref, width } = useElementSize();
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
  const highest = plot.ticks.at(-1);
  return (
    <ChartFrame
      title={TITLE}
      files={{
        name: `digit ${picked + 1}`,
        isEmpty: highest === undefined,
        csv: () => changesCsv(series),
        json: () => changesJson(series),
      }}
      numbers={() => changesTable(series)}
    >
      <Text size="xs" c="dimmed">
        gray levels, mean of all pixels
      </Text>
      <div ref={ref}>
        <svg
          display="block"
          width={width}
          height={HEIGHT}
          role="img"
          aria-label={
            highest === undefined
              ? `${TITLE}: nothing yet`
              : `${TITLE}: at most ${highest} gray levels; the menu has a table of all values.`
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
      <Group
        fz="xs"
        c="dimmed"
        justify="space-between"
        wrap="nowrap"
        style={{ whiteSpace: "nowrap" }}
      >
        <span>{firstT === undefined ? "noise" : `t = ${formatCount(firstT)}`}</span>
        {sides.length > 1 && <span>A solid, B dashed</span>}
        <span>finished</span>
      </Group>
    </ChartFrame>
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
