import { useMemo, useState } from "react";
import { type Change, changesOf } from "../../store/denoiseChanges.ts";
import { currentStop, stops } from "../../store/denoiseScrubber.ts";
import type { Side } from "../../store/denoiseSettings.ts";
import { formatCount } from "../format.ts";
import { changeLine, chartScale, HEIGHT, type Scale, WIDTH } from "./changeLine.ts";
import { useDenoiseState } from "./DenoiseContext.ts";
import classes from "./PickedDigit.module.css";

/** How much each step changes the picked digit, from noise on the left to the digit on the right. */
export function ChangeChart({ sides }: { sides: readonly Side[] }) {
  const generations = useDenoiseState((state) => state.generations);
  const picked = useDenoiseState((state) => state.picked);
  const shown = useDenoiseState((state) => state.shown);
  const [isTableOpen, setIsTableOpen] = useState(false);
  const series = useMemo(
    () =>
      sides.flatMap((side) => {
        const generation = generations[side];
        return generation ? [{ side, changes: changesOf(generation, picked, shown) }] : [];
      }),
    [sides, generations, picked, shown],
  );
  const numTimesteps = generations.a?.numTimesteps ?? 1;
  const scale = chartScale(series.map(({ changes }) => changes));
  return (
    <div className={classes.strip}>
      <h3 className={classes.title}>Change per step</h3>
      <svg
        className={classes.chart}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`Mean change of a pixel in each step, at most ${scale.top} grey levels; all values are in the table below.`}
      >
        <line className={classes.axis} x1={0} x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
        {series.map(({ side, changes }) => (
          <polyline
            key={side}
            className={classes.line}
            data-side={side}
            points={changeLine(changes, scale)}
          />
        ))}
        <Marker scale={scale} />
      </svg>
      <div className={classes.ends}>
        <span>t = {formatCount(numTimesteps - 1)}</span>
        <span>top: {scale.top} of 255 grey levels</span>
        <span>0</span>
      </div>
      {sides.length > 1 && (
        <div className={classes.ends}>
          <span>A: solid line</span>
          <span>B: dashed line</span>
        </div>
      )}
      <details onToggle={({ currentTarget }) => setIsTableOpen(currentTarget.open)}>
        <summary>As a table</summary>
        {isTableOpen && series.map((of) => <Table key={of.side} {...of} />)}
      </details>
    </div>
  );
}

/** Where the scrubber stands. */
function Marker({ scale }: { scale: Scale }) {
  const level = useDenoiseState((state) => {
    const all = stops(state);
    return all[currentStop(state, all)] ?? 1;
  });
  const x = scale.x(level);
  return <line className={classes.marker} x1={x} x2={x} y1={0} y2={HEIGHT} />;
}

function Table({ side, changes }: { side: Side; changes: readonly Change[] }) {
  return (
    <table className={classes.table}>
      <caption>{side.toUpperCase()}</caption>
      <thead>
        <tr>
          <th scope="col">to t</th>
          <th scope="col">change, grey levels</th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ t, change }) => (
          <tr key={t}>
            <td>{t < 0 ? "the end" : t}</td>
            <td>{change.toFixed(2)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
