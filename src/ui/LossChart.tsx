import { memo, useMemo } from "react";
import { CartesianGrid, Line, LineChart, Tooltip, XAxis, YAxis } from "recharts";
import { linearTicks, logTicks } from "./axisTicks.ts";
import { formatCount } from "./format.ts";
import { LossCurve } from "./LossCurve.tsx";
import { LossTooltip } from "./LossTooltip.tsx";
import { type LossRow, lossesOf } from "./lossRows.ts";

interface LossChartProps {
  rows: LossRow[];
  xName: "step" | "epoch";
  scale: "log" | "linear";
}

const FILL = { width: "100%", height: "100%" };
/** On the right, half of a long number under the last tick. */
const MARGIN = { top: 8, right: 24, bottom: 4, left: 0 };
const TICK = { fill: "var(--mantine-color-dimmed)", fontSize: 11 };
const AXIS = { stroke: "var(--line)" };
const CURSOR = { stroke: "var(--reference)", strokeDasharray: "2 3" };

const SMOOTHED = { dataKey: "smoothed", stroke: "var(--train)", strokeWidth: 2 };
/** Alone in the chart before the first step. */
const REFERENCE = {
  dataKey: "reference",
  stroke: "var(--reference)",
  strokeWidth: 1.5,
  strokeDasharray: "4 4",
};

/**
 * Loss over training steps. It renders as a whole a few times a second, so it must be cheap: no
 * animation, few points, and only one curve by the chart itself, which gives the pointer its rows.
 */
function LossChart({ rows, xName, scale }: LossChartProps) {
  const newestX = rows.at(-1)?.x ?? 1;
  // Round, so that the axes stand still, and need no rendering, for many a step.
  const maxX = xName === "step" ? (linearTicks(newestX, 20).at(-1) ?? 1) : newestX;
  const xTicks = useMemo(() => linearTicks(maxX, 6).filter((tick) => tick <= maxX), [maxX]);
  const losses = rows.flatMap(lossesOf);
  const minY = Math.min(...losses);
  const maxY = Math.max(...losses);
  const yTicks = useMemo(
    () => (scale === "log" ? logTicks(minY, maxY) : linearTicks(maxY, 5)),
    [minY, maxY, scale],
  );
  const xDomain = useMemo(() => [0, maxX], [maxX]);
  const yDomain = useMemo(() => [yTicks[0] ?? 0, yTicks.at(-1) ?? 1], [yTicks]);
  const xLabel = useMemo(
    () => ({
      value: xName === "step" ? "training step" : "epoch",
      position: "insideBottom" as const,
      offset: -2,
      ...TICK,
    }),
    [xName],
  );

  return (
    <LineChart responsive style={FILL} data={rows} margin={MARGIN} accessibilityLayer={false}>
      <CartesianGrid vertical={false} stroke="var(--line)" />
      <XAxis
        dataKey="x"
        type="number"
        domain={xDomain}
        ticks={xTicks}
        interval={0}
        tick={TICK}
        tickLine={false}
        axisLine={AXIS}
        tickFormatter={formatCount}
        label={xLabel}
        height={36}
      />
      <YAxis
        type="number"
        scale={scale}
        domain={yDomain}
        ticks={yTicks}
        interval={0}
        tick={TICK}
        tickLine={false}
        axisLine={false}
        width={44}
      />
      <Tooltip content={<LossTooltip xName={xName} />} cursor={CURSOR} isAnimationActive={false} />
      {xName === "step" && <LossCurve rows={rows} kind="reference" />}
      <LossCurve rows={rows} kind="loss" />
      <Line
        {...(xName === "step" ? SMOOTHED : REFERENCE)}
        dot={false}
        activeDot={false}
        connectNulls
        isAnimationActive={false}
      />
      <LossCurve rows={rows} kind="train" />
      <LossCurve rows={rows} kind="validation" />
    </LineChart>
  );
}

export default memo(LossChart);
