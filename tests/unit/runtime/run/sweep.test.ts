import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  gridOf,
  parseAxis,
  rounds,
  type SweepPlan,
  totalBudget,
} from "../../../../src/engine/config/sweep.ts";
import type { EpochReport, StepReport } from "../../../../src/engine/train/reports.ts";
import {
  bestOf,
  budgetDone,
  membersOf,
  newSweep,
  nextTask,
  resultOf,
  type Sweep,
  type SweepResult,
  type SweepTask,
  seedCount,
  seedGroups,
  spreadOf,
  withResult,
} from "../../../../src/runtime/run/sweep.ts";
import { IMAGES, seeds } from "../../engine/config/sweeps.ts";

const HALVED: SweepPlan = { ...seeds(9), budget: { steps: 90 }, halving: 3 };

/** What the run with this place in the plan reaches, unless changed: the better, the later in the plan. */
function reached(index: number, changes: Partial<SweepResult> = {}): SweepResult {
  const figures = { liveLoss: 1 - index / 100, loss: index };
  return { end: "stopped", step: 10, trainedMs: 1000, figures, ...changes };
}

/** Trains all that is left; the tasks in their order. */
function trained(
  plan: SweepPlan,
  resultOfTask: (task: SweepTask) => SweepResult = ({ index }) => reached(index),
): { sweep: Sweep; tasks: SweepTask[] } {
  let sweep = newSweep(plan, IMAGES);
  const tasks: SweepTask[] = [];
  for (let task = nextTask(sweep); task; task = nextTask(sweep)) {
    tasks.push(task);
    sweep = withResult(sweep, task.index, resultOfTask(task));
  }
  return { sweep, tasks };
}

const indices = (tasks: readonly SweepTask[], round: number) =>
  tasks.filter((task) => task.round === round).map(({ index }) => index);

describe("a sweep", () => {
  it("trains one run after the other to its budget", () => {
    const { tasks, sweep } = trained(seeds(3));
    const budget = { steps: 100 };
    expect(tasks).toEqual([0, 1, 2].map((index) => ({ index, round: 0, budget })));
    expect(nextTask(sweep)).toBeNull();
  });

  it("goes on where a run failed, diverged or ended by itself", () => {
    const ends = ["failed", "diverged", "finished", "stoppedEarly"] as const;
    const { tasks } = trained(seeds(4), ({ index }) =>
      reached(index, { end: ends[index] as (typeof ends)[number] }),
    );
    expect(indices(tasks, 0)).toEqual([0, 1, 2, 3]);
  });

  it("with halving goes on with the best of each round, the last of which is the best of all", () => {
    const { tasks, sweep } = trained(HALVED);
    expect(bestOf(sweep)).toBe(8);
    expect(bestOf(newSweep(HALVED, IMAGES))).toBeNull();
    expect(indices(tasks, 0)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(indices(tasks, 1)).toEqual([6, 7, 8]);
    expect(indices(tasks, 2)).toEqual([8]);
    expect(tasks.map(({ budget }) => budget)).toEqual([
      ...new Array(9).fill({ steps: 10 }),
      ...new Array(3).fill({ steps: 30 }),
      { steps: 90 },
    ]);
  });

  it("ranks by the validation loss where all have one, and by the training loss where it is all there is", () => {
    const validated = trained(HALVED, ({ index }) =>
      reached(index, { figures: { validationLoss: index, liveLoss: -index } }),
    );
    expect(indices(validated.tasks, 2)).toEqual([0]);
    const alone = trained(HALVED, ({ index }) => reached(index, { figures: { loss: index } }));
    expect(indices(alone.tasks, 2)).toEqual([0]);
    // One of them has none.
    const mixed = trained(HALVED, ({ index }) =>
      reached(index, {
        figures: { ...(index > 0 && { validationLoss: 9 - index }), liveLoss: index },
      }),
    );
    expect(indices(mixed.tasks, 2)).toEqual([0]);
  });

  it("ranks by the Fréchet distance alone where losses are not to be compared", () => {
    const runs = parseAxis("objective", "v, noise, x0");
    const plan = { ...seeds(0), runs, halving: 3 };
    const losses = [0.46, 0.05, 8.7];
    const { tasks } = trained(plan, ({ index }) => {
      const figures = { liveLoss: losses[index] as number, "quality.frechetDistance": 9 - index };
      return reached(index, { figures });
    });
    expect(indices(tasks, 1)).toEqual([2]);
    // Of the first one nothing was measured.
    const part = trained(plan, ({ index }) => {
      const measured = { ...(index > 0 && { "quality.frechetDistance": index }) };
      return reached(index, { figures: { liveLoss: losses[index] as number, ...measured } });
    });
    expect(indices(part.tasks, 1)).toEqual([1]);
  });

  it("does not go on with runs that failed, even where fewer than the round has room for are left", () => {
    const { tasks } = trained(HALVED, ({ index }) =>
      reached(index, index === 4 ? {} : { end: index > 4 ? "diverged" : "failed" }),
    );
    expect(indices(tasks, 1)).toEqual([4]);
    expect(indices(tasks, 2)).toEqual([4]);
    const lost = trained(HALVED, ({ index }) => reached(index, { end: "failed" }));
    expect(lost.tasks).toHaveLength(9);
  });

  it("does not train on what has finished, which counts in later rounds", () => {
    const { tasks, sweep } = trained(HALVED, ({ index }) => reached(index, { end: "finished" }));
    expect(tasks).toHaveLength(9);
    expect(membersOf(sweep, 2)).toEqual([8]);
  });

  it("of any size trains as many runs in each round as it has room for, the best, and nothing twice", () => {
    const plans = fc.record({
      count: fc.integer({ min: 2, max: 40 }),
      halving: fc.option(fc.integer({ min: 2, max: 5 })),
      losses: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
        minLength: 40,
        maxLength: 40,
      }),
    });
    fc.assert(
      fc.property(plans, ({ count, halving, losses }) => {
        fc.pre(halving === null || halving <= count);
        const plan: SweepPlan = { ...seeds(count), budget: { steps: 10_000 }, halving };
        const { tasks, sweep } = trained(plan, ({ index }) =>
          reached(index, { figures: { liveLoss: losses[index] as number } }),
        );
        const all = rounds(plan);
        for (const [round, { numRuns, budget }] of all.entries()) {
          const members = indices(tasks, round);
          expect(members).toHaveLength(numRuns);
          expect(new Set(members).size).toBe(numRuns);
          expect(tasks.find((task) => task.round === round)?.budget).toEqual(budget);
          const before = round === 0 ? members : indices(tasks, round - 1);
          const worst = Math.max(...members.map((index) => losses[index] as number));
          const out = before.filter((index) => !members.includes(index));
          expect(out.every((index) => (losses[index] as number) >= worst)).toBe(true);
        }
        expect(budgetDone(sweep)).toBeCloseTo(totalBudget(plan));
      }),
    );
  });

  it("stored between any two tasks and read again comes to the same end", () => {
    const whole = trained(HALVED);
    for (let numDone = 0; numDone < whole.tasks.length; numDone++) {
      let sweep = newSweep(HALVED, IMAGES);
      for (const task of whole.tasks.slice(0, numDone)) {
        sweep = withResult(sweep, task.index, reached(task.index));
      }
      sweep = JSON.parse(JSON.stringify(sweep));
      expect(nextTask(sweep)).toEqual(whole.tasks[numDone]);
    }
  });

  it("is done by as much as its budgets", () => {
    let sweep = newSweep(HALVED, IMAGES);
    expect(budgetDone(sweep)).toBe(0);
    for (let i = 0; i < 9; i++) sweep = withResult(sweep, i, reached(i));
    expect(budgetDone(sweep)).toBe(90);
    sweep = withResult(sweep, 7, reached(7));
    expect(budgetDone(sweep)).toBe(110);
  });
});

describe("the figures of a run", () => {
  const step = (at: number, changes: Partial<StepReport> = {}): StepReport => ({
    step: at,
    loss: at,
    gradNorm: 1,
    learningRate: 1e-3,
    stepMs: 10,
    wallTimeMs: 0,
    ...changes,
  });
  const epoch = (at: number, changes: Partial<EpochReport> = {}): EpochReport => ({
    epoch: at,
    step: 2 * at,
    trainLoss: 1,
    validationLoss: 1 / at,
    bucketLosses: [],
    wallTimeMs: 0,
    ...changes,
  });

  /** Of which nothing here uses up as much. */
  const AMPLE = { steps: 1e6 };

  it.each([
    ["steps", { steps: 4 }],
    ["minutes", { minutes: 40 / 60_000 }],
  ])("are those at its budget of %s, of a run that was trained on beyond it", (_, budget) => {
    const steps = Array.from({ length: 9 }, (_, i) => step(i + 1));
    const history = { steps, epochs: [epoch(1), epoch(2), epoch(3)] };
    expect(resultOf("stopped", history, budget)).toEqual({
      end: "stopped",
      step: 4,
      trainedMs: 40,
      figures: { loss: 2.5, validationLoss: 0.5 },
    });
  });

  it("are the last of each, and of the training loss the mean of the last hundred", () => {
    const steps = Array.from({ length: 200 }, (_, i) => step(i + 1));
    steps[100] = step(101, { liveLoss: 0.5 });
    steps[150] = step(151, { liveLoss: 0.25 });
    const history = { steps, epochs: [epoch(1), epoch(2)] };
    expect(resultOf("stopped", history, AMPLE)).toEqual({
      end: "stopped",
      step: 200,
      trainedMs: 2000,
      figures: { loss: 150.5, liveLoss: 0.25, validationLoss: 0.5 },
    });
  });

  it("have the time of those steps whose time is known", () => {
    const steps = [step(1), step(2, { stepMs: Number.NaN }), step(3)];
    expect(resultOf("stopped", { steps, epochs: [] }, AMPLE).trainedMs).toBe(20);
  });

  it("leave out a live validation of the first half", () => {
    const steps = [step(1, { liveLoss: 1 }), step(2), step(3)];
    expect(resultOf("stopped", { steps, epochs: [] }, AMPLE).figures).toEqual({ loss: 2 });
  });

  it("are left out where there are none, or no numbers", () => {
    const history = {
      steps: [step(1, { loss: Number.NaN })],
      epochs: [epoch(1, { validationLoss: Number.NaN })],
    };
    expect(resultOf("diverged", history, AMPLE).figures).toEqual({});
    expect(resultOf("failed", { steps: [], epochs: [] }, AMPLE)).toMatchObject({
      step: 0,
      figures: {},
    });
  });
});

describe("the spread over seeds", () => {
  it("is that of the sample", () => {
    expect(spreadOf([1, 2, 3])).toEqual({ mean: 2, deviation: 1, count: 3 });
    expect(spreadOf([5]).deviation).toBeNaN();
  });

  const grid: SweepPlan = {
    ...seeds(0),
    runs: gridOf([parseAxis("objective", "v, x0"), parseAxis("seed", "0-2")]),
  };

  it("is of runs that differ in nothing else, without those that failed", () => {
    const { sweep } = trained(grid, ({ index }) =>
      reached(index, { end: index === 1 ? "failed" : "stopped", figures: { loss: index } }),
    );
    expect(seedGroups(sweep)).toEqual([
      {
        indices: [0, 1, 2],
        numCounted: 2,
        figures: { loss: { mean: 1, deviation: Math.SQRT2, count: 2 } },
      },
      {
        indices: [3, 4, 5],
        numCounted: 3,
        figures: { loss: { mean: 4, deviation: 1, count: 3 } },
      },
    ]);
    expect(seedGroups(sweep).map(seedCount)).toEqual(["2 of 3", "3"]);
  });

  it("is of the first round alone, where all are", () => {
    const { sweep } = trained({ ...grid, halving: 6 }, ({ index, round }) =>
      reached(index, { figures: { loss: round === 0 ? index : 100 } }),
    );
    expect(seedGroups(sweep)[0]?.figures.loss?.mean).toBe(1);
  });

  it("is not there where no runs differ in their seed alone", () => {
    const other = { ...grid, runs: parseAxis("objective", "v, x0") };
    expect(seedGroups(trained(other).sweep)).toEqual([]);
    const runs = [{ objective: "v", seed: 1 } as const, { objective: "x0", seed: 2 } as const];
    expect(seedGroups(trained({ ...grid, runs }).sweep)).toEqual([]);
  });
});
