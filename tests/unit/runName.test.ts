import { expect, it } from "vitest";
import { truncated, uniqueName } from "../../src/runName.ts";

it.each([
  ["Quick", [], "Quick"],
  ["Quick", ["Tiny"], "Quick"],
  ["Quick", ["Quick"], "Quick (2)"],
  ["Quick", ["Quick", "Quick (2)", "Quick (4)"], "Quick (3)"],
  ["Quick (2)", ["Quick", "Quick (2)"], "Quick (3)"],
])("a second “%s” beside %j is called “%s”", (name, taken, expected) => {
  expect(uniqueName(name, taken)).toBe(expected);
});

it("a name that is as long as it may be is cut, so that its number can be read", () => {
  const long = "a".repeat(80);
  expect(uniqueName(long, [long])).toBe(`${"a".repeat(76)} (2)`);
});

it("a name is not cut within a character", () => {
  expect(truncated("run 🙂", 5)).toBe("run ");
  expect(truncated("run 🙂", 6)).toBe("run 🙂");
});
