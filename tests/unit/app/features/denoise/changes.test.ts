import { describe, expect, it } from "vitest";
import {
  changePath,
  changePlot,
  changesCsv,
  changesJson,
  HEIGHT,
  LEFT,
} from "../../../../../src/app/features/denoise/picked/changes.ts";

const changes = [
  { t: 499, level: 0.5, change: 4 },
  { t: -1, level: 0, change: 7.5 },
];

describe("the chart of changes", () => {
  it("goes from noise on the left to the digit on the right, and up to a round number", () => {
    const plot = changePlot([changes], { from: 1, width: LEFT + 202 });
    expect(plot.ticks).toEqual([0, 5, 10]);
    expect(plot.x(1)).toBe(LEFT);
    expect(plot.x(0)).toBe(LEFT + 200);
    expect(plot.y(0)).toBe(HEIGHT - 7);
    expect(plot.y(10)).toBe(7);
    expect(changePath(changes, plot)).toBe(`M ${LEFT + 100}.0,63.4 ${LEFT + 200}.0,30.5`);
  });

  it("begins with as much noise as the generation", () => {
    const plot = changePlot([changes], { from: 0.5, width: LEFT + 202 });
    expect([plot.x(0.5), plot.x(0.25), plot.x(0)]).toEqual([LEFT, LEFT + 100, LEFT + 200]);
  });

  it("has neither numbers nor a line before there is any change", () => {
    const plot = changePlot([[]], { from: 1, width: 300 });
    expect(plot.ticks).toEqual([]);
    expect(changePath([], plot)).toBe("");
  });
});

describe("the files of the changes", () => {
  const b = [{ t: -1, level: 0, change: 2 }];

  it("have a row for each step, and a column for each side", () => {
    expect(changesCsv([{ side: "a", changes }])).toBe("step,t,change\r\n1,499,4\r\n2,-1,7.5\r\n");
    const both = [
      { side: "a", changes },
      { side: "b", changes: b },
    ] as const;
    expect(changesCsv(both)).toBe(
      "step,t,change_a,change_b\r\n1,499,4,\r\n2,-1,7.5,\r\n1,-1,,2\r\n",
    );
    expect(JSON.parse(changesJson(both)).series).toEqual([
      {
        side: "a",
        steps: [
          { step: 1, t: 499, change: 4 },
          { step: 2, t: -1, change: 7.5 },
        ],
      },
      { side: "b", steps: [{ step: 1, t: -1, change: 2 }] },
    ]);
  });
});
