import { formatCount } from "../../../runtime/format.ts";
import type { XKind, XWindow } from "../../state/slices/chartOptions.ts";
import { cursorStep } from "../../state/slices/cursor.ts";
import { useAppState } from "../AppContext.ts";
import { SeriesSwatch } from "../charts/SeriesSwatch.tsx";
import { cursorX } from "./Crosshair.tsx";
import classes from "./Readout.module.css";
import { newestStep, pointAt, type Series } from "./series.ts";
import { positionWords } from "./xWords.ts";

interface CursorPlaceProps {
  series: readonly Series[];
  xKind: XKind;
  window: XWindow;
}

/** Where the cursor is, or the newest step that is shown. */
export function CursorPlace({ series, xKind, window }: CursorPlaceProps) {
  const step = useShownStep(series, window);
  return (
    <span className={classes.place}>
      {step !== null && positionWords(step, cursorX(series, step), xKind)}
    </span>
  );
}

interface ReadoutProps extends Omit<CursorPlaceProps, "xKind"> {
  format: (value: number) => string;
  className?: string | undefined;
}

/**
 * The legend of a chart with the value of each series at the cursor, or the newest that is shown. It
 * stands still: each value has its room.
 */
export function Readout({ series, window, format, className }: ReadoutProps) {
  const step = useShownStep(series, window);
  const ends = series.filter(({ style }) => style !== "dots").map(({ steps }) => steps.at(-1));
  const mayEndBefore = new Set(ends).size > 1;
  return (
    <div className={`${classes.readout} ${className ?? ""}`}>
      {series.map((each) => {
        const point = step === null ? null : pointAt(each, step);
        return (
          <span key={each.key} className={classes.entry} data-entry={each.key}>
            <SeriesSwatch series={each} />
            {each.name}
            <b className={classes.value}>{point ? format(point.value) : "–"}</b>
            {mayEndBefore && each.style !== "dots" && <EndedAt series={each} step={step} />}
          </span>
        );
      })}
    </div>
  );
}

/** Of runs side by side one may be shorter: its last value is not one of this step. It has its room. */
function EndedAt({ series: { steps }, step }: { series: Series; step: number | null }) {
  const last = steps.at(-1) ?? 0;
  const hasEnded = step !== null && step > last;
  return (
    <span style={{ visibility: hasEnded ? "visible" : "hidden" }}>at {formatCount(last)}</span>
  );
}

function useShownStep(series: readonly Series[], window: XWindow): number | null {
  return useAppState(cursorStep) ?? newestStep(series, window);
}
