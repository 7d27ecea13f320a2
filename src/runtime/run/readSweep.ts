import * as v from "valibot";
import { defaultConfig, HYPERPARAMETERS } from "../../engine/config/hyperparameters.ts";
import { PRESETS } from "../../engine/config/presets.ts";
import { checkedPlan, type SweepPlan } from "../../engine/config/sweep.ts";
import type { Sweep, SweepResult } from "./sweep.ts";

/** Format of a stored sweep, to be raised when its meaning changes. */
export const SWEEP_FORMAT = 2;

const number = v.pipe(v.number(), v.finite());

const RESULT: v.GenericSchema<unknown, SweepResult> = v.looseObject({
  end: v.picklist(["stopped", "finished", "stoppedEarly", "diverged", "failed"]),
  step: number,
  trainedMs: number,
  figures: v.record(v.string(), number),
});

/** The plan is checked by what checks it before a sweep begins. */
const STORED = v.object({
  format: v.literal(SWEEP_FORMAT),
  sweep: v.looseObject({
    plan: v.custom<SweepPlan>((plan) => typeof plan === "object" && plan !== null),
    dataset: v.looseObject({ id: v.string(), name: v.string(), checksum: number }),
    runs: v.array(
      v.looseObject({
        runId: v.nullable(v.string()),
        results: v.array(RESULT),
        failure: v.nullable(v.string()),
      }),
    ),
  }),
});

/** A sweep from its JSON; null where it is damaged or of another version. */
export function readSweep(text: string): Sweep | null {
  try {
    const { sweep } = v.parse(STORED, JSON.parse(text));
    return { ...sweep, plan: readPlan(sweep.plan, sweep.runs.length) };
  } catch {
    return null;
  }
}

/** Settings that came later than it have their defaults. @throws Error */
function readPlan(stored: SweepPlan, numRuns: number): SweepPlan {
  const { preset, runs } = stored;
  const base = { ...defaultConfig(), ...stored.base };
  const names = [base, ...runs].flatMap((changes) => Object.keys(changes));
  const plan = checkedPlan({ ...stored, base }, null);
  const isKnown = names.every((name) => Object.hasOwn(HYPERPARAMETERS, name));
  const isWhole = plan.runs.length === runs.length && runs.length === numRuns;
  if (isKnown && isWhole && Object.hasOwn(PRESETS, preset)) return plan;
  throw new Error("A setting, the preset or a run is not as it was written.");
}
