import { expect, it } from "vitest";
import { quoted } from "../../../src/engine/formats/formatError.ts";
import {
  firstFew,
  firstFewQuoted,
  shortened,
  shortenedMessage,
  shownLine,
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

it.each([
  ["a name", (text: string) => shortened(text, 80)],
  ["a long one", (text: string) => shortened(text.repeat(9), 80)],
  ["a quoted one", quoted],
  ["a message", shortenedMessage],
  ["a long message", (text: string) => shortenedMessage(text.repeat(99))],
  ["a line", shownLine],
])("%s cannot turn around what stands beside it", (_, shown) => {
  for (const turn of "\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069") {
    expect(shown(`gnp.${turn}run`)).toMatch(/^"?gnp\.run/);
    expect(shown(`gnp.${turn}run`)).not.toContain(turn);
  }
  // Marks of Arabic and Hebrew texts, and joined emoji, are left.
  expect(shown("\u200F👩\u200D🔬")).toContain("\u200F👩\u200D🔬");
});

it("a text of a file is shown in one line, as long as names of files may be", () => {
  const longest = "a".repeat(255);
  expect(shownLine(longest)).toBe(longest);
  expect(shownLine(`${longest}b`)).toBe(`${longest}…`);
  expect(shownLine(shownLine(`${longest}b`))).toBe(`${longest}…`);
  expect(shownLine("one\r\n\n# two\u0007")).toBe("one # two ");
});

it("of many names the first are told, and how many more there are", () => {
  expect(firstFew(["a", "b", "c", "d"])).toBe("a, b, c, d");
  expect(firstFew(["a", "b", "c", "d", "e"])).toBe("a, b, c and 2 more");
  expect(firstFew(["a".repeat(300)])).toBe(`${"a".repeat(80)}…`);
  // Quotes are around what is left of a name.
  expect(firstFewQuoted(["a".repeat(300), "b"])).toBe(`“${"a".repeat(80)}…”, “b”`);
});
