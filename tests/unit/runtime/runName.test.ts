import { describe, expect, it } from "vitest";
import {
  defaultRunName,
  importedName,
  uniqueName,
  visibleName,
} from "../../../src/runtime/runName.ts";

it("a run is called after its preset and its time", () => {
  const date = new Date(2026, 10, 5, 9, 7);
  const run = (distilFrom: number) => defaultRunName("tiny", date, { distilFrom, epochs: 3 });
  expect(run(0)).toBe("Tiny, 5 Nov, 09:07");
  expect(run(32)).toBe("Tiny in 4 steps, 5 Nov, 09:07");
});

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
  const long = `a${"🙂".repeat(39)}`;
  expect(uniqueName(long, [long])).toBe(`a${"🙂".repeat(37)} (2)`);
});

it.each([
  ["Quick", "guidance-2.safetensors", "guidance-2"],
  ["Tiny", "My run.SAFETENSORS", "My run"],
  ["Quick, 28 Nov, 01:45", "a.safetensors", "Quick, 28 Nov, 01:45"],
  ["Mine", "a.safetensors", "Mine"],
  ["Quick", ".safetensors", "Quick"],
])("a run “%s” from the file “%s” is called “%s”", (name, fileName, expected) => {
  expect(importedName(name, fileName)).toBe(expected);
});

describe("a name as it was typed", () => {
  it.each([
    ["  My  first\trun ", "My first run"],
    ["<b>x</b>", "<b>x</b>"],
    ["   ", null],
    ["", null],
    ["\u200B\u2800\u00A0\u3164", null],
    ["a".repeat(90), "a".repeat(80)],
    ["gnp.\u202Erun\u2066 ", "gnp.run"],
    ["\u202E\u2069", null],
    [`a${"🙂".repeat(60)}`, `a${"🙂".repeat(39)}`],
  ])("%j is taken as %j", (text, name) => {
    expect(visibleName(text)).toBe(name);
  });
});
