import { memo, type SVGProps, useMemo } from "react";
import { CartesianGrid, LineChart, useXAxisScale, useYAxisScale, XAxis, YAxis } from "recharts";
import type { Scale, XKind } from "../../state/slices/chartOptions.ts";
import { EndNames } from "./EndNames.tsx";
import classes from "./Plot.module.css";
import {
  BOTTOM_MARGIN,
  type Curve,
  type Plot,
  plotInsets,
  X_AXIS_HEIGHT,
  Y_AXIS_WIDTH,
} from "./plot.ts";
import type { SeriesStyle } from "./series.ts";
import { tickFormat } from "./ticks.ts";
import { xLabel, xUnit } from "./xWords.ts";

interface PlotPictureProps {
  plot: Plot;
  xKind: XKind;
  /** What is on the x axis, where that is not the training. */
  xName?: string;
  /** Whether the curves are named at their ends. */
  hasEndNames: boolean;
}

const FILL = { width: "100%", height: "100%" };
const TICK = { fill: "var(--mantine-color-dimmed)", fontSize: 11 };
const AXIS = { stroke: "var(--line)" };

/**
 * Axes and curves. It renders as a whole about once a second, so it must be cheap: no animation, few
 * points, and no curves of the chart's own: it gives the scales, and each curve is one path.
 */
export const PlotPicture = memo(function PlotPicture({
  plot,
  xKind,
  xName,
  hasEndNames,
}: PlotPictureProps) {
  const { xScale, yScale, yUnit, curves } = plot;
  // Round, so that the axes stand still, and need no rendering, for many a step.
  const window = useSame(plot.window);
  const xTicks = useSame(plot.xTicks);
  const yTicks = useSame(plot.yTicks);
  const yDomain = useSame(plot.yDomain);
  const margin = useMemo(() => {
    const { top, right } = plotInsets(hasEndNames);
    return { top, right, bottom: BOTTOM_MARGIN, left: 0 };
  }, [hasEndNames]);
  const xDomain = useMemo(() => [window.from, window.to], [window]);
  // The x axis has no scale without data.
  const ends = useMemo(() => xDomain.map((x) => ({ x })), [xDomain]);
  const label = useMemo(
    () => ({
      value: xName ?? xLabel(xKind, window, xScale),
      position: "insideBottom" as const,
      offset: 4,
      ...TICK,
    }),
    [xKind, xName, window, xScale],
  );
  const formatX = useTickFormat(xTicks, { scale: xScale, unit: xUnit(xKind, window, xScale) });
  const formatY = useTickFormat(yTicks, { scale: yScale, unit: yUnit.size });
  return (
    // Its layers listen for the focus, which would make each a nameless stop of the Tab key.
    <div className={classes.still} inert>
      <LineChart responsive style={FILL} data={ends} margin={margin} accessibilityLayer={false}>
        <CartesianGrid vertical={false} syncWithTicks stroke="var(--line)" />
        <XAxis
          dataKey="x"
          type="number"
          scale={xScale}
          domain={xDomain}
          allowDataOverflow
          ticks={xTicks}
          interval="preserveStart"
          tick={TICK}
          tickLine={false}
          axisLine={AXIS}
          tickFormatter={formatX}
          label={label}
          height={X_AXIS_HEIGHT}
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
          width={Y_AXIS_WIDTH}
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

const STYLES: Record<SeriesStyle, SVGProps<SVGPathElement>> = {
  faint: { strokeOpacity: 0.3 },
  line: { strokeWidth: 2 },
  dots: { strokeWidth: 1.5 },
  dashed: { strokeWidth: 1.5, strokeDasharray: "4 4" },
};

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
      <path d={`M${path}`} fill="none" stroke={series.color} {...STYLES[series.style]} />
      {/* A line of one point would not be seen. */}
      {(hasDots || placed.length === 1) &&
        placed
          .filter(({ isCrossing }) => !isCrossing)
          .map(({ x, y }) => <circle key={x} cx={x} cy={y} r={4} fill={series.color} {...RIM} />)}
    </g>
  );
});
