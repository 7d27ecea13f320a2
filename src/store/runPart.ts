import type { MeasureProgress } from "../quality/figures.ts";
import type { Run } from "./run.ts";

/** What a run does besides steps, and how far it is with that: 0 to 1. */
export type RunPart = { fraction: number } & (
  | { name: "Programs" | "Validation"; numDone: number; total: number }
  /** One after the other, each with its own fraction. */
  | { name: "Measuring quality"; doing: MeasureProgress["doing"] }
);

/** Null while it does steps, or nothing. */
export function runPart(run: Run): RunPart | null {
  if (run.status === "preparing" && run.compiling) {
    const { numCompiled, numPrograms } = run.compiling;
    return part("Programs", numCompiled, numPrograms);
  }
  if (run.status === "validating" && run.validation) {
    const { numImages, totalImages } = run.validation;
    return part("Validation", numImages, totalImages);
  }
  if (run.status === "measuring" && run.measurement) {
    const { doing, fraction } = run.measurement;
    return { name: "Measuring quality", doing, fraction };
  }
  return null;
}

function part(name: "Programs" | "Validation", numDone: number, total: number): RunPart {
  return { name, numDone, total, fraction: total > 0 ? numDone / total : 0 };
}
