import { useId, useMemo, useRef, useState } from "react";
import { formatCount, formatLoss } from "../../../runtime/format.ts";
import { useAppState } from "../../shared/AppContext.ts";
import cardClasses from "../../shared/charts/ChartCard.module.css";
import { ChartMenu } from "../../shared/charts/ChartMenu.tsx";
import { SeriesSwatch } from "../../shared/charts/SeriesSwatch.tsx";
import { Explain } from "../../shared/explain/Explain.tsx";
import { ModalDialog } from "../../shared/parts/ModalDialog.tsx";
import { PlotPicture } from "../../shared/plot/PlotPicture.tsx";
import { plotOf } from "../../shared/plot/plot.ts";
import readoutClasses from "../../shared/plot/Readout.module.css";
import type { ComparedRun } from "../../state/slices/comparison.ts";
import { cursorStep } from "../../state/slices/cursor.ts";
import classes from "./CompareView.module.css";
import {
  type TimestepLosses,
  timestepCsv,
  timestepJson,
  timestepLosses,
  timestepRows,
  timestepSeries,
} from "./timestepLosses.ts";

const TITLE = "Validation loss by timestep";
const SIZE = { maxPoints: 100, numXTicks: 7, numYTicks: 5 };

/** The validation loss over the diffusion timestep, a line for each run, after the epoch under the cursor. */
export function TimestepChart({ runs }: { runs: readonly ComparedRun[] }) {
  const yScale = useAppState((state) => state.charts.yScale);
  const upToStep = useAppState(cursorStep);
  const losses = useMemo(() => timestepLosses(runs, upToStep), [runs, upToStep]);
  const series = useMemo(() => timestepSeries(losses), [losses]);
  const plot = useMemo(() => {
    // To the end of its last part, not to the middle.
    const to = Math.max(1, ...losses.map(({ parts }) => (parts.at(-1)?.last ?? 0) + 1));
    return plotOf(series, {
      xKind: "step",
      xScale: "linear",
      window: { from: 0, to },
      yScale,
      ...SIZE,
      fromZero: false,
      cutsSpikes: false,
    });
  }, [losses, series, yScale]);
  const card = useRef<HTMLElement>(null);
  const headingId = useId();
  const [isTableOpen, setIsTableOpen] = useState(false);
  const names = series.map(({ name }) => name).join(", ");
  return (
    <section
      ref={card}
      className={`${cardClasses.card} ${classes.chartCard}`}
      aria-labelledby={headingId}
      data-size="large"
    >
      <div className={cardClasses.head}>
        <h3 id={headingId}>{TITLE}</h3>
        <span data-undrawn>
          <Explain note="timestepRuns" />
        </span>
        <span className={cardClasses.end}>
          <ChartMenu
            title={TITLE}
            name="comparison"
            card={card}
            isEmpty={series.length === 0}
            csv={() => timestepCsv(losses)}
            json={() => timestepJson(TITLE, losses)}
            onTable={() => setIsTableOpen(true)}
          />
        </span>
      </div>
      <div className={`${readoutClasses.readout} ${cardClasses.readout}`}>
        {series.map((each) => (
          <span key={each.key} className={readoutClasses.entry}>
            <SeriesSwatch series={each} />
            {each.name}
          </span>
        ))}
      </div>
      <div className={cardClasses.plot}>
        <div
          className={cardClasses.picture}
          role="img"
          aria-label={`${TITLE}: ${names || "nothing yet"}`}
        >
          {series.length > 0 && (
            <PlotPicture
              plot={plot}
              xKind="step"
              xName="Diffusion timestep t"
              hasEndNames={false}
            />
          )}
        </div>
        {series.length === 0 && (
          <div className={cardClasses.empty}>
            {runs.some(({ epochs }) => epochs.length > 0)
              ? "Not recorded for these runs"
              : "Appears after the first epoch of a run"}
          </div>
        )}
      </div>
      {isTableOpen && <TimestepTable losses={losses} onClose={() => setIsTableOpen(false)} />}
    </section>
  );
}

interface TimestepTableProps {
  losses: readonly TimestepLosses[];
  onClose: () => void;
}

/** The chart in numbers, for those who do not see it. */
function TimestepTable({ losses, onClose }: TimestepTableProps) {
  return (
    <ModalDialog title={TITLE} width={640} onClose={onClose}>
      <table>
        <thead>
          <tr>
            <th scope="col">t</th>
            {losses.map(({ name, epoch }) => (
              <th key={name} scope="col">
                {name}, epoch {formatCount(epoch)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {timestepRows(losses).map(({ first, last, values }) => (
            <tr key={`${first}-${last}`}>
              <th scope="row">
                {first === last ? formatCount(first) : `${formatCount(first)}–${formatCount(last)}`}
              </th>
              {values.map((value, i) => (
                <td key={losses[i]?.name}>{value === null ? "" : formatLoss(value)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ModalDialog>
  );
}
