import type { CSSProperties } from "react";
import type { XKind, XWindow } from "../../store/chartOptions.ts";
import { cursorStep } from "../../store/cursor.ts";
import { useAppState } from "../AppContext.ts";
import { formatCount } from "../format.ts";
import { cursorX } from "./Crosshair.tsx";
import classes from "./Readout.module.css";
import { newestStep, pointAt, type Series } from "./series.ts";
import { positionWords } from "./xWords.ts";

interface ReadoutProps {
  series: readonly Series[];
  xKind: XKind;
  window: XWindow;
  format: (value: number) => string;
  /** Whether only the place of the cursor is told. */
  isShort: boolean;
}

/**
 * The legend of a chart with the value of each series at the cursor, or the newest that is shown. It stands still:
 * each value has its room.
 */
export function Readout({ series, xKind, window, format, isShort }: ReadoutProps) {
  const step = useAppState(cursorStep) ?? newestStep(series, window);
  return (
    <div className={classes.readout}>
      <Position step={step} series={series} xKind={xKind} />
      {(isShort ? [] : series).map((each) => {
        const point = step === null ? null : pointAt(each, step);
        return (
          <span key={each.key} className={classes.entry} data-entry={each.key}>
            <Swatch series={each} />
            {each.name}
            <b className={classes.value}>{point ? format(point.value) : "–"}</b>
            {point && step !== null && hasEndedBefore(each, step) && (
              <span>at {formatCount(point.step)}</span>
            )}
          </span>
        );
      })}
    </div>
  );
}

/** Of runs side by side one may be shorter: its last value is not one of this step. */
function hasEndedBefore({ steps, style }: Series, step: number): boolean {
  return style !== "dots" && step > (steps.at(-1) ?? step);
}

function Position({
  step,
  series,
  xKind,
}: Pick<ReadoutProps, "series" | "xKind"> & { step: number | null }) {
  return (
    <span className={classes.position}>
      {step !== null && positionWords(step, cursorX(series, step), xKind)}
    </span>
  );
}

/** A piece of the series' line, as it is drawn. */
export function Swatch({ series: { colour, style } }: { series: Series }) {
  return (
    <span
      className={classes.swatch}
      data-swatch={style}
      style={{ "--colour": colour } as CSSProperties}
    />
  );
}
