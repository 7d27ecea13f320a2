/** The changes per step as text files. Pure. */
import { encodeCsv } from "../../../../engine/formats/csv.ts";
import type { Change } from "../state/denoiseFrames.ts";
import type { Side } from "../state/denoiseSettings.ts";

export interface SideChanges {
  side: Side;
  changes: readonly Change[];
}

/**
 * A row for each step of A, then for each of B: the step, from 1, the timestep after it, -1 at the end,
 * and the mean absolute change of a pixel in grey levels, 0 to 255, in a column for each side.
 */
export function changesCsv(all: readonly SideChanges[]): string {
  const rows = all.flatMap(({ side, changes }) =>
    changes.map(({ t, change }, i) => ({ side, step: i + 1, t, change })),
  );
  const nameOf = (side: Side) => (all.length > 1 ? `change_${side}` : "change");
  return encodeCsv([
    { name: "step", values: rows.map(({ step }) => step) },
    { name: "t", values: rows.map(({ t }) => t) },
    ...all.map(({ side }) => ({
      name: nameOf(side),
      values: rows.map((row) => (row.side === side ? row.change : Number.NaN)),
    })),
  ]);
}

/** The same, a list for each side. */
export function changesJson(all: readonly SideChanges[]): string {
  const series = all.map(({ side, changes }) => ({
    side,
    steps: changes.map(({ t, change }, i) => ({ step: i + 1, t, change })),
  }));
  return JSON.stringify({ title: "Change per step", unit: "grey levels", series });
}
