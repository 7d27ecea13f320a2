import { describe, expect, it } from "vitest";
import { NOTES, type NoteName } from "../../../../../src/app/shared/explain/notes.ts";

const NAMES = Object.keys(NOTES) as NoteName[];

describe.each(NAMES)("the note %s", (name) => {
  const { text, papers } = NOTES[name];

  it("has a paper with authors, year and number at arXiv", () => {
    expect(papers.length).toBeGreaterThan(0);
    for (const { authors, year, title, arxiv } of papers) {
      expect(authors).toMatch(/^[A-Z]/);
      expect(title).toMatch(/^[A-Z]/);
      // The number begins with the year and month of the first version.
      const [, twoDigits, month] = /^(\d\d)(\d\d)\.\d{4,5}$/.exec(arxiv) ?? [];
      expect(Number(month)).toBeGreaterThan(0);
      expect(Number(month)).toBeLessThan(13);
      // It may have been published a year or so later.
      expect(year - (2000 + Number(twoDigits))).toBeGreaterThanOrEqual(0);
      expect(year - (2000 + Number(twoDigits))).toBeLessThanOrEqual(1);
    }
  });

  it("is short: whole sentences of at most 600 letters in all, none of more than 300", () => {
    for (const sentences of text) expect(sentences).toMatch(/[.!?]$/);
    expect(text.join(" ").length).toBeLessThanOrEqual(600);
    for (const sentence of text.join(" ").split(/(?<=[.!?]) /)) {
      expect(sentence.length).toBeLessThanOrEqual(300);
    }
  });
});

describe("the note on the loss", () => {
  it("tells the assignment's own losses", () => {
    expect(NOTES.loss.text.join(" ")).toMatch(
      /0\.0\d{3} after its first epoch and 0\.03\d\d after/,
    );
  });
});

describe("the note on the evolution", () => {
  it("tells rows from columns, and claims no sampler that the run need not have", () => {
    const text = NOTES.evolution.text.join(" ");
    expect(text).toMatch(/All rows start from the same noise/);
    expect(text).not.toMatch(/every column starts|DDIM|no noise/i);
  });
});
