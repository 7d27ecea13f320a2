import { useMemo } from "react";
import { PlotCard } from "../../../shared/charts/ChartCard.tsx";
import plotClasses from "../../../shared/plot/Plot.module.css";
import { type Plot, plotInsets } from "../../../shared/plot/plot.ts";
import { currentStop, shownGenerations, stops } from "../state/denoise.ts";
import { changesOf } from "../state/denoiseFrames.ts";
import type { Side } from "../state/denoiseSettings.ts";
import { useDenoiseState } from "../useDenoise.ts";
import { changePlot, changesCsv, changesJson, changesTable, type SideChanges } from "./changes.ts";
import classes from "./PickedDigit.module.css";

/** How much each step changes the picked digit, from noise on the left to the digit on the right. */
export function ChangeChart({ sides }: { sides: readonly Side[] }) {
  const generations = useDenoiseState(shownGenerations);
  const picked = useDenoiseState((state) => state.picked);
  const shown = useDenoiseState((state) => state.shown);
  const series = useMemo(
    () =>
      sides.flatMap((side): SideChanges[] => {
        const generation = generations[side];
        return generation ? [{ side, changes: changesOf(generation, picked, shown) }] : [];
      }),
    [sides, generations, picked, shown],
  );
  const from = useDenoiseState((state) => stops(state)[0] ?? 1);
  const plot = useMemo(() => changePlot(series, from), [series, from]);
  return (
    <PlotCard
      title="Change per step"
      detail="gray levels"
      size="small"
      className={classes.changes}
      plot={plot}
      files={{
        name: `digit ${picked + 1}`,
        csv: () => changesCsv(series),
        json: () => changesJson(series),
      }}
      numbers={() => changesTable(series)}
    >
      {plot && <Marker plot={plot} />}
    </PlotCard>
  );
}

/** Where the scrubber stands. */
function Marker({ plot }: { plot: Plot }) {
  const level = useDenoiseState((state) => {
    const all = stops(state);
    return all[currentStop(state, all)] ?? 1;
  });
  return (
    <div style={{ position: "absolute", ...plotInsets(plot) }}>
      <div className={plotClasses.cursor} style={{ left: `${100 * plot.x(1 - level)}%` }} />
    </div>
  );
}
