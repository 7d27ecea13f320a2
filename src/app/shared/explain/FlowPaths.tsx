import { useMemo } from "react";
import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { evenIndices } from "../../../engine/config/snapshotSteps.ts";
import { validateConfig } from "../../../engine/config/validate.ts";
import type { ObjectiveId } from "../../../engine/diffusion/objectives.ts";
import { createSchedule } from "../../../engine/diffusion/schedule.ts";
import { useAppState } from "../AppContext.ts";
import classes from "./Notes.module.css";

const SIZE = 120;
const [LEFT, BOTTOM] = [46, 148];
const NUM_POINTS = 21;

/** Straight first, so that the curve is drawn over it where both end. */
const PATHS = [
  { objective: "flow", color: "var(--run-2)" },
  { objective: "v", color: "var(--run-1)" },
] as const satisfies { objective: ObjectiveId; color: string }[];

/** Points of the drawing at even t: to the right the share of x0 in x_t, upward that of eps. */
function pointsOf(config: RunConfig, objective: ObjectiveId): { x: number; y: number }[] {
  const { signals, noises, numTimesteps } = createSchedule({ ...config, objective });
  return evenIndices(numTimesteps, NUM_POINTS).map((t) => ({
    x: LEFT + SIZE * (signals[t] as number),
    y: BOTTOM - SIZE * (noises[t] as number),
  }));
}

/** The ways of x_t from x0 to eps: straight for flow, bent for v, with T and noise schedule of the settings. */
export default function FlowPaths() {
  const config = useAppState((state) => state.config);
  const paths = useMemo(() => {
    const errors = validateConfig(config);
    if (errors.timesteps || errors.betaSchedule) return [];
    return PATHS.map((path) => ({ ...path, points: pointsOf(config, path.objective) }));
  }, [config]);
  return (
    <svg
      className={classes.angle}
      viewBox="-10 0 260 172"
      role="img"
      aria-label="From x₀ to ε: flow goes along a straight line, v along a quarter circle; dots are even in t"
    >
      <path
        d={`M${LEFT} ${BOTTOM - SIZE - 14}V${BOTTOM}H${LEFT + SIZE + 14}`}
        fill="none"
        stroke="var(--mantine-color-dimmed)"
      />
      {paths.map(({ objective, color, points }) => (
        <g key={objective} fill={color} data-path={objective}>
          <polyline
            points={points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ")}
            fill="none"
            stroke={color}
            strokeWidth={1.5}
          />
          {points.map(({ x, y }) => (
            <circle key={y} cx={x} cy={y} r={2.2} />
          ))}
        </g>
      ))}
      <text x={LEFT + SIZE + 20} y={BOTTOM + 4}>
        x₀
      </text>
      <text x={LEFT - 8} y={BOTTOM - SIZE} textAnchor="end">
        ε
      </text>
      <text x={LEFT + SIZE * 0.42} y={BOTTOM - SIZE * 0.36} textAnchor="end">
        flow
      </text>
      <text x={LEFT + SIZE * 0.78} y={BOTTOM - SIZE * 0.74}>
        v
      </text>
    </svg>
  );
}
