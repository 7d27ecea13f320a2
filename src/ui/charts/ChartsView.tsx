import { useDeferredValue, useMemo } from "react";
import type { XKind, XWindow } from "../../store/chartOptions.ts";
import type { Run } from "../../store/run.ts";
import type { AppState } from "../../store/state.ts";
import { useApp, useAppState, useThrottledState } from "../AppContext.ts";
import { ExportRun } from "../ExportRun.tsx";
import { hasSteps } from "./assignmentRun.ts";
import { wholeWindow } from "./axes.ts";
import { BucketCard } from "./BucketCard.tsx";
import { ChartCard } from "./ChartCard.tsx";
import { ChartsBar } from "./ChartsBar.tsx";
import classes from "./ChartsView.module.css";
import {
  FIGURE_KINDS,
  FIGURES,
  LOSS,
  LOSS_BY_TIMESTEP,
  QUALITY_CHARTS,
  QUALITY_KINDS,
} from "./chartKinds.ts";
import { qualitySeries } from "./qualitySeries.ts";
import { runAxis } from "./runAxis.ts";
import { assignmentAlone, bucketSeries, figureSeries, lossSeries } from "./runSeries.ts";

/** Up to ten charts at once: seldom enough that training beside them keeps its pace. */
const INTERVAL_MS = 1000;
const selectRun = (state: AppState) => state.run;

/** All that a run tells of its training, over one x axis. */
export default function ChartsView() {
  const run = useThrottledState(selectRun, INTERVAL_MS);
  return (
    <div className={classes.view}>
      <ChartsBar title="Charts">{run && <ExportRun runId={run.runId} />}</ChartsBar>
      <Charts run={run} />
    </div>
  );
}

function Charts({ run }: { run: Run | null }) {
  const { store } = useApp();
  const chosen = useAppState((state) => state.charts);
  const smoothing = useDeferredValue(chosen.smoothing);
  const isRun = hasSteps(run);
  // The assignment's has no times.
  const x = !isRun && chosen.x === "time" ? "epoch" : chosen.x;
  const { loss, buckets, figures, quality } = useMemo(
    () => seriesOf(run, x, smoothing),
    [run, x, smoothing],
  );
  const { xScale, yScale, zoom } = chosen;
  const { from, to } = wholeWindow(loss, xScale);
  const whole = useMemo(() => ({ from, to }), [from, to]);
  const scaleOf = ({ hasScale }: { hasScale: boolean }) => (hasScale ? yScale : "linear");
  const shared = {
    name: run?.name ?? "assignment",
    options: { x, xScale, zoom: x === chosen.x ? zoom : null },
    whole,
    onZoom: (window: XWindow | null) =>
      store.setState(({ charts }) => ({ charts: { ...charts, zoom: window } })),
  };
  const isMeasured = run !== null && hasQuality(run);
  return (
    <div className={classes.grid} data-measured={isMeasured || undefined}>
      <ChartCard
        {...shared}
        kind={{ ...LOSS, yScale: scaleOf(LOSS) }}
        className={classes.loss}
        series={loss}
        empty="Appears after the first step"
      />
      <ChartCard
        {...shared}
        kind={{ ...LOSS_BY_TIMESTEP, yScale: scaleOf(LOSS_BY_TIMESTEP) }}
        className={classes.buckets}
        series={buckets}
        empty={
          isRun ? "Appears after the first epoch" : "By how noisy the image is, after each epoch"
        }
      />
      <BucketCard run={run} name={shared.name} />
      {isMeasured &&
        QUALITY_CHARTS.map((which, i) => (
          <ChartCard
            key={which}
            {...shared}
            kind={{ ...QUALITY_KINDS[which], yScale: "linear" }}
            className={classes.quality}
            series={quality[i] ?? []}
            empty={unmeasuredWords(run)}
          />
        ))}
      {FIGURES.map((figure, i) => (
        <ChartCard
          key={figure}
          {...shared}
          kind={{ ...FIGURE_KINDS[figure], yScale: scaleOf(FIGURE_KINDS[figure]) }}
          className={classes.figure}
          series={figures[i] ?? []}
          empty={isRun ? "Not recorded for this run" : "Appears after the first step"}
        />
      ))}
    </div>
  );
}

/** Whether samples are measured after its epochs, or were. */
function hasQuality({ config, epochs }: Run): boolean {
  return config.evaluateEvery > 0 || epochs.some(({ quality }) => quality !== undefined);
}

/** In place of figures. */
function unmeasuredWords({ config: { evaluateEvery, epochs: numEpochs }, epochs }: Run): string {
  const first = Math.min(evaluateEvery, numEpochs);
  return epochs.length < first ? `Measured after epoch ${first}` : "Nothing was measured";
}

function seriesOf(run: Run | null, x: XKind, smoothing: number) {
  if (!hasSteps(run)) {
    const loss = assignmentAlone(x === "time" ? "epoch" : x);
    return { loss, buckets: [], figures: [], quality: [] };
  }
  const drawing = { run, axis: runAxis(run, x), smoothing };
  return {
    loss: lossSeries(drawing),
    buckets: bucketSeries(drawing),
    figures: FIGURES.map((figure) => figureSeries(figure, drawing)),
    quality: QUALITY_CHARTS.map((which) =>
      qualitySeries(which, { epochs: run.epochs, axis: drawing.axis }),
    ),
  };
}
