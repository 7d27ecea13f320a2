import { expect, it } from "vitest";
import { plainFileName } from "../../../../src/engine/formats/plainFileName.ts";

it.each([
  ["Quick, 25 Nov, 14:07", "quick-25-nov-14-07"],
  ["../../etc/passwd", "etc-passwd"],
  ["<b>Zahlen & Größen</b>", "b-zahlen-größen-b"],
  ["…", "run"],
  ["a".repeat(200), "a".repeat(80)],
  [`${"a".repeat(79)} b`, "a".repeat(79)],
  [`a${"𠮷".repeat(60)}`, `a${"𠮷".repeat(39)}`],
])("%s becomes %s", (name, expected) => {
  expect(plainFileName(name)).toBe(expected);
});
