import { SegmentedControl } from "@mantine/core";
import { useDeferredValue, useMemo } from "react";
import { rewriteAddress } from "../../store/address.ts";
import type { XWindow } from "../../store/chartOptions.ts";
import {
  COMPARED_FIGURES,
  type ComparedFigure,
  type ComparedRun,
  type TrainingFigure,
  withFigure,
} from "../../store/comparison.ts";
import { useApp, useAppState } from "../AppContext.ts";
import { wholeWindow } from "../charts/axes.ts";
import { ChartCard } from "../charts/ChartCard.tsx";
import { FIGURE_KINDS, type Kind, LOSS, QUALITY_KINDS } from "../charts/chartKinds.ts";
import classes from "./CompareView.module.css";
import { compareSeries } from "./compareSeries.ts";
import { TimestepChart } from "./TimestepChart.tsx";

/** In place of curves: why there are none. */
function emptyWords(runs: readonly ComparedRun[], figure: TrainingFigure): string {
  if (!runs.some(({ steps }) => steps.length > 0)) return "None of these runs has made a step yet";
  return figure in QUALITY_KINDS
    ? "None of these runs was measured. Turn on “Measure every” to measure samples after epochs."
    : "Not recorded for these runs";
}

const KINDS: Record<TrainingFigure, Kind> = {
  loss: LOSS,
  ...QUALITY_KINDS,
  ...FIGURE_KINDS,
};
const CHOICES = COMPARED_FIGURES.map((value) => ({ value, label: choiceWords(value) }));

/** Short, so that all of them stand in one line. */
function choiceWords(figure: ComparedFigure): string {
  if (figure === "timestepLoss") return "Loss by timestep";
  return figure === "frechetDistance" ? "Distance" : KINDS[figure].title;
}

/** One figure of all runs. */
export function CompareChart({ runs }: { runs: readonly ComparedRun[] }) {
  const { store } = useApp();
  const figure = useAppState((state) => state.comparison.figure);
  const choose = (to: ComparedFigure) => {
    store.setState(({ comparison }) => ({ comparison: { ...comparison, figure: to } }));
    rewriteAddress((query) => withFigure(query, to));
  };
  return (
    <div className={classes.chart}>
      <div className={classes.figures}>
        <SegmentedControl
          size="xs"
          aria-label="What is compared"
          data={CHOICES}
          value={figure}
          onChange={choose}
        />
      </div>
      {figure === "timestepLoss" ? (
        <TimestepChart runs={runs} />
      ) : (
        <TrainingChart runs={runs} figure={figure} />
      )}
    </div>
  );
}

interface TrainingChartProps {
  runs: readonly ComparedRun[];
  figure: TrainingFigure;
}

/** Over the training, drawn as all charts are. */
function TrainingChart({ runs, figure }: TrainingChartProps) {
  const { store } = useApp();
  const { x, xScale, yScale, smoothing: chosen, zoom } = useAppState((state) => state.charts);
  const smoothing = useDeferredValue(chosen);
  const series = useMemo(
    () => compareSeries(runs, { figure, x, smoothing }),
    [runs, figure, x, smoothing],
  );
  const whole = useMemo(() => wholeWindow(series, xScale), [series, xScale]);
  const kind = KINDS[figure];
  return (
    <ChartCard
      kind={{ ...kind, size: "large", yScale: kind.hasScale ? yScale : "linear" }}
      name="comparison"
      className={classes.chartCard}
      series={series}
      options={{ x, xScale, zoom }}
      whole={whole}
      onZoom={(to: XWindow | null) =>
        store.setState(({ charts }) => ({ charts: { ...charts, zoom: to } }))
      }
      empty={emptyWords(runs, figure)}
    />
  );
}
