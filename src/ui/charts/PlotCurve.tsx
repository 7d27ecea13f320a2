import { memo, type SVGProps } from "react";
import { useXAxisScale, useYAxisScale } from "recharts";
import type { Curve } from "./plot.ts";
import type { SeriesStyle } from "./series.ts";

const STYLES: Record<SeriesStyle, SVGProps<SVGPathElement>> = {
  faint: { strokeOpacity: 0.3 },
  line: { strokeWidth: 2 },
  dots: { strokeWidth: 1.5 },
  dashed: { strokeWidth: 1.5, strokeDasharray: "4 4" },
};

/** So that a point is seen on a line of its own colour. */
const RIM: SVGProps<SVGCircleElement> = { stroke: "var(--mantine-color-body)", strokeWidth: 1.5 };

/** With more of them they would hide the curve. */
const MAX_DOTS = 50;

/** One path through the points; with dots where there are few of them. */
export const PlotCurve = memo(function PlotCurve({ curve }: { curve: Curve }) {
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
      <path d={`M${path}`} fill="none" stroke={series.colour} {...STYLES[series.style]} />
      {/* A line of one point would not be seen. */}
      {(hasDots || placed.length === 1) &&
        placed
          .filter(({ isCrossing }) => !isCrossing)
          .map(({ x, y }) => <circle key={x} cx={x} cy={y} r={4} fill={series.colour} {...RIM} />)}
    </g>
  );
});
