import type { XKind } from "../../../state/slices/chartOptions.ts";
import type { Run, RunSize } from "../../../state/slices/run.ts";
import { type Series, xOfStep } from "../../plot/series.ts";

/** Steps, and where each is on the x axis. */
export type Places = Pick<Series, "steps" | "xs">;

/** Where on the x axis a run's steps and epochs are. */
export interface RunAxis {
  kind: XKind;
  steps: Places;
  epochs: Places;
}

type RunReports = Pick<Run, "steps" | "epochs"> & { size: Pick<RunSize, "stepsPerEpoch"> | null };

/** Time of the clock when the first step began, or ended if its duration is unknown. */
function startMsOf([first]: RunReports["steps"]): number {
  if (!first) return 0;
  return first.wallTimeMs - (Number.isFinite(first.stepMs) ? first.stepMs : 0);
}

/** From the beginning of its first step to its last report, with all pauses; 0 without a step. */
export function wallTimeMs({ steps, epochs }: Pick<RunReports, "steps" | "epochs">): number {
  if (steps.length === 0) return 0;
  const startMs = startMsOf(steps);
  return [...steps, ...epochs].reduce((most, at) => Math.max(most, at.wallTimeMs - startMs), 0);
}

/**
 * The x axis of a run. Time is that of the clock, with all pauses, in milliseconds from the
 * beginning of the first step on. An epoch is where its last step is, also over time, before its
 * validation: so a step is at one place in all charts.
 */
export function runAxis({ steps, epochs, size }: RunReports, kind: XKind): RunAxis {
  const startMs = startMsOf(steps);
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
  const ofSteps = placesOf(steps);
  const ofEpochs = placesOf(epochs);
  let latest = 0;
  const xs = ofEpochs.xs.map((x, i) => {
    const place = xOfStep(ofSteps, ofEpochs.steps[i] as number);
    // Where the steps about it are lost its own time counts, which the clock may have been set back to.
    latest = Math.max(latest, Number.isFinite(place) ? place : x);
    return latest;
  });
  return { kind, steps: ofSteps, epochs: { ...ofEpochs, xs } };
}
