import { memo, useDeferredValue, useMemo } from "react";
import { formatLoss } from "../../../runtime/format.ts";
import { useAppState } from "../../shared/AppContext.ts";
import { formatAssignmentLoss } from "../../shared/charts/series/assignmentRun.ts";
import { lossSeries, runAxis } from "../../shared/charts/series/runSeries.ts";
import { wholeWindow } from "../../shared/plot/axes.ts";
import { PlotPicture } from "../../shared/plot/PlotPicture.tsx";
import { PlotPointer, PointedValues } from "../../shared/plot/PlotPointer.tsx";
import { plotOf } from "../../shared/plot/plot.ts";
import { pointedStep } from "../../state/slices/cursor.ts";
import type { Run } from "../../state/slices/run.ts";

/** A chart of this size has pixels for so many points. */
const SIZE = { maxPoints: 160, numXTicks: 6, numYTicks: 5 };

/** Loss over training steps, of the whole run. */
function LossChart({ run }: { run: Run }) {
  const yScale = useAppState((state) => state.charts.yScale);
  const smoothing = useDeferredValue(useAppState((state) => state.charts.smoothing));
  const series = useMemo(
    () => lossSeries({ run, axis: runAxis(run, "step"), smoothing }),
    [run, smoothing],
  );
  const plot = useMemo(
    () =>
      plotOf(series, {
        xKind: "step",
        xScale: "linear",
        yScale,
        fromZero: true,
        cutsSpikes: false,
        ...SIZE,
        window: wholeWindow(series, "linear"),
      }),
    [series, yScale],
  );
  return (
    <>
      <PlotPicture plot={plot} label={formatAssignmentLoss(run)} />
      <PlotPointer title="Loss" plot={plot} format={formatLoss} cursor={pointedStep} zoom={null} />
      <PointedValues plot={plot} format={formatLoss} />
    </>
  );
}

export default memo(LossChart);
