import { usePlotArea, useYAxisScale } from "recharts";
import { type Curve, endName } from "./plot.ts";

/** In pixels, of one name below the other. */
const LINE_HEIGHT = 11.5;

/** The name of each curve beside its end, in its color; where some have dots, of those. */
export function EndNames({ curves }: { curves: Curve[] }) {
  const area = usePlotArea();
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
    { gap: LINE_HEIGHT, from: area.y + 4, to: area.y + area.height - 4 },
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
            y={(places[i] as number) + 3.5}
            fontSize={10}
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

/** A stretch of an axis, in pixels, and how far apart what is on it has to be at least. */
interface Room {
  gap: number;
  from: number;
  to: number;
}

/**
 * Places as near as may be to those wanted, in the same order, `gap` apart and within the room;
 * closer where there is not enough of it.
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
