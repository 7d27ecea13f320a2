import { describe, expect, it } from "vitest";
import {
  DRAW_DEFAULTS,
  withinImages,
} from "../../../../../../src/app/features/draw/state/drawSettings.ts";

describe("the images to begin with", () => {
  it("are chosen anew where others have fewer", () => {
    const settings = { ...DRAW_DEFAULTS, digit: 9, pair: [2, 9] as const };
    expect(withinImages(settings, 10)).toBe(settings);
    expect(withinImages(settings, 9)).toEqual({ ...settings, digit: 0, pair: null });
    expect(withinImages({ ...settings, digit: 3 }, 9)).toEqual({
      ...settings,
      digit: 3,
      pair: null,
    });
  });
});
