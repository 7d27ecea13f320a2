import { describe, expect, it } from "vitest";
import {
  timestepJson,
  timestepLosses,
  timestepNumbers,
  timestepSeries,
} from "../../../../../../src/app/features/runs/compare/CompareCharts.tsx";
import type { ComparedRun } from "../../../../../../src/app/features/runs/compare/comparedRuns.ts";
import {
  timestepCsv,
  timestepRows,
} from "../../../../../../src/app/shared/charts/series/bucketRows.ts";
import { presetConfig } from "../../../../../../src/engine/config/presets.ts";

/** Ten steps an epoch. */
function run(place: number, timesteps: number, bucketLosses: number[][]): ComparedRun {
  const runId = String(place);
  return {
    runId,
    place,
    name: "Run",
    dataset: { id: "mnist", name: "MNIST" },
    startedFrom: null,
    numParameters: 1,
    stepsPerEpoch: 10,
    steps: [],
    snapshots: [],
    config: { ...presetConfig("tiny"), timesteps },
    epochs: bucketLosses.map((losses, i) => ({
      epoch: i + 1,
      step: 10 * (i + 1),
      trainLoss: 0.5,
      validationLoss: 0.4,
      wallTimeMs: 0,
      bucketLosses: losses,
    })),
  };
}

const [first, second] = [
  [0.5, 0.25],
  [0.4, 0.2],
];

const runs = [run(0, 1000, [first, second]), run(1, 1000, [[0.3, Number.NaN]])];

describe("the losses by timestep of several runs", () => {
  it("are those of each run's newest epoch, or of the one up to a step", () => {
    const epochsAt = (step: number | null) => timestepLosses(runs, step).map(({ epoch }) => epoch);
    expect(epochsAt(null)).toEqual([2, 1]);
    expect(epochsAt(20)).toEqual([2, 1]);
    expect(epochsAt(19)).toEqual([1, 1]);
    expect(epochsAt(0)).toEqual([1, 1]);
  });

  it("are left out where none were recorded", () => {
    expect(timestepLosses([run(0, 1000, []), run(1, 1000, [[]])], null)).toEqual([]);
  });

  it("are drawn in the middle of their timesteps, each run with its letter", () => {
    const [a, b] = timestepSeries(timestepLosses(runs, null));
    expect(a).toMatchObject({ name: "A Run, epoch 2", xs: [249.5, 749.5], values: second });
    expect(b).toMatchObject({ name: "B Run, epoch 1", values: [0.3, Number.NaN] });
    expect(b?.color).not.toBe(a?.color);
  });

  it("have no part without a timestep", () => {
    const [few] = timestepSeries(timestepLosses([run(0, 1, [[Number.NaN, 0.1]])], null));
    expect(few?.xs).toHaveLength(1);
  });

  it("stand in one row where two runs have the same timesteps, else each in its own", () => {
    const losses = timestepLosses([...runs, run(2, 500, [first])], null);
    const { NaN: none } = Number;
    expect(timestepRows(losses.map(({ parts }) => parts))).toEqual([
      { first: 0, last: 249, losses: [none, none, 0.5] },
      { first: 0, last: 499, losses: [0.4, 0.3, none] },
      { first: 250, last: 499, losses: [none, none, 0.25] },
      { first: 500, last: 999, losses: [0.2, none, none] },
    ]);
    expect(timestepNumbers(losses).rows[0]).toEqual(["0–249", "", "", "0.5000"]);
  });

  it("are the same in the files", () => {
    const losses = timestepLosses(runs, null);
    expect(timestepCsv(losses)).toBe(
      "first_timestep,last_timestep,A Run,B Run\r\n0,499,0.4,0.3\r\n500,999,0.2,\r\n",
    );
    expect(JSON.parse(timestepJson("Loss", losses)).runs[1]).toEqual({
      name: "B Run",
      epoch: 1,
      step: 10,
      parts: [
        { first: 0, last: 499, loss: 0.3 },
        { first: 500, last: 999, loss: null },
      ],
    });
  });
});
