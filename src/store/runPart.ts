import type { Run } from "./run.ts";

/** What a run does besides steps, and how far it is with that. */
export interface RunPart {
  name: "Programs" | "Validation";
  numDone: number;
  total: number;
  /** 0 to 1. */
  fraction: number;
}

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
  return null;
}

function part(name: RunPart["name"], numDone: number, total: number): RunPart {
  return { name, numDone, total, fraction: total > 0 ? numDone / total : 0 };
}
