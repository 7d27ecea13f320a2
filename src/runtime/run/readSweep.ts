import { defaultConfig, HYPERPARAMETERS } from "../../engine/config/hyperparameters.ts";
import { PRESETS } from "../../engine/config/presets.ts";
import { checkedPlan, type SweepPlan } from "../../engine/config/sweep.ts";
import type { Sweep, SweepResult, SweepRun } from "./sweep.ts";

/** Format of a stored sweep, to be raised when its meaning changes. */
export const SWEEP_FORMAT = 2;

type Unknown<T> = { readonly [K in keyof T]?: unknown };

/** A sweep from its JSON; null where it is damaged or of another version. */
export function readSweep(text: string): Sweep | null {
  try {
    const { format, sweep } = JSON.parse(text);
    const { plan, dataset, runs } = sweep;
    const isSound =
      format === SWEEP_FORMAT &&
      [dataset.id, dataset.name].every(isText) &&
      isNumber(dataset.checksum) &&
      Array.isArray(runs) &&
      runs.length === plan.runs.length &&
      runs.every(isRun);
    return isSound ? { ...sweep, plan: readPlan(plan) } : null;
  } catch {
    return null;
  }
}

/** Settings that came later than it have their defaults. @throws Error */
function readPlan(stored: SweepPlan): SweepPlan {
  const { preset, runs } = stored;
  const base = { ...defaultConfig(), ...stored.base };
  const names = [base, ...runs].flatMap((changes) => Object.keys(changes));
  const plan = checkedPlan({ ...stored, base }, null);
  const isKnown = names.every((name) => Object.hasOwn(HYPERPARAMETERS, name));
  if (isKnown && Object.hasOwn(PRESETS, preset) && plan.runs.length === runs.length) return plan;
  throw new Error("A setting, the preset or a run is not as it was written.");
}

function isRun({ runId, results, failure }: Unknown<SweepRun>): boolean {
  const isGiven = [runId, failure].every((text) => text === null || isText(text));
  return isGiven && Array.isArray(results) && results.every(isResult);
}

const ENDS: Record<SweepResult["end"], true> = {
  stopped: true,
  finished: true,
  stoppedEarly: true,
  diverged: true,
  failed: true,
};

function isResult({ end, step, trainedMs, figures }: Unknown<SweepResult>): boolean {
  return (
    Object.hasOwn(ENDS, String(end)) &&
    [step, trainedMs].every(isNumber) &&
    Object.values(figures as object).every(isNumber)
  );
}

const isText = (value: unknown) => typeof value === "string";
const isNumber = (value: unknown) => Number.isFinite(value);
