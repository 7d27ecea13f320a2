/** A sweep: many runs that differ in some settings, with one budget each. */
import {
  HYPERPARAMETERS,
  type HyperparameterName,
  isUsed,
  type RunConfig,
} from "./hyperparameters.ts";
import { runLength } from "./runLength.ts";
import { hasTeacher } from "./studentSteps.ts";
import { parseValue } from "./url.ts";
import { type LabelsKnown, validateNewRun, valueError } from "./validate.ts";

/** When a run ends, unless its last epoch comes first. Minutes are those of its training steps. */
export type Budget = { steps: number } | { minutes: number };

export type Changes = Partial<RunConfig>;

export interface SweepPlan {
  /** The preset that its settings come from. */
  preset: string;
  /** What all runs have in common. */
  base: RunConfig;
  /** What each run has different. */
  runs: readonly Changes[];
  /** How long the runs are trained that are trained longest. */
  budget: Budget;
  /** One run of so many goes on to the next round; null where all have the whole budget. */
  halving: number | null;
}

/** The message says what was expected, what came, and where it helps what to do. */
export class SweepError extends Error {
  override name = "SweepError";
}

export const MAX_RUNS = 200;
const MAX_STEPS = 10_000_000;
const MAX_MINUTES = 10_000;

/** Whether a run has used up its budget. */
export function isReached(
  budget: Budget,
  { step, trainedMs }: { step: number; trainedMs: number },
): boolean {
  return "steps" in budget ? step >= budget.steps : trainedMs >= 60_000 * budget.minutes;
}

/** The settings that differ between the runs, in the order of the table. */
export function variedNames({ runs }: Pick<SweepPlan, "runs">): HyperparameterName[] {
  const names = Object.keys(HYPERPARAMETERS) as HyperparameterName[];
  return names.filter((name) => runs.some((changes) => changes[name] !== undefined));
}

export function configOfRun({ base }: Pick<SweepPlan, "base">, changes: Changes): RunConfig {
  return { ...base, ...changes };
}

/**
 * The values of a setting, as typed: `1e-3, 2e-3`, `0-4` for whole numbers from 0 to 4, `1,2,4; 1,2` for
 * lists.
 *
 * @throws SweepError
 */
export function parseAxis(name: string, text: string): Changes[] {
  const setting = settingNamed(name);
  const { kind, label } = HYPERPARAMETERS[setting];
  const parts = text.split(kind === "integers" ? ";" : ",").map((part) => part.trim());
  if (parts.every((part) => part === "")) {
    throw new SweepError(`Expected values of ${label}, such as ${exampleOf(setting)}, got none.`);
  }
  const values = parts.flatMap((part) => (kind === "integer" ? wholeNumbers(part) : [part]));
  const changes = values.map((value) => parsed(setting, value));
  const twice = changes.find((change, i) => changes.findIndex((c) => isSame(c, change)) < i);
  if (twice) {
    throw new SweepError(`Expected each value of ${label} once, got ${twice[setting]} twice.`);
  }
  return changes;
}

/**
 * What one run has different, as typed: `objective=v learningRate=1e-3`.
 *
 * @throws SweepError
 */
export function parseRun(text: string): Changes {
  const parts = text.split(/[\s&]+/).filter((part) => part !== "");
  const changes: Changes = {};
  for (const part of parts) {
    const [name = "", ...value] = part.split("=");
    if (value.length === 0) {
      throw new SweepError(`Expected name=value of a setting, such as seed=1, got ${part}.`);
    }
    const setting = settingNamed(name);
    if (changes[setting] !== undefined) {
      throw new SweepError(`Expected ${setting} once in a run, got ${text.trim()}.`);
    }
    Object.assign(changes, parsed(setting, value.join("=")));
  }
  return changes;
}

/**
 * Every combination of the values, the last axis the fastest.
 *
 * @throws SweepError for more than `MAX_RUNS`
 */
export function gridOf(axes: readonly (readonly Changes[])[]): Changes[] {
  const count = axes.reduce((product, { length }) => product * length, 1);
  if (count > MAX_RUNS) {
    throw new SweepError(
      `Expected at most ${MAX_RUNS} runs, got ${axes.map(({ length }) => length).join(" × ")} = ${count.toLocaleString("en")}. Leave out values, or a setting.`,
    );
  }
  return axes.reduce<Changes[]>(
    (runs, values) => runs.flatMap((run) => values.map((value) => ({ ...run, ...value }))),
    [{}],
  );
}

/** Settings that change what a loss is a loss of, or how it is weighted. */
const OF_LOSS: readonly HyperparameterName[] = [
  ...(["objective", "lossWeight", "minSnrGamma", "betaSchedule", "timesteps"] as const),
  ...(["timestepSampling", "offsetNoise", "classes", "validationNoise"] as const),
];

/** The varied settings with which losses are not to be compared. */
export function lossSettings(plan: Pick<SweepPlan, "runs">): HyperparameterName[] {
  return variedNames(plan).filter((name) => OF_LOSS.includes(name));
}

/** The settings in which runs differ so that their losses are not to be compared; without those that one of two lacks. */
export function differingLossSettings(configs: readonly RunConfig[]): HyperparameterName[] {
  return OF_LOSS.filter((name) => {
    const values = configs.filter((config) => isUsed(name, config)).map((config) => config[name]);
    return new Set(values).size > 1;
  });
}

/** What a plan has to know of the images. */
export type SweptImages = LabelsKnown & { numTrain: number };

/**
 * Keeps only the first of runs that would be the same, as with two values of a setting that has no effect in them.
 *
 * @param images that are loaded, null where there are none
 * @throws SweepError where a plan cannot be carried out, before anything is trained
 */
export function checkedPlan(plan: SweepPlan, images: SweptImages | null): SweepPlan {
  const { base, runs, budget, halving } = plan;
  if (runs.length > MAX_RUNS) {
    throw new SweepError(`Expected at most ${MAX_RUNS} runs, got ${runs.length}.`);
  }
  const configs = runs.map((changes) => configOfRun(plan, changes));
  for (const [i, config] of configs.entries()) {
    const [wrong] = Object.entries(validateNewRun(config, images));
    if (wrong) {
      const [name, message] = wrong as [HyperparameterName, string];
      const { label } = HYPERPARAMETERS[name];
      throw new SweepError(`The run with ${wordsOf(runs[i] ?? {})}: ${label}: ${message}.`);
    }
    if (hasTeacher(config)) {
      throw new SweepError(
        `A sweep trains new networks, and does not learn from one: set ${HYPERPARAMETERS.distilFrom.label} and ${HYPERPARAMETERS.reflowSteps.label} to 0.`,
      );
    }
  }
  const idle = variedNames(plan).find((name) => configs.every((config) => !isUsed(name, config)));
  if (idle) {
    throw new SweepError(
      `${HYPERPARAMETERS[idle].label} has no effect with these settings, so that runs would be the same. Leave it out.`,
    );
  }
  const names = variedNames(plan);
  const keys = configs.map((config) =>
    JSON.stringify(names.map((name) => (isUsed(name, config) ? config[name] : null))),
  );
  const different = runs.filter((_, i) => keys.indexOf(keys[i] as string) === i);
  if (different.length < 2) {
    const differ = "Give a setting two values, such as two seeds.";
    throw new SweepError(`Expected at least 2 different runs, got ${different.length}. ${differ}`);
  }
  checkBudget(budget);
  const checked = { ...plan, base, runs: different };
  if (halving !== null) checkHalving(checked, halving, images);
  return checked;
}

function checkBudget(budget: Budget): void {
  const [word, amount, most] =
    "steps" in budget
      ? ["steps", budget.steps, MAX_STEPS]
      : ["minutes", budget.minutes, MAX_MINUTES];
  const isNumber = word === "minutes" || Number.isInteger(amount);
  if (isNumber && amount > 0 && amount <= most) return;
  const range = `above 0, at most ${most.toLocaleString("en")}`;
  const got = Number.isNaN(amount) ? "" : `, got ${amount}`;
  throw new SweepError(`Expected a number of ${word} ${range}${got}.`);
}

function checkHalving(plan: SweepPlan, eta: number, images: SweptImages | null): void {
  if (!Number.isInteger(eta) || eta < 2) {
    throw new SweepError(`Expected one of 2 runs or more to go on, got one of ${eta}.`);
  }
  if (eta > plan.runs.length) {
    throw new SweepError(
      `Expected at least ${eta} runs, of which one goes on, got ${plan.runs.length}.`,
    );
  }
  const [first] = rounds(plan);
  if (first && "steps" in first.budget && first.budget.steps < 1) {
    throw new SweepError(
      `Expected enough steps for the first of ${rounds(plan).length} rounds: at least ${eta ** (rounds(plan).length - 1)}.`,
    );
  }
  if (first && lossSettings(plan).length > 0) checkMeasured(plan, first.budget, images);
}

/** Where losses do not rank the runs, the Fréchet distance does, of which the first round needs one. */
function checkMeasured(plan: SweepPlan, first: Budget, images: SweptImages | null): void {
  const labels = lossSettings(plan).map((name) => HYPERPARAMETERS[name].label);
  const why = `Losses with different ${labels.join(", ")} can't be compared, so halving goes by the Fréchet distance`;
  const configs = plan.runs.map((changes) => configOfRun(plan, changes));
  const { label } = HYPERPARAMETERS.evaluateEvery;
  if (configs.some(({ evaluateEvery }) => evaluateEvery === 0)) {
    throw new SweepError(
      `${why}: set ${label} (evaluateEvery) to 1, and give the first round at least an epoch.`,
    );
  }
  if ("minutes" in first) {
    throw new SweepError(`${why}: give steps, not minutes, so that each run has an epoch for it.`);
  }
  const needed = configs.map((config) => {
    const epochs = Math.min(config.evaluateEvery, config.epochs);
    return images ? epochs * runLength(config, images.numTrain).stepsPerEpoch : 0;
  });
  const most = Math.max(...needed);
  if (first.steps >= most) return;
  const count = (steps: number) => steps.toLocaleString("en");
  const isRare = configs.some(({ evaluateEvery }) => evaluateEvery > 1);
  const fewer = isRare ? `, or set ${label} (evaluateEvery) to 1` : "";
  const all = most * (plan.halving ?? 1) ** (rounds(plan).length - 1);
  throw new SweepError(
    `${why}: the first round has ${count(first.steps)} steps, and the first measurement comes after ${count(most)}. Give each run at least ${count(all)} steps${fewer}.`,
  );
}

export interface Round {
  numRuns: number;
  /** In all, with that of the rounds before. */
  budget: Budget;
}

/**
 * A sweep without halving has one round. With successive halving (Jamieson and Talwalkar 2016), the best of
 * eta runs continue from their checkpoints, to eta times as much budget, until one of them is left.
 */
export function rounds({ runs, budget, halving }: SweepPlan): Round[] {
  const eta = halving ?? Number.POSITIVE_INFINITY;
  const counts = [runs.length];
  for (let next = runs.length / eta; next >= 1; next /= eta) counts.push(Math.floor(next));
  return counts.map((numRuns, i) => {
    const share = i === counts.length - 1 ? 1 : eta ** (i + 1 - counts.length);
    return { numRuns, budget: partOf(budget, share) };
  });
}

function partOf(budget: Budget, share: number): Budget {
  if ("steps" in budget) return { steps: Math.floor(share * budget.steps + 1e-9) };
  return { minutes: share * budget.minutes };
}

/** The budgets of all runs together, in the unit of the plan's. */
export function totalBudget(plan: SweepPlan): number {
  let before = 0;
  let total = 0;
  for (const { numRuns, budget } of rounds(plan)) {
    const amount = "steps" in budget ? budget.steps : budget.minutes;
    total += numRuns * (amount - before);
    before = amount;
  }
  return total;
}

/** `objective v, seed 1` by the names in the address. */
function wordsOf(changes: Changes): string {
  const words = Object.entries(changes).map(([name, value]) => `${name} ${value}`);
  return words.join(", ") || "no changes";
}

/** @throws SweepError */
function settingNamed(name: string): HyperparameterName {
  if (Object.hasOwn(HYPERPARAMETERS, name)) return name as HyperparameterName;
  const names = Object.keys(HYPERPARAMETERS).join(", ");
  throw new SweepError(
    `Expected the name of a setting, got ${name || "none"}. There are ${names}.`,
  );
}

/** @throws SweepError */
function parsed(name: HyperparameterName, text: string): Changes {
  const value = parseValue(name, text);
  const error = valueError(name, value);
  if (!error) return { [name]: value };
  const got = error.includes(", not ") ? "" : `, not ${text || "nothing"}`;
  throw new SweepError(`${HYPERPARAMETERS[name].label}: ${error}${got}.`);
}

/** `0-4`: 0 to 4; anything else stays as it is. */
function wholeNumbers(text: string): string[] {
  const [, first, last] = /^(\d+)\s*[-–]\s*(\d+)$/.exec(text) ?? [];
  if (first === undefined || last === undefined) return [text];
  const count = Number(last) - Number(first) + 1;
  if (count < 1) throw new SweepError(`Expected a range that ascends, such as 0-4, got ${text}.`);
  if (count > MAX_RUNS) {
    throw new SweepError(`Expected a range of at most ${MAX_RUNS} values, got ${text}.`);
  }
  return Array.from({ length: count }, (_, i) => `${Number(first) + i}`);
}

/** As text to type. */
export function exampleOf(name: HyperparameterName): string {
  const entry = HYPERPARAMETERS[name];
  switch (entry.kind) {
    case "choice":
      return Object.keys(entry.options).join(", ");
    case "switch":
      return "true, false";
    case "integers":
      return "1,2; 1,2,4";
    case "integer":
      return name === "seed" ? "0-4" : `${entry.default}, ${numberBeside(entry)}`;
    case "real":
      return `${entry.default}, ${numberBeside(entry)}`;
  }
}

function numberBeside({ default: standard, max }: { default: number; max: number }): number {
  return standard === 0 ? max : 2 * standard <= max ? 2 * standard : standard / 2;
}

function isSame(a: Changes, b: Changes): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
