import type { XKind } from "../../store/chartOptions.ts";
import type { Run, RunSize } from "../../store/run.ts";
import type { Series } from "./series.ts";

type Places = Pick<Series, "steps" | "xs">;

/** Where on the x axis a run's steps and epochs are. */
export interface RunAxis {
  kind: XKind;
  steps: Places;
  epochs: Places;
}

type Told = Pick<Run, "steps" | "epochs"> & { size: Pick<RunSize, "stepsPerEpoch"> | null };

/**
 * The x axis of a run. Time is that of the clock, with all pauses, in milliseconds from the
 * beginning of the first step on.
 */
export function runAxis({ steps, epochs, size }: Told, kind: XKind): RunAxis {
  const [first] = steps;
  const startMs = first ? first.wallTimeMs - first.stepMs : 0;
  const placesOf = (reports: readonly { step: number; wallTimeMs: number }[]): Places => {
    // A clock that was set back must not lead the curve back.
    let latestMs = 0;
    const xOf = ({ step, wallTimeMs }: (typeof reports)[number]): number => {
      switch (kind) {
        case "step":
          return step;
        case "epoch":
          return step / (size?.stepsPerEpoch ?? Number.NaN);
        case "time":
          latestMs = Math.max(latestMs, wallTimeMs - startMs);
          return latestMs;
        default:
          throw kind satisfies never;
      }
    };
    return { steps: reports.map(({ step }) => step), xs: reports.map(xOf) };
  };
  return { kind, steps: placesOf(steps), epochs: placesOf(epochs) };
}
