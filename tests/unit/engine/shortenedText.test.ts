import { expect, it } from "vitest";
import { quoted } from "../../../src/engine/formats/formatError.ts";
import {
  firstFew,
  shortened,
  shortenedMessage,
  truncated,
} from "../../../src/engine/shortenedText.ts";

it("a text is not cut within a character", () => {
  expect(truncated("run 🙂", 5)).toBe("run ");
  expect(truncated("run 🙂", 6)).toBe("run 🙂");
  expect(shortened("run 🙂", 5)).toBe("run …");
  expect(shortened("run 🙂", 6)).toBe("run 🙂");
  expect(quoted("🙂".repeat(41).slice(1))).toMatch(/…"$/);
  expect(quoted(`a${"🙂".repeat(41)}`)).toBe(`"a${"🙂".repeat(39)}…"`);
});

it("a long message keeps its beginning and its end, which says what to do", () => {
  const short = "Expected a number. Export the run again.";
  expect(shortenedMessage(short)).toBe(short);
  // With each parity, so that a cut falls within a character.
  for (const filling of ["", "a"]) {
    const message = `Expected a number, got ${"🙂".repeat(1000)}${filling}. Export the run again.`;
    const shown = shortenedMessage(message);
    expect(shown.length).toBeLessThanOrEqual(600);
    expect(shown).toMatch(/^Expected a number, got 🙂+ … 🙂+a?\. Export the run again\.$/u);
  }
});

it("of many names the first are told, and how many more there are", () => {
  expect(firstFew(["a", "b", "c", "d"])).toBe("a, b, c, d");
  expect(firstFew(["a", "b", "c", "d", "e"])).toBe("a, b, c and 2 more");
  expect(firstFew(["a".repeat(300)])).toBe(`${"a".repeat(80)}…`);
});
