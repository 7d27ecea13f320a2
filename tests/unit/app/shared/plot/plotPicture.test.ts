import { describe, expect, it } from "vitest";
import { spreadOut } from "../../../../../src/app/shared/plot/PlotPicture.tsx";

const ROOM = { gap: 10, from: 0, to: 100 };

describe("names beside the ends of curves", () => {
  it("stand where they are wanted when that is far enough apart", () => {
    expect(spreadOut([80, 10, 40], ROOM)).toEqual([80, 10, 40]);
  });

  it("make room for each other, in the order of the curves", () => {
    expect(spreadOut([41, 40, 42], ROOM)).toEqual([50, 40, 60]);
  });

  it("stay within the plot", () => {
    expect(spreadOut([99, 100], ROOM)).toEqual([90, 100]);
  });

  it("are closer together where there is no room for all", () => {
    expect(spreadOut([5, 5, 5], { gap: 10, from: 0, to: 12 })).toEqual([0, 6, 12]);
  });
});
