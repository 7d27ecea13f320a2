import { SegmentedControl } from "@mantine/core";
import { useMemo, useState } from "react";
import type { XKind, XWindow } from "../../store/chartOptions.ts";
import type { ComparedRun } from "../../store/comparison.ts";
import { useApp, useAppState } from "../AppContext.ts";
import { wholeWindow } from "../charts/axes.ts";
import { ChartCard } from "../charts/ChartCard.tsx";
import { LOSS } from "../charts/chartKinds.ts";
import { formatRate } from "../format.ts";
import classes from "./CompareView.module.css";
import { compareSeries, FIGURES, type Figure } from "./compareSeries.ts";

const FIGURE_CHOICES = Object.entries(FIGURES).map(([value, label]) => ({ value, label })) as {
  value: Figure;
  label: string;
}[];
const X_CHOICES: { value: XKind; label: string }[] = [
  { value: "step", label: "Step" },
  { value: "epoch", label: "Epoch" },
  { value: "time", label: "Time" },
];

const { note: _, ...OTHER } = LOSS;

/** One figure of all runs, drawn as all charts are. */
export function CompareChart({ runs }: { runs: readonly ComparedRun[] }) {
  const { store } = useApp();
  const { x, xScale, yScale, smoothing, zoom } = useAppState((state) => state.charts);
  const [figure, setFigure] = useState<Figure>("loss");
  const series = useMemo(
    () => compareSeries(runs, { figure, x, smoothing }),
    [runs, figure, x, smoothing],
  );
  const whole = useMemo(() => wholeWindow(series, xScale), [series, xScale]);
  const change = (changes: { x: XKind; zoom: null } | { zoom: XWindow | null }) =>
    store.setState(({ charts }) => ({ charts: { ...charts, ...changes } }));
  const isRate = figure === "stepMs" || figure === "learningRate";
  return (
    <div className={classes.chart}>
      <div className={classes.chartHead}>
        <SegmentedControl
          size="xs"
          aria-label="What is compared"
          data={FIGURE_CHOICES}
          value={figure}
          onChange={setFigure}
        />
        <SegmentedControl
          size="xs"
          aria-label="What the curves are drawn over"
          data={X_CHOICES}
          value={x}
          onChange={(to) => change({ x: to, zoom: null })}
        />
      </div>
      <ChartCard
        kind={{
          ...(figure === "loss" ? LOSS : OTHER),
          title: FIGURES[figure],
          format: figure === "loss" ? LOSS.format : formatRate,
          yScale: isRate ? "linear" : yScale,
          fromZero: isRate,
        }}
        name="comparison"
        className={classes.chartCard}
        series={series}
        options={{ x, xScale, zoom }}
        whole={whole}
        onZoom={(to) => change({ zoom: to })}
        empty="None of these runs has made a step"
      />
    </div>
  );
}
