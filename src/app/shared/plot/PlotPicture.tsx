/**
 * How a chart is drawn. A feature has `Series` (`series.ts`): a value at each step of a run, and where the step lies on
 * the x axis. `plotOf` (`plot.ts`) turns them into a `Plot`: the part of the x axis that is shown, round numbers for both
 * axes (`axes.ts`), and at most a few hundred points a curve. `PlotPicture`, below, draws that plot, and `PlotPointer`
 * (`PlotPointer.tsx`) lies over it: there one points, zooms and reads values. Cards around both, with title, legend and
 * files, are in `shared/charts`.
 *
 * recharts draws the grid, the axes and the numbers along them, and gives the scales. The curves are our own paths on
 * these scales, since its `Line` takes more than twice as long to update; `docs/decisions/charts.md` has the
 * measurements, and what else of it was tried.
 */
import { memo, type SVGProps, use, useMemo } from "react";
import {
  CartesianGrid,
  LineChart,
  usePlotArea,
  useXAxisScale,
  useYAxisScale,
  XAxis,
  YAxis,
} from "recharts";
import type { Scale } from "../../state/slices/chartOptions.ts";
import { tickFormat, xLabel, xUnit } from "./axes.ts";
import { LINE_STYLES } from "./Legend.tsx";
import { type Curve, endName, type Plot } from "./plot.ts";
import { TextScale, usePlotInsets } from "./textScale.ts";

/** @param label for those who do not see it; they hear it also while there is no plot */
export function PlotPicture({ plot, label }: { plot: Plot | null; label: string }) {
  return (
    <div className="over" role="img" aria-label={label}>
      {plot && <Drawing plot={plot} />}
    </div>
  );
}

const FILL = { width: "100%", height: "100%" };
const AXIS = { stroke: "var(--line)" };

/**
 * Axes and curves render as a whole about once a second while a run trains, so they must be cheap: there is no animation,
 * and an axis whose numbers stay the same is not rendered. recharts compares its domain, label and margin itself.
 */
const Drawing = memo(function Drawing({ plot }: { plot: Plot }) {
  const { xKind, xName, xScale, yScale, yUnit, yDomain, curves, hasEndNames } = plot;
  const { from, to } = plot.window;
  const xTicks = useSame(plot.xTicks);
  const yTicks = useSame(plot.yTicks);
  const formatX = useTickFormat(xTicks, { scale: xScale, unit: xUnit(xKind, plot.window, xScale) });
  const formatY = useTickFormat(yTicks, { scale: yScale, unit: yUnit.size });
  // The x axis has no scale without data.
  const ends = useMemo(() => [{ x: from }, { x: to }], [from, to]);
  const { top, right, bottom, left } = usePlotInsets(plot);
  const textScale = use(TextScale);
  const tick = useMemo(
    () => ({ fill: "var(--mantine-color-dimmed)", fontSize: 11 * textScale }),
    [textScale],
  );
  const label = xName ?? xLabel(xKind, plot.window, xScale, plot.epochWord);
  return (
    // Its layers listen for the focus, which would make each a nameless stop of the Tab key.
    <div style={FILL} inert>
      <LineChart
        responsive
        style={FILL}
        data={ends}
        margin={{ top, right, bottom: 0, left: 0 }}
        accessibilityLayer={false}
      >
        <CartesianGrid vertical={false} syncWithTicks stroke="var(--line)" />
        <XAxis
          dataKey="x"
          type="number"
          scale={xScale}
          domain={[from, to]}
          allowDataOverflow
          ticks={xTicks}
          interval={xScale === "log" ? "preserveStart" : "equidistantPreserveStart"}
          tick={tick}
          tickLine={false}
          axisLine={AXIS}
          tickFormatter={formatX}
          label={{ value: label, position: "insideBottom", offset: 6, ...tick }}
          height={bottom}
        />
        <YAxis
          type="number"
          scale={yScale}
          domain={yDomain}
          allowDataOverflow
          ticks={yTicks}
          interval={0}
          tick={tick}
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

/** Returns the same array as long as its numbers are equal. */
function useSame(numbers: number[]): number[] {
  const text = JSON.stringify(numbers);
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

/** More dots would hide the curve. */
const MAX_DOTS = 50;

/** A curve is one path through its points, with a dot at each where there are few of them. */
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

/** From one name to the next below it, in pixels. */
const LINE_HEIGHT = 11.5;

/**
 * The name of each curve stands beside its end, in its color; where some curves have dots, only these are named.
 * recharts writes a label at each point, and has none that make room for each other.
 */
function EndNames({ curves }: { curves: Curve[] }) {
  const area = usePlotArea();
  const textScale = use(TextScale);
  const yScale = useYAxisScale();
  if (!area || !yScale) return null;
  const dotted = curves.filter(
    ({ series, points }) => series.style === "dots" && points.length > 0,
  );
  const ends = (dotted.length > 0 ? dotted : curves).flatMap(({ series, points }) => {
    const y = yScale(points.at(-1)?.y);
    return y === undefined || Number.isNaN(y) ? [] : [{ series, y }];
  });
  const places = spreadOut(
    ends.map(({ y }) => y),
    { gap: LINE_HEIGHT * textScale, from: area.y + 4, to: area.y + area.height - 4 },
  );
  const left = area.x + area.width;
  return (
    <g data-names>
      {ends.map(({ series, y }, i) => (
        <g key={series.key}>
          <path
            d={`M${left + 2} ${y}L${left + 9} ${places[i]}`}
            stroke={series.color}
            fill="none"
          />
          <text
            x={left + 11}
            y={(places[i] as number) + 3.5 * textScale}
            fontSize={10 * textScale}
            fontWeight={600}
            fill={series.color}
          >
            {endName(series)}
          </text>
        </g>
      ))}
    </g>
  );
}

/** A room is a stretch of an axis, in pixels, and how far apart what stands in it has to be. */
interface Room {
  gap: number;
  from: number;
  to: number;
}

/**
 * Moves places as little as may be, so that they are `gap` apart, in their order and within the room; they are closer
 * together where there is not enough of it.
 */
export function spreadOut(wanted: readonly number[], { gap, from, to }: Room): number[] {
  const order = wanted
    .map((_, i) => i)
    .sort((a, b) => (wanted[a] as number) - (wanted[b] as number));
  const fitting = wanted.length > 1 ? Math.min(gap, (to - from) / (wanted.length - 1)) : gap;
  const places = new Array<number>(wanted.length);
  let least = from;
  for (const i of order) {
    places[i] = Math.max(wanted[i] as number, least);
    least = (places[i] as number) + fitting;
  }
  let most = to;
  for (const i of order.toReversed()) {
    places[i] = Math.min(places[i] as number, most);
    most = (places[i] as number) - fitting;
  }
  return places;
}
