import { createElement } from "react";
import { describe, expect, it } from "vitest";
import { coordinatesOf } from "../../../../../../src/app/features/runs/sweep/ParallelCoordinates.tsx";
import {
  baseWords,
  firstForm,
  lossNote,
  nextAxis,
  planned,
  planWords,
  type SweepForm,
} from "../../../../../../src/app/features/runs/sweep/plannedSweep.ts";
import { planTimeWords } from "../../../../../../src/app/features/runs/sweep/SweepForm.tsx";
import {
  columnsOf,
  mainFigure,
  SweepTable,
  shownFigures,
  sortedRuns,
} from "../../../../../../src/app/features/runs/sweep/SweepTable.tsx";
import { restWords, taskWords } from "../../../../../../src/app/features/runs/sweep/SweepView.tsx";
import { initialState } from "../../../../../../src/app/state/state.ts";
import { presetConfig } from "../../../../../../src/engine/config/presets.ts";
import { gridOf, parseAxis, type SweepPlan } from "../../../../../../src/engine/config/sweep.ts";
import {
  newSweep,
  nextTask,
  type Sweep,
  withResult,
  withRun,
} from "../../../../../../src/runtime/run/sweep.ts";
import { IMAGES, seeds } from "../../../../engine/config/sweeps.ts";
import { htmlOf } from "../../../htmlOf.ts";

const base = { preset: "tiny", config: presetConfig("tiny") };
const form = (changes: Partial<SweepForm> = {}) => ({ ...firstForm(base.config), ...changes });

describe("the form of a sweep", () => {
  it("begins with a plan that can be carried out", () => {
    const { plan, error, axisErrors } = planned(form(), base, {
      numClasses: 10,
      numTrain: 60_000,
    });
    expect(error).toBeNull();
    expect(axisErrors).toEqual([null, null]);
    expect(plan?.runs).toHaveLength(9);
    expect(plan).toMatchObject({ preset: "tiny", base: base.config, budget: { steps: 200 } });
  });

  it("has a list with a run in each line", () => {
    const { plan } = planned(form({ kind: "list", list: "seed=1\n\n seed=2 dim=4" }), base, null);
    expect(plan?.runs).toEqual([{ seed: 1 }, { seed: 2, dim: 4 }]);
    expect(planned(form({ kind: "list" }), base, null).error).toBeNull();
  });

  it("tells what is wrong beside its field, or under the button", () => {
    const axes = [
      { name: "seed", values: "0-1" },
      { name: "seed", values: "2" },
      { name: "dim", values: "x" },
    ] as const;
    expect(planned(form({ axes }), base, null)).toEqual({
      plan: null,
      axisErrors: [null, "This setting is varied above.", expect.stringContaining("not x.")],
      error: null,
    });
    for (const amount of ["", "many", "0"]) {
      expect(planned(form({ amount }), base, null).error).toMatch("Expected a number of steps");
    }
    expect(planned(form({ amount: "1,000" }), base, null).plan?.budget).toEqual({ steps: 1000 });
    expect(planned(form({ amount: "0.5", unit: "minutes" }), base, null).plan?.budget).toEqual({
      minutes: 0.5,
    });
    for (const amount of ["0,5", "1,5", "0,500", "1,0000", "10,00.5"]) {
      const { plan, error } = planned(form({ amount, unit: "minutes" }), base, null);
      expect(plan).toBeNull();
      expect(error).toBe(
        `Expected a number of minutes such as 1,000, with a point before decimals, got ${amount}.`,
      );
    }
    // Of what is not shown nothing is told.
    expect(planned(form({ kind: "list", axes }), base, null).axisErrors).toEqual([]);
  });

  it("offers a setting that is not varied yet", () => {
    const axes = [nextAxis([])];
    expect(axes[0]?.name).toBe("objective");
    expect(nextAxis(axes).name).toBe("batchSize");
  });
});

describe("the words of a sweep", () => {
  const halved: SweepPlan = { ...seeds(9), budget: { steps: 90 }, halving: 3 };

  it("tell the plan", () => {
    expect(planWords(seeds(3))).toBe("3 runs of 100 steps each, 300 steps in all.");
    const { config } = base;
    expect(baseWords("tiny", config)).toBe("Tiny");
    expect(baseWords("tiny", { ...config, seed: 7 })).toBe("Tiny but for Seed");
    expect(
      baseWords("tiny", { ...config, seed: 7, epochs: 9, batchSize: 9, learningRate: 0.1 }),
    ).toMatch(/^Tiny but for \w.*, \w.*, \w.* and 1 more$/);
    expect(planWords({ ...seeds(3), budget: { minutes: 2.5 } })).toBe(
      "3 runs of 2.5 min each, 7.5 min in all.",
    );
    expect(planWords(halved)).toBe(
      "9 runs of 10 steps, then the best 3 up to 30 steps, then the best one up to 90 steps: 210 steps in all.",
    );
  });

  it("tell how long it takes where that is known", () => {
    const state = initialState("tiny", base.config);
    expect(planTimeWords(seeds(3), state)).toBe("");
    const dataset = { ...state.dataset, current: { numTrain: 80, numValidation: 0 } as never };
    const backend = { status: "ready", report: { device: "card" } as never } as const;
    const known = [{ config: base.config, device: "card", batchMs: 100 }];
    const epochTiming = { ...state.epochTiming, known };
    const timed = { ...state, dataset, backend, epochTiming };
    // 300 steps of a tenth of a second.
    expect(planTimeWords(seeds(3), timed)).toMatch(/^About (30|40) s at the speed of the settings/);
  });

  it("tell which losses are not to be compared", () => {
    expect(lossNote(seeds(3), "digit")).toBeNull();
    const runs = gridOf([parseAxis("objective", "v, x0"), parseAxis("lossWeight", "none,library")]);
    expect(lossNote({ ...seeds(1), runs }, "digit")).toMatch(
      /^Losses with different Objective, Loss weight can't be compared\./,
    );
  });

  it("tell where it is", () => {
    let sweep = newSweep(halved, IMAGES);
    const task = nextTask(sweep);
    expect(task && taskWords(sweep, task)).toBe("Run 1 of 9, round 1 of 3: Seed 0");
    const result = { end: "stopped", step: 10, trainedMs: 1, figures: { loss: 1 } } as const;
    sweep = withResult(sweep, 0, result);
    expect(restWords(sweep)).toBe("Done: 1 of 9 runs of this round. Press Resume sweep to go on.");
    for (let next = nextTask(sweep); next; next = nextTask(sweep)) {
      sweep = withResult(sweep, next.index, result);
    }
    expect(restWords(sweep)).toBe("Done: 9 of 9 runs.");
    const diverged = withResult(newSweep(seeds(1), IMAGES), 0, { ...result, end: "diverged" });
    expect(restWords(diverged)).toBe(
      "Done: 1 of 1 run. 1 of them did not get through: the table says why.",
    );
  });
});

describe("the table of a sweep", () => {
  const reached = (index: number, figures: Record<string, number>) => (sweep: Sweep) =>
    withResult(sweep, index, { end: "stopped", step: 1, trainedMs: 1, figures });

  it("stays sorted by a figure where another one comes in before it", () => {
    const order = (sweep: Sweep) =>
      sortedRuns(sweep, columnsOf(sweep, null), { id: "validationLoss", isDown: false });
    let sweep = newSweep(seeds(3), IMAGES);
    sweep = reached(0, { loss: 3, validationLoss: 2 })(sweep);
    sweep = reached(1, { loss: 2, validationLoss: 1 })(sweep);
    expect(order(sweep)).toEqual([1, 0, 2]);
    sweep = reached(2, { loss: 1, liveLoss: 9, validationLoss: 1.5 })(sweep);
    expect(order(sweep)).toEqual([1, 2, 0]);
  });

  it("counts the steps of the run that trains, between its results", () => {
    const sweep = reached(0, { loss: 3 })(newSweep(seeds(2), IMAGES));
    const stepsWhile = (step: number) => {
      const columns = columnsOf(sweep, { index: 0, step });
      const steps = columns.find(({ id }) => id === "steps");
      return [0, 1].map((index) => steps?.words(index));
    };
    expect(stepsWhile(40)).toEqual(["40", "0"]);
    // Before the first step of this part of the run.
    expect(stepsWhile(0)).toEqual(["1", "0"]);
  });

  it("says in the row why a run failed", () => {
    const failure = "The loss is not finite. Try a lower learning rate.";
    const sweep = withRun(newSweep(seeds(2), IMAGES), 1, () => ({ failure }));
    const table = createElement(SweepTable, { sweep, pointed: null, onPoint: () => {} });
    expect(htmlOf(table)).toMatch(new RegExp(`>${failure.replaceAll(".", "\\.")}</div></td>`));
  });
});

describe("parallel coordinates", () => {
  const runs = gridOf([parseAxis("objective", "v, x0"), parseAxis("learningRate", "0.004, 0.001")]);
  let sweep = newSweep({ ...seeds(1), runs }, IMAGES);
  const losses = [0.2, 0.4, 0.3];
  for (const [index, liveLoss] of losses.entries()) {
    const figures = { liveLoss, loss: 1 - liveLoss };
    sweep = withResult(sweep, index, { end: "stopped", step: 1, trainedMs: 1, figures });
  }

  it("lead from the values of each setting to the figure, the best at the top", () => {
    const figure = mainFigure(sweep);
    if (!figure) throw new Error("There is no figure.");
    expect(figure.id).toBe("liveLoss");
    const { axes, lines } = coordinatesOf(sweep, figure);
    expect(axes.map(({ label }) => label)).toEqual([
      ...["Objective", "Learning rate", "Live validation loss"],
    ]);
    expect(axes[1]?.ticks).toEqual([
      { place: 0, words: "0.001" },
      { place: 1, words: "0.004" },
    ]);
    expect(axes[2]?.ticks.map(({ place, words }) => [place, words])).toEqual([
      [1, "0.2000"],
      [0, "0.4000"],
    ]);
    expect(lines.map(({ places }) => places.map((place) => Number(place.toFixed(3))))).toEqual([
      [0, 1, 1],
      [0, 0, 0],
      [1, 1, 0.5],
      // It has no figure yet.
      [1, 0],
    ]);
    expect(lines.map(({ isBest }) => isBest)).toEqual([true, false, false, false]);
    expect(lines[3]?.words).toBe(
      "Run 4: Objective x0, Learning rate 0.001. Live validation loss –",
    );
  });

  it("end before the figure where a run has diverged, which is never the best", () => {
    const diverged = { end: "diverged", step: 1, trainedMs: 1 } as const;
    const lost = withResult(sweep, 3, { ...diverged, figures: { liveLoss: 0.1, loss: 1 } });
    const figure = mainFigure(lost);
    if (!figure) throw new Error("There is no figure.");
    const { axes, lines } = coordinatesOf(lost, figure);
    expect(lines.map(({ isBest }) => isBest)).toEqual([true, false, false, false]);
    expect(lines[3]?.places).toEqual([1, 0]);
    expect(axes[2]?.ticks.map(({ words }) => words)).toEqual(["0.2000", "0.4000"]);
  });

  it("stand at the top where all are as good", () => {
    const one = withResult(newSweep(seeds(2), IMAGES), 0, {
      end: "stopped",
      step: 1,
      trainedMs: 1,
      figures: { loss: 2 },
    });
    const [figure] = shownFigures(one);
    if (!figure) throw new Error("There is no figure.");
    const { axes, lines } = coordinatesOf(one, figure);
    expect(axes[1]?.ticks).toEqual([{ place: 1, words: "2.0000" }]);
    expect(lines[0]?.places).toEqual([0, 1]);
  });
});
