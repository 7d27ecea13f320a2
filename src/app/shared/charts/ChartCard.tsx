/**
 * The cards that charts stand in. `series/charts.ts` says which charts there are and how each looks, `series/runSeries.ts`
 * and `series/groupSeries.ts` turn a run into the series that they draw, and `shared/plot` draws these. A card adds the
 * title, the note and the menu of files (`ChartFrame.tsx`), the legend, and words where there is nothing to see yet.
 */
import { Button, Group } from "@mantine/core";
import { type ReactNode, useEffect, useMemo, useRef } from "react";
import type { EpochWord } from "../../../runtime/format.ts";
import type { XKind, XWindow } from "../../state/slices/chartOptions.ts";
import { cursorStep } from "../../state/slices/cursor.ts";
import { useApp, useAppState } from "../AppContext.ts";
import type { NoteName } from "../explain/notes.ts";
import { LegendEntry } from "../plot/Legend.tsx";
import { PlotPicture } from "../plot/PlotPicture.tsx";
import { CursorPlace, PlotPointer, Readout } from "../plot/PlotPointer.tsx";
import { contentOf, type Plot, plotOf } from "../plot/plot.ts";
import type { Series } from "../plot/series.ts";
import classes from "./ChartCard.module.css";
import { ChartFrame, type ChartFrameProps } from "./ChartFrame.tsx";
import { chartCsv, chartJson, chartNumbers } from "./chartFiles.ts";
import { type Chart, formatOf } from "./series/charts.ts";

export interface ChartCardProps {
  chart: Chart;
  size: keyof typeof SIZES;
  /** What its files are named after. */
  name: string;
  series: readonly Series[];
  xKind: XKind;
  epochWord?: EpochWord;
  /** All of the x axis, which the charts of a page share. */
  whole: XWindow;
  /** In place of axes and curves, while there are no values: what will be seen, and when. */
  empty: ReactNode;
  className?: string | undefined;
}

/** Most points of a curve, and about how many ticks there is room for. */
const SIZES = {
  large: { maxPoints: 400, numXTicks: 7, numYTicks: 5 },
  small: { maxPoints: 160, numXTicks: 4, numYTicks: 3 },
};

/** The chart of one run or of several has a legend with the values at the cursor, and files. */
export function ChartCard(props: ChartCardProps) {
  const { chart, size, name, series, xKind, epochWord = "epoch", whole, empty, className } = props;
  const { title, note, metrics } = chart;
  const { format, units } = formatOf(chart);
  const help = metrics[0]?.help;
  const { store } = useApp();
  const { x, xScale, yScale, zoom: zoomOfX } = useAppState((state) => state.charts);
  // A window is in the unit of the axis that was chosen.
  const zoom = x === xKind ? zoomOfX : null;
  const zoomTo = (window: XWindow | null) =>
    store.setState(({ charts }) => ({ charts: { ...charts, zoom: window } }));
  const plotArea = useRef<HTMLDivElement>(null);
  const plot = useMemo(
    () =>
      plotOf(series, {
        xKind,
        epochWord,
        xScale,
        yScale: chart.isLog ? yScale : "linear",
        fromZero: !chart.isLog,
        yReaches: chart.reaches,
        cutsSpikes: chart.metrics.some(({ isTimed }) => isTimed),
        yUnits: formatOf(chart).units,
        window: zoom ?? whole,
        // The curves of lists are named at their ends, in place of a legend.
        hasEndNames: chart.metrics.length === 0,
        ...SIZES[size],
      }),
    [series, chart, xKind, epochWord, xScale, yScale, zoom, whole, size],
  );
  const content = contentOf(plot, zoom !== null);
  const hasCurves = content === "curves";
  // The button that shows all is no longer there then: the keyboard goes on in the chart.
  const focusesNext = useRef(false);
  useEffect(() => {
    if (!hasCurves || !focusesNext.current) return;
    focusesNext.current = false;
    plotArea.current?.querySelector<HTMLElement>("[role=slider]")?.focus();
  }, [hasCurves]);
  const showAll = () => {
    focusesNext.current = true;
    zoomTo(null);
  };
  return (
    <ChartFrame
      title={title}
      detail={units && plot.yUnit.name}
      note={(note as NoteName) ?? (help && { title, text: help })}
      size={size}
      className={className}
      end={size === "large" && !plot.hasEndNames && <CursorPlace plot={plot} />}
      files={{
        name,
        isEmpty: series.every(({ steps }) => steps.length === 0),
        csv: () => chartCsv(series, xKind),
        json: () => chartJson(title, series, xKind),
      }}
      numbers={() => chartNumbers(series, xKind, format)}
    >
      {plot.hasEndNames ? (
        <Group className={classes.endNames} justify="space-between" pe={34} c="dimmed">
          <CursorPlace plot={plot} />
          {/* Over the names of the curves, beside the plot. */}
          {hasCurves && <span>{chart.listOf}</span>}
        </Group>
      ) : (
        <Readout className={`${classes.readout}`} plot={plot} format={format} />
      )}
      <div ref={plotArea} className={classes.plot}>
        <PlotPicture
          plot={content === "nothing" ? null : plot}
          label={formatPicture(title, format, series)}
        />
        {hasCurves && (
          <PlotPointer
            title={title}
            plot={plot}
            format={format}
            cursor={cursorStep}
            zoom={{ whole, to: zoomTo }}
          />
        )}
        {content === "elsewhere" && (
          <div className={`over ${classes.empty}`} data-axis>
            No values in this part of the run.
            <Button data-undrawn onClick={showAll}>
              Show all
            </Button>
          </div>
        )}
        {content === "nothing" && <div className={`over ${classes.empty}`}>{empty}</div>}
      </div>
    </ChartFrame>
  );
}

function formatPicture(
  title: string,
  format: (value: number) => string,
  series: readonly Series[],
): string {
  const newest = series.flatMap(({ name, values }) => {
    const value = values.findLast(Number.isFinite);
    return value === undefined ? [] : [`${name} ${format(value)}`];
  });
  return newest.length > 0 ? `${title}: ${newest.join(", ")}` : `${title}: nothing yet`;
}

interface PlotCardProps extends ChartFrameProps {
  /** Null while there is nothing to see. */
  plot: Plot | null;
  files: NonNullable<ChartFrameProps["files"]>;
}

/** A chart of something else than the training has a legend and files, too, and no cursor; its children lie over the plot. */
export function PlotCard({ plot, files, children, ...frame }: PlotCardProps) {
  const series = plot?.series ?? [];
  const names = series.map(({ name }) => name).join(", ");
  return (
    <ChartFrame size="large" files={{ ...files, isEmpty: plot === null }} {...frame}>
      <Group className={classes.readout} gap="0 14px" align="flex-start" c="dimmed">
        {series.map((each) => (
          <LegendEntry key={each.key} series={each} />
        ))}
      </Group>
      <div className={classes.plot}>
        <PlotPicture plot={plot} label={`${frame.title}: ${names || "nothing yet"}`} />
        {children}
      </div>
    </ChartFrame>
  );
}
