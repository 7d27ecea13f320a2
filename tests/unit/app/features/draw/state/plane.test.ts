import { expect, it } from "vitest";
import {
  nearestPlace,
  type PlanePoint,
  pointAfterKey,
  pointAt,
  shareAt,
} from "../../../../../../src/app/features/draw/state/plane.ts";

const near = (point: PlanePoint) => point.map((value) => expect.closeTo(value));

it("the middles of the outer digits are the corners, and beyond them it goes no further", () => {
  expect(pointAt([0.5 / 7, 6.5 / 7])).toEqual(near([0, 1]));
  expect(pointAt([0.5, 0.5])).toEqual(near([0.5, 0.5]));
  expect(pointAt([-3, 1])).toEqual([0, 1]);
  for (const point of [
    [0, 1],
    [0.3, 0.9],
  ] as const) {
    expect(pointAt(shareAt(point))).toEqual(near(point));
  }
});

it("the nearest digit of the grid is in the column and the row of the point", () => {
  expect([0, 0.07, 0.09, 1].map((x) => nearestPlace([x, 0]))).toEqual([0, 0, 1, 6]);
  expect(nearestPlace([0.5, 1])).toBe(6 * 7 + 3);
});

it("arrow keys move the point, with Shift less, up to the edges; others do nothing", () => {
  const after = (key: string, shiftKey = false) => pointAfterKey([0.5, 0.02], { key, shiftKey });
  expect(after("ArrowLeft")).toEqual(near([0.45, 0.02]));
  expect(after("ArrowRight", true)).toEqual(near([0.51, 0.02]));
  expect(after("ArrowDown")).toEqual(near([0.5, 0.07]));
  expect(after("ArrowUp")).toEqual([0.5, 0]);
  expect(after("Home")).toBeNull();
});
