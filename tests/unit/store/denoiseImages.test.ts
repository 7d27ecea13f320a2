import { describe, expect, it } from "vitest";
import { numShownImages, withinImages } from "../../../src/store/denoiseImages.ts";
import { DENOISE_DEFAULTS } from "../../../src/store/denoiseSettings.ts";

describe("the images to begin with", () => {
  it("are those held out of training, or all where hardly any are", () => {
    expect(numShownImages({ numTrain: 60, numValidation: 10 })).toBe(10);
    expect(numShownImages({ numTrain: 60, numValidation: 1 })).toBe(60);
    expect(numShownImages({ numTrain: 60, numValidation: 0 })).toBe(60);
  });

  it("are chosen anew where others have fewer", () => {
    const settings = { ...DENOISE_DEFAULTS, digit: 9, pair: [2, 9] as const };
    expect(withinImages(settings, 10)).toBe(settings);
    expect(withinImages(settings, 9)).toEqual({ ...settings, digit: 0, pair: null });
    expect(withinImages({ ...settings, digit: 3 }, 9)).toEqual({
      ...settings,
      digit: 3,
      pair: null,
    });
  });
});
