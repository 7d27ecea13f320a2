import { Text } from "@mantine/core";
import { useMemo } from "react";
import { useStore } from "zustand";
import { formatCount } from "../../../runtime/format.ts";
import { PlotCard } from "../../shared/charts/ChartCard.tsx";
import { OTHER_AXIS, type Plot, plotOf } from "../../shared/plot/plot.ts";
import classes from "./Plane.module.css";
import { usePlane } from "./PlaneView.tsx";
import { COUNT, type PlaneMeasures } from "./planeState.ts";

const CURVES = [
  { key: "wasserstein", name: "sliced Wasserstein", color: "var(--run-1)" },
  { key: "chamfer", name: "Chamfer", color: "var(--run-2)" },
] as const;

/** How near the drawn points are to the data, as training goes on; nothing before there is a run. */
export function PlaneMeasuresCard() {
  const slice = usePlane();
  const measures = useStore(slice, (state) => state.measures);
  const measured = useStore(slice, (state) => state.measured);
  const plot = useMemo(() => measuresPlot(measures), [measures]);
  return (
    <div className={classes.measures}>
      {measures.length > 1 && (
        <PlotCard
          title="Distance to new data"
          detail="times that of new data to itself"
          note={{
            title: "Distance to new data",
            text: "How far the drawn points are from data that the network has not seen, divided by how far two sets of such data are from each other by chance: 1 is as good as it gets. The sliced Wasserstein distance looks from 64 directions and compares the points in their order; it is squared. The Chamfer distance goes from each point to the nearest of the other set. While a run trains, 300 points in 8 steps are measured, which are rough; below stands what all points reach.",
          }}
          plot={plot}
          files={{
            name: "two-dimensions",
            csv: () => measuresCsv(measures),
            json: () => JSON.stringify(measures),
          }}
          numbers={() => ({
            columns: ["Step", "Sliced Wasserstein", "Chamfer", "Straightness"],
            rows: measures.map((at) => [
              String(at.step),
              at.wasserstein.toFixed(2),
              at.chamfer.toFixed(2),
              at.straightness.toFixed(3),
            ]),
          })}
        />
      )}
      {measured && (
        <Text size="sm" mt={6}>
          {measuredWords(measured)}
        </Text>
      )}
    </div>
  );
}

/** `2,000 points are 1.2 times as far from new data as new data is from itself (sliced Wasserstein; Chamfer 1.1).` */
function measuredWords({ wasserstein, chamfer, straightness }: PlaneMeasures): string {
  const straight = straightness.toFixed(2);
  return `${formatCount(COUNT)} points are ${wasserstein.toFixed(1)} times as far from new data as new data is from itself (sliced Wasserstein, squared; Chamfer ${chamfer.toFixed(1)}). Their ways are ${straight} straight; 1 is a straight line.`;
}

function measuresPlot(measures: readonly PlaneMeasures[]): Plot {
  const steps = measures.map(({ step }) => step);
  const series = CURVES.map(({ key, name, color }) => ({
    key,
    name,
    color,
    style: "line" as const,
    steps,
    xs: steps,
    values: measures.map((at) => at[key]),
  }));
  return plotOf(series, {
    ...OTHER_AXIS,
    xName: "Training step",
    xScale: "linear",
    window: { from: 0, to: Math.max(1, steps.at(-1) ?? 1) },
    yScale: "log",
    hasEndNames: true,
  });
}

function measuresCsv(measures: readonly PlaneMeasures[]): string {
  const rows = measures.map(({ step, wasserstein, chamfer, straightness }) =>
    [step, wasserstein, chamfer, straightness].join(","),
  );
  return ["step,sliced_wasserstein_ratio,chamfer_ratio,straightness", ...rows, ""].join("\n");
}
