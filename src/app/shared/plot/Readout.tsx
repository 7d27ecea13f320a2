import { Text } from "@mantine/core";
import { formatCount } from "../../../runtime/format.ts";
import { cursorStep, pointedStep } from "../../state/slices/cursor.ts";
import { useAppState } from "../AppContext.ts";
import { LegendEntry } from "./Legend.tsx";
import type { Plot } from "./plot.ts";
import classes from "./Readout.module.css";
import { cursorX, newestStep, pointAt, type Series } from "./series.ts";
import { positionWords } from "./xWords.ts";

/** Where the cursor is, or the newest step that is shown. */
export function CursorPlace({ plot }: { plot: Plot }) {
  const step = useShownStep(plot);
  return (
    <Text span size="xs" lh="inherit" style={{ whiteSpace: "nowrap" }}>
      {step !== null && positionWords(step, cursorX(plot.series, step), plot.xKind, plot.epochWord)}
    </Text>
  );
}

interface ReadoutProps {
  plot: Plot;
  format: (value: number) => string;
}

/**
 * The legend of a chart with the value of each series at the cursor, or the newest that is shown. It
 * stands still: each value has its room.
 */
export function Readout({ plot, format, className }: ReadoutProps & { className?: string }) {
  const { series } = plot;
  const step = useShownStep(plot);
  const mayEnd = ({ style, isSparse }: Series) => style !== "dots" && !isSparse;
  const ends = series.filter(mayEnd).map(({ steps }) => steps.at(-1));
  const mayEndBefore = new Set(ends).size > 1;
  return (
    <div className={`${classes.readout} ${className}`}>
      {series.map((each) => {
        const point = step === null ? null : pointAt(each, step);
        const last = each.steps.at(-1) ?? 0;
        const hasEnded = step !== null && step > last;
        return (
          <LegendEntry key={each.key} series={each} data-entry={each.key}>
            <b className={classes.value}>{point ? format(point.value) : "–"}</b>
            {/* Of runs side by side one may be shorter: its last value is not one of this step. */}
            {mayEndBefore && mayEnd(each) && (
              <span style={{ visibility: hasEnded ? "visible" : "hidden" }}>
                at {formatCount(last)}
              </span>
            )}
          </LegendEntry>
        );
      })}
    </div>
  );
}

function useShownStep({ series, window }: Plot): number | null {
  return useAppState(cursorStep) ?? newestStep(series, window);
}

/** The values at the pointer, in a corner of a chart whose legend has no room for them. */
export function PointedValues({ plot, format }: ReadoutProps) {
  const step = useAppState(pointedStep);
  if (step === null) return null;
  return (
    <div className={`box ${classes.pointed}`} aria-hidden>
      <b>{positionWords(step, cursorX(plot.series, step), plot.xKind, plot.epochWord)}</b>
      {plot.series.map((each) => {
        const point = pointAt(each, step);
        return (
          point && (
            <LegendEntry key={each.key} series={each}>
              <span>{format(point.value)}</span>
            </LegendEntry>
          )
        );
      })}
    </div>
  );
}
