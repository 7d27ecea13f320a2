import { describe, expect, it } from "vitest";
import { bucketCsv, bucketJson } from "../../../../../src/app/features/charts/bucketFiles.ts";
import { epochOf } from "../../shared/charts/exampleRun.ts";

const EPOCHS = [
  [9, 9],
  [0.5, Number.NaN],
  [0.25, 0.125],
].map((bucketLosses, i) => epochOf(i + 1, { bucketLosses }));

describe("the losses by timestep of an epoch", () => {
  it("are a table with those of the epoch before", () => {
    expect(bucketCsv(EPOCHS, 1000).split("\r\n")).toEqual([
      "first_timestep,last_timestep,epoch_2,epoch_3",
      "0,499,0.5,0.25",
      "500,999,,0.125",
      "",
    ]);
  });

  it("are the first epoch's alone after it", () => {
    expect(bucketCsv(EPOCHS.slice(0, 1), 1000)).toMatch(/^first_timestep,last_timestep,epoch_1\r/);
  });

  it("are the same as JSON, null where no image fell", () => {
    expect(JSON.parse(bucketJson("Title", EPOCHS, 1000))).toEqual({
      title: "Title",
      timesteps: [
        { first: 0, last: 499 },
        { first: 500, last: 999 },
      ],
      epochs: [
        { epoch: 2, step: 20, loss: [0.5, null] },
        { epoch: 3, step: 30, loss: [0.25, 0.125] },
      ],
    });
  });
});
