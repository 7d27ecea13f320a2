import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  HYPERPARAMETERS,
  type HyperparameterName,
} from "../../../../src/engine/config/hyperparameters.ts";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import {
  checkedPlan,
  exampleOf,
  gridOf,
  isReached,
  MAX_RUNS,
  parseAxis,
  parseRun,
  rounds,
  type SweepPlan,
  totalBudget,
  variedNames,
} from "../../../../src/engine/config/sweep.ts";
import { seeds } from "./sweeps.ts";

const names = Object.keys(HYPERPARAMETERS) as HyperparameterName[];

function plan(changes: Partial<SweepPlan> = {}): SweepPlan {
  return { ...seeds(2), ...changes };
}

const checked = (changes: Partial<SweepPlan>) => checkedPlan(plan(changes), null);

describe("the values of a setting", () => {
  it.each([
    ["seed", "0-2", [0, 1, 2]],
    ["seed", " 5, 7 – 8 ", [5, 7, 8]],
    ["learningRate", "1e-3, 0.002", [1e-3, 2e-3]],
    ["objective", "v, noise,x0", ["v", "noise", "x0"]],
    [
      "dimMults",
      "1,2,4; (1, 2)",
      [
        [1, 2, 4],
        [1, 2],
      ],
    ],
    ["selfCondition", "true,false", [true, false]],
  ])("%s: %s", (name, text, values) => {
    expect(parseAxis(name, text)).toEqual(values.map((value) => ({ [name]: value })));
  });

  it.each(names)("of %s can be typed as the example says", (name) => {
    expect(parseAxis(name, exampleOf(name)).length).toBeGreaterThan(1);
  });

  it.each([
    ["seeds", "1", "Expected the name of a setting, got seeds. There are points, "],
    ["seed", " , ", "Expected values of Seed, such as 0-4, got none."],
    ["seed", "1,,2", "Seed: A whole number, 0 to 4,294,967,295, not nothing."],
    ["seed", "4-0", "Expected a range that ascends, such as 0-4, got 4-0."],
    ["seed", "0-9999999", "Expected a range of at most 200 values, got 0-9999999."],
    ["seed", "1, 1", "Expected each value of Seed once, got 1 twice."],
    ["learningRate", "fast", "Learning rate: A number, 1e-7 to 0.1, not fast."],
    ["learningRate", "3", "Learning rate: A number, 1e-7 to 0.1, not 3."],
    ["objective", "w", /^Objective: One of .*, not w\.$/],
  ])("%s: %s is refused", (name, text, message) => {
    expect(() => parseAxis(name, text)).toThrow(message);
  });
});

describe("a run of a list", () => {
  it("is what it has different", () => {
    expect(parseRun("objective=v  dimMults=1,2,4&seed=3")).toEqual({
      objective: "v",
      dimMults: [1, 2, 4],
      seed: 3,
    });
    expect(parseRun(" ")).toEqual({});
  });

  it.each([
    ["seed", "Expected name=value of a setting, such as seed=1, got seed."],
    ["seed=1 seed=2", "Expected seed once in a run, got seed=1 seed=2."],
    ["color=red", "Expected the name of a setting, got color."],
    ["seed=", "Seed: A whole number, 0 to 4,294,967,295, not nothing."],
  ])("%s is refused", (text, message) => {
    expect(() => parseRun(text)).toThrow(message);
  });
});

describe("a grid", () => {
  it("has every combination once, the last setting the fastest", () => {
    const axes = [parseAxis("objective", "v, x0"), parseAxis("seed", "0-1")];
    expect(gridOf(axes)).toEqual([
      { objective: "v", seed: 0 },
      { objective: "v", seed: 1 },
      { objective: "x0", seed: 0 },
      { objective: "x0", seed: 1 },
    ]);
  });

  it("that is too large is refused before it is made", () => {
    const axis = parseAxis("seed", "0-199");
    expect(() => gridOf([axis, axis, axis, axis])).toThrow(
      "Expected at most 200 runs, got 200 × 200 × 200 × 200 = 1,600,000,000.",
    );
    expect(gridOf([axis])).toHaveLength(MAX_RUNS);
  });
});

describe("a plan", () => {
  it("is carried out as it is where nothing is wrong", () => {
    expect(checked({})).toEqual(plan());
    expect(variedNames(plan())).toEqual(["seed"]);
  });

  it("leaves out runs that would be the same", () => {
    const base = { ...presetConfig("tiny"), lossWeight: "library" as const };
    const axes = [parseAxis("objective", "v, flow"), parseAxis("minSnrGamma", "3, 5")];
    const runs = gridOf(axes);
    // The straight path has no use for it.
    expect(checked({ base, runs }).runs).toEqual(runs.slice(0, 3));
  });

  it.each<[string, Partial<SweepPlan>, string]>([
    ["one run", { runs: [{ seed: 1 }] }, "Expected at least 2 different runs, got 1."],
    ["equal runs", { runs: [{}, {}] }, "Expected at least 2 different runs, got 1."],
    ["no run", { runs: [] }, "Expected at least 2 different runs, got 0."],
    [
      "contradicting settings",
      { runs: [{ timesteps: 5 }, { seed: 1 }] },
      "The run with timesteps 5: ",
    ],
    [
      "a setting without effect",
      { runs: parseAxis("distilGuidance", "1, 2") },
      "has no effect with these settings",
    ],
    [
      "a distillation",
      { base: { ...presetConfig("tiny"), distilFrom: 8 } },
      "A sweep trains new networks, and does not learn from one",
    ],
    ["no steps", { budget: { steps: Number.NaN } }, "Expected a number of steps above 0"],
    ["half a step", { budget: { steps: 0.5 } }, "at most 10,000,000, got 0.5."],
    ["no time", { budget: { minutes: 0 } }, "Expected a number of minutes above 0"],
    ["too much time", { budget: { minutes: 1e9 } }, "at most 10,000, got 1000000000."],
    ["all go on", { halving: 1 }, "Expected one of 2 runs or more to go on, got one of 1."],
    ["too few runs", { halving: 3 }, "Expected at least 3 runs, of which one goes on, got 2."],
    [
      "too few steps",
      { ...seeds(9), budget: { steps: 8 }, halving: 3 },
      "Expected enough steps for the first of 3 rounds: at least 9.",
    ],
  ])("with %s is refused", (_, changes, message) => {
    expect(() => checked(changes)).toThrow(message);
  });

  it("whose networks have too few classes for the images is refused", () => {
    const runs = [{ classes: 5 }, { classes: 10 }];
    expect(() => checkedPlan(plan({ runs }), { numClasses: 10, numTrain: 80 })).toThrow(
      "The run with classes 5: Classes: At least 10",
    );
  });
});

describe("halving where losses are not to be compared", () => {
  const base = { ...presetConfig("tiny"), batchSize: 8, epochs: 9, evaluateEvery: 1 };
  const runs = gridOf([parseAxis("objective", "v, x0"), parseAxis("batchSize", "8, 4")]);
  const halved = (changes: Partial<SweepPlan>) =>
    checkedPlan(plan({ base, runs, halving: 2, budget: { steps: 80 }, ...changes }), {
      numClasses: 10,
      numTrain: 80,
    });

  it("is carried out where the first round of each run has a measurement", () => {
    // A third round has all 80 steps, the first a quarter: an epoch of the smaller batches.
    expect(halved({}).halving).toBe(2);
  });

  it.each<[string, Partial<SweepPlan>, string]>([
    [
      "no measurement",
      { base: { ...base, evaluateEvery: 0 } },
      "Losses with different Objective can't be compared, so halving goes by the Fréchet distance: set Measure every (evaluateEvery) to 1, and give the first round at least an epoch.",
    ],
    [
      "a first round that is too short",
      { budget: { steps: 79 } },
      "the first round has 19 steps, and the first measurement comes after 20. Give each run at least 80 steps.",
    ],
    [
      "measurements too far apart",
      { base: { ...base, evaluateEvery: 2 } },
      "comes after 40. Give each run at least 160 steps, or set Measure every (evaluateEvery) to 1.",
    ],
    ["minutes", { budget: { minutes: 10 } }, "give steps, not minutes"],
  ])("is refused with %s", (_, changes, message) => {
    expect(() => halved(changes)).toThrow(message);
  });
});

describe("the rounds", () => {
  it("are one without halving", () => {
    expect(rounds(seeds(9))).toEqual([{ numRuns: 9, budget: { steps: 100 } }]);
    expect(totalBudget(seeds(9))).toBe(900);
  });

  it("have a third of the runs each, and three times the steps", () => {
    const halved: SweepPlan = { ...seeds(10), budget: { steps: 90 }, halving: 3 };
    expect(rounds(halved)).toEqual([
      { numRuns: 10, budget: { steps: 10 } },
      { numRuns: 3, budget: { steps: 30 } },
      { numRuns: 1, budget: { steps: 90 } },
    ]);
    expect(totalBudget(halved)).toBe(10 * 10 + 3 * 20 + 60);
  });

  it("end with the whole budget, and never have more runs or less budget", () => {
    const arbitrary = fc.record({
      count: fc.integer({ min: 2, max: MAX_RUNS }),
      halving: fc.integer({ min: 2, max: 8 }),
      minutes: fc.double({ min: 0.1, max: 1000, noNaN: true }),
    });
    fc.assert(
      fc.property(arbitrary, ({ count, halving, minutes }) => {
        const all = rounds({ ...seeds(count), budget: { minutes }, halving });
        expect(all.at(-1)?.budget).toEqual({ minutes });
        for (const [i, { numRuns, budget }] of all.entries()) {
          const next = all[i + 1];
          if (!next) continue;
          expect(next.numRuns).toBe(Math.floor(count / halving ** (i + 1)));
          expect(numRuns).toBeGreaterThan(next.numRuns);
          expect(isReached(next.budget, { step: 0, trainedMs: 60_000 * amount(budget) })).toBe(
            false,
          );
        }
      }),
    );
  });
});

function amount(budget: SweepPlan["budget"]): number {
  return "minutes" in budget ? budget.minutes : budget.steps;
}
