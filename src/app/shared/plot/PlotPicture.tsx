import { memo, type SVGProps, useMemo } from "react";
import { CartesianGrid, LineChart, useXAxisScale, useYAxisScale, XAxis, YAxis } from "recharts";
import type { Scale } from "../../state/slices/chartOptions.ts";
import { EndNames } from "./EndNames.tsx";
import { LINE_STYLES } from "./Legend.tsx";
import { type Curve, type Plot, plotInsets } from "./plot.ts";
import { tickFormat } from "./ticks.ts";
import { xLabel, xUnit } from "./xWords.ts";

/** @param label for those who do not see it; they hear it also while there is no plot */
export function PlotPicture({ plot, label }: { plot: Plot | null; label: string }) {
  return (
    <div className="over" role="img" aria-label={label}>
      {plot && <Drawing plot={plot} />}
    </div>
  );
}

const FILL = { width: "100%", height: "100%" };
const TICK = { fill: "var(--mantine-color-dimmed)", fontSize: 11 };
const AXIS = { stroke: "var(--line)" };

/**
 * Axes and curves. It renders as a whole about once a second, so it must be cheap: no animation, few
 * points, and no curves of the chart's own: it gives the scales, and each curve is one path.
 */
const Drawing = memo(function Drawing({ plot }: { plot: Plot }) {
  const { xKind, xName, xScale, yScale, yUnit, curves, hasEndNames } = plot;
  // Round, so that the axes stand still, and need no rendering, for many a step.
  const window = useSame(plot.window);
  const xTicks = useSame(plot.xTicks);
  const yTicks = useSame(plot.yTicks);
  const yDomain = useSame(plot.yDomain);
  const { top, right, bottom, left } = plotInsets(plot);
  const margin = useSame({ top, right, bottom: 0, left: 0 });
  const xDomain = useMemo(() => [window.from, window.to], [window]);
  // The x axis has no scale without data.
  const ends = useMemo(() => xDomain.map((x) => ({ x })), [xDomain]);
  const label = useSame({
    value: xName ?? xLabel(xKind, window, xScale, plot.epochWord),
    position: "insideBottom" as const,
    offset: 6,
    ...TICK,
  });
  const formatX = useTickFormat(xTicks, { scale: xScale, unit: xUnit(xKind, window, xScale) });
  const formatY = useTickFormat(yTicks, { scale: yScale, unit: yUnit.size });
  return (
    // Its layers listen for the focus, which would make each a nameless stop of the Tab key.
    <div style={FILL} inert>
      <LineChart responsive style={FILL} data={ends} margin={margin} accessibilityLayer={false}>
        <CartesianGrid vertical={false} syncWithTicks stroke="var(--line)" />
        <XAxis
          dataKey="x"
          type="number"
          scale={xScale}
          domain={xDomain}
          allowDataOverflow
          ticks={xTicks}
          interval={xScale === "log" ? "preserveStart" : "equidistantPreserveStart"}
          tick={TICK}
          tickLine={false}
          axisLine={AXIS}
          tickFormatter={formatX}
          label={label}
          height={bottom}
        />
        <YAxis
          type="number"
          scale={yScale}
          domain={yDomain}
          allowDataOverflow
          ticks={yTicks}
          interval={0}
          tick={TICK}
          tickLine={false}
          axisLine={false}
          tickFormatter={formatY}
          width={left}
        />
        {curves.map((curve) => (
          <PlotCurve key={curve.series.key} curve={curve} />
        ))}
        {hasEndNames && <EndNames curves={curves} />}
      </LineChart>
    </div>
  );
});

/** The value itself, or one before that was equal to it. */
function useSame<T>(value: T): T {
  const text = JSON.stringify(value);
  return useMemo(() => JSON.parse(text), [text]);
}

function useTickFormat(ticks: number[], { scale, unit }: { scale: Scale; unit: number }) {
  return useMemo(() => {
    const format = tickFormat(
      ticks.map((tick) => tick / unit),
      scale,
    );
    return (tick: number) => format(tick / unit);
  }, [ticks, scale, unit]);
}

/** So that a point is seen on a line of its own color. */
const RIM: SVGProps<SVGCircleElement> = { stroke: "var(--mantine-color-body)", strokeWidth: 1.5 };

/** With more of them they would hide the curve. */
const MAX_DOTS = 50;

/** One path through the points; with dots where there are few of them. */
const PlotCurve = memo(function PlotCurve({ curve }: { curve: Curve }) {
  const xScale = useXAxisScale();
  const yScale = useYAxisScale();
  if (!xScale || !yScale) return null;
  const { series, points } = curve;
  const placed = points.flatMap((point) => {
    const [x, y] = [xScale(point.x), yScale(point.y)];
    return x === undefined || y === undefined ? [] : [{ ...point, x, y }];
  });
  if (placed.length === 0) return null;
  const hasDots = series.style === "dots" && placed.length <= MAX_DOTS;
  const path = placed.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L");
  return (
    <g data-curve={series.key}>
      <path d={`M${path}`} fill="none" stroke={series.color} {...LINE_STYLES[series.style]} />
      {/* A line of one point would not be seen. */}
      {(hasDots || placed.length === 1) &&
        placed
          .filter(({ isCrossing }) => !isCrossing)
          .map(({ x, y }) => <circle key={x} cx={x} cy={y} r={4} fill={series.color} {...RIM} />)}
    </g>
  );
});
