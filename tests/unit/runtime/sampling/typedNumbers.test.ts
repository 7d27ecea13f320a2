import { describe, expect, it } from "vitest";
import {
  parseWholeNumber,
  wholeNumberError,
} from "../../../../src/runtime/sampling/typedNumbers.ts";

const range = { min: 1, max: 100 };

describe("a whole number as typed", () => {
  it("is taken with its range's ends and with spaces around it", () => {
    expect(["1", "100", " 32 "].map((text) => parseWholeNumber(text, range))).toEqual([1, 100, 32]);
    expect(wholeNumberError("100", range)).toBeNull();
  });

  it.each([
    ["300", "1 to 100, not 300"],
    ["0", "1 to 100, not 0"],
    ["2.5", "1 to 100, not 2.5"],
    ["many", "1 to 100, not many"],
    [" ", "1 to 100, not empty"],
    ["1234567890123456", "1 to 100, not 123456789012…"],
    [`12345678901🙂`, "1 to 100, not 12345678901…"],
  ])("is refused as %o, with what was expected and what came", (text, error) => {
    expect(parseWholeNumber(text, range)).toBeNull();
    expect(wholeNumberError(text, range)).toBe(error);
  });

  it("is told its range as the page writes counts", () => {
    expect(wholeNumberError("3000", { min: 2, max: 2000 })).toBe("2 to 2,000, not 3000");
  });
});
