import type { XKind } from "../../state/slices/chartOptions.ts";
import { pointedStep } from "../../state/slices/cursor.ts";
import { useAppState } from "../AppContext.ts";
import { SeriesSwatch } from "../charts/SeriesSwatch.tsx";
import { cursorX } from "./Crosshair.tsx";
import classes from "./PlotValues.module.css";
import { pointAt, type Series } from "./series.ts";
import { positionWords } from "./xWords.ts";

interface PlotValuesProps {
  series: readonly Series[];
  xKind: XKind;
  format: (value: number) => string;
}

/** The values where one points, in a corner of a chart whose legend has no room for them. */
export function PlotValues({ series, xKind, format }: PlotValuesProps) {
  const step = useAppState(pointedStep);
  if (step === null) return null;
  return (
    <div className={classes.values} aria-hidden>
      <b>{positionWords(step, cursorX(series, step), xKind)}</b>
      {series.map((each) => {
        const point = pointAt(each, step);
        return (
          point && (
            <span key={each.key} className={classes.value}>
              <SeriesSwatch series={each} />
              {each.name} {format(point.value)}
            </span>
          )
        );
      })}
    </div>
  );
}
