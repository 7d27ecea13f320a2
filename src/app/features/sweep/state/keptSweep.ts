/** The sweep as the browser keeps it: a list of numbers beside the runs, which are stored as all others. */
import { readSweep, SWEEP_FORMAT } from "../../../../runtime/run/readSweep.ts";
import type { Sweep } from "../../../../runtime/run/sweep.ts";
import { keep, kept } from "../../../state/kept.ts";

export const SWEEP_KEY = "sweep";

export const NOT_READ =
  "The list of the sweep that was kept here cannot be read: it is damaged, or of another version of this page. Its runs are still under Runs.";
export const NOT_KEPT =
  "This browser does not keep the list of the sweep: after a reload it would be gone. The runs themselves are stored.";

/** Null where there is none. @throws Error with a sentence for the person */
export function keptSweep(): Sweep | null {
  const text = kept(SWEEP_KEY) ?? null;
  if (text === null) return null;
  const sweep = readSweep(text);
  if (sweep) return sweep;
  throw new Error(NOT_READ);
}

/** @returns whether it is kept */
export function keepSweep(sweep: Sweep | null): boolean {
  return keep(SWEEP_KEY, sweep && JSON.stringify({ format: SWEEP_FORMAT, sweep }));
}
