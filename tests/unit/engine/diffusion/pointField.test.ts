import { describe, expect, it } from "vitest";
import { planeCounts, planeGrid, planePicture } from "../../../../src/engine/data/plane.ts";
import { fieldOf, straightness } from "../../../../src/engine/diffusion/pointField.ts";

describe("the field", () => {
  it("of one point leads straight to it on the straight path", () => {
    const points = Float32Array.of(2, -1);
    const starts = Float32Array.of(1, 1);
    const from = { signal: 0.5, noise: 0.5 };
    // x - x0 shrinks as 0.5 x0 + 0.5 eps goes to 0.75 x0 + 0.25 eps, with eps = 3, -3.
    const move = fieldOf(points, starts, from, { signal: 0.75, noise: 0.25 });
    expect([...move]).toEqual([-0.5, 1]);
    expect([...fieldOf(points, starts, from, { signal: 1, noise: 0 })]).toEqual([-1, 2]);
  });
});

describe("straightness", () => {
  it("is 1 on a line, whatever its speed, and the share of the direct way otherwise", () => {
    const line = [
      [0, 0],
      [0.1, 0.2],
      [1, 2],
    ].map((at) => Float32Array.from(at));
    expect(straightness(line)).toBeCloseTo(1, 6);
    const corner = [
      [0, 0],
      [3, 0],
      [3, 4],
    ].map((at) => Float32Array.from(at));
    expect(straightness(corner)).toBeCloseTo(5 / 7, 6);
  });
});

describe("the grid of the plane", () => {
  it("has a place in the middle of each cell, whose points are counted there", () => {
    const places = planeGrid(3);
    expect([...places.subarray(0, 4)]).toEqual([-2, 2, 0, 2]);
    expect([...planeCounts(places, 3)]).toEqual(Array(9).fill(1));
    expect([...planeCounts(Float32Array.of(5, 0, 0, -5), 3)]).toEqual(Array(9).fill(0));
  });

  it("is white where most points lie, and black where none do", () => {
    const picture = planePicture(Float32Array.of(-2, 2, -2, 2, -2, 2, -2, 2, 2, -2), 3);
    expect([...picture]).toEqual([255, 0, 0, 0, 0, 0, 0, 0, 127]);
  });
});
