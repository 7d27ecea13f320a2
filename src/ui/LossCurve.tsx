import { memo, type SVGProps } from "react";
import { useXAxisScale, useYAxisScale } from "recharts";
import type { LossRow } from "./lossRows.ts";

type CurveKind = "loss" | "train" | "validation" | "reference";

const STYLES: Record<CurveKind, SVGProps<SVGPathElement>> = {
  loss: { stroke: "var(--train)", strokeOpacity: 0.3 },
  train: { stroke: "var(--train)" },
  validation: { stroke: "var(--validation)", strokeWidth: 1.5 },
  reference: { stroke: "var(--reference)", strokeWidth: 1.5, strokeDasharray: "4 4" },
};

/** With more of them they would hide the curve. */
const MAX_DOTS = 50;

interface LossCurveProps {
  rows: LossRow[];
  kind: CurveKind;
}

/** One path through the rows that have a value; with dots where there is one value an epoch. */
export const LossCurve = memo(function LossCurve({ rows, kind }: LossCurveProps) {
  const xScale = useXAxisScale();
  const yScale = useYAxisScale();
  if (!xScale || !yScale) return null;
  const points = rows.flatMap((row) => {
    const loss = row[kind];
    if (loss === undefined) return [];
    const x = xScale(row.x);
    const y = yScale(loss);
    return x === undefined || y === undefined ? [] : [{ x, y }];
  });
  if (points.length === 0) return null;

  const hasDots = kind !== "loss" && points.length <= MAX_DOTS;
  const path = points.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L");
  return (
    <g data-curve={kind}>
      <path d={`M${path}`} fill="none" {...STYLES[kind]} />
      {hasDots &&
        points.map(({ x, y }) => (
          <circle key={x} cx={x} cy={y} r={3} fill={STYLES[kind].stroke ?? "none"} />
        ))}
    </g>
  );
});
