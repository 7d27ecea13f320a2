import { describe, expect, it } from "vitest";
import { smoothingAt, smoothingPlace } from "../../../../../src/app/state/slices/chartOptions.ts";

describe("the slider of the smoothing", () => {
  it("goes from none to an average over a thousand steps, ten times as many every 20 places", () => {
    expect([0, 20, 40, 60].map(smoothingAt)).toEqual([0, 0.9, 0.99, 0.999]);
  });

  it("finds each of its places back", () => {
    for (let place = 0; place <= 60; place++)
      expect(smoothingPlace(smoothingAt(place))).toBe(place);
  });

  it("stands near the decay of an address", () => {
    expect(smoothingPlace(0.95)).toBe(26);
  });
});
