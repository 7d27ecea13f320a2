import { describe, expect, it } from "vitest";
import { FIRST_STEPS } from "../../../../../src/app/features/firstSteps/text.ts";

describe("the first steps", () => {
  it("has at most five steps, each at another place", () => {
    expect(FIRST_STEPS.length).toBeGreaterThan(0);
    expect(FIRST_STEPS.length).toBeLessThanOrEqual(5);
    expect(new Set(FIRST_STEPS.map(({ target }) => target)).size).toBe(FIRST_STEPS.length);
  });

  it("begins with what begins everything", () => {
    expect(FIRST_STEPS[0]?.target).toBe("train");
  });

  it("says little: a title and a line of at most 110 letters", () => {
    for (const { title, text, textOfRun = "" } of FIRST_STEPS) {
      expect(title.length).toBeLessThan(35);
      for (const each of [text, textOfRun]) expect(each.length).toBeLessThanOrEqual(110);
    }
  });
});
