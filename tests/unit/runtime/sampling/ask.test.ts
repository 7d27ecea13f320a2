import { describe, expect, it } from "vitest";
import { DATASETS } from "../../../../src/engine/data/datasets.ts";
import {
  ASK_DEFAULTS,
  type Ask,
  askedDigits,
  askOfKey,
  askOfText,
  guidedCondition,
} from "../../../../src/runtime/sampling/ask.ts";

const asked = (ask: Partial<Ask>, classes = 10, typedCount: number | null = 12) =>
  askedDigits({ ...ASK_DEFAULTS, ...ask }, { classes, typedCount, naming: DATASETS.mnist.naming });
const labels = (...of: Parameters<typeof asked>) => asked(...of).asked?.labels;

describe("what a network with classes is asked for", () => {
  it("is all classes in turn, one, or none for every digit", () => {
    expect(labels({})).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
    expect(labels({ ask: "class", label: "3" }, 10, 2)).toEqual([3, 3]);
    expect(labels({ ask: "none" }, 10, 2)).toEqual([null, null]);
    expect(asked({ ask: "class" }, 10, null)).toEqual({ asked: null, errors: {} });
  });

  it("is a text in one row, with a digit for each of its characters, whatever number was typed", () => {
    expect(asked({ ask: "text", text: "2026" }, 10, null).asked).toMatchObject({
      count: 4,
      labels: [2, 0, 2, 6],
      columns: 4,
      isShared: false,
    });
    // Longer ones in lines, and told by their ends.
    const long = asked({ ask: "text", text: `2026${"1".repeat(50)}31` }).asked;
    expect(long).toMatchObject({ columns: 20, count: 56 });
    expect(long?.words).toMatch(/^“2026.{3,10}…1+31”$/);
  });

  it("has a column for each class where the digits come out even", () => {
    expect(asked({ ask: "any" }, 10, 40).asked).toMatchObject({ count: 40, columns: 10 });
    expect(asked({ ask: "any" }, 10, 36).asked).toMatchObject({ count: 36, columns: null });
    expect(asked({ ask: "any" }, 0, 40).asked).toMatchObject({ count: 40, columns: null });
  });

  it("is a row of each class, as many in a row as there is room for", () => {
    const ten = asked({ ask: "rows" }).asked;
    expect(ten).toMatchObject({ count: 100, columns: 10, rows: { perClass: 10 } });
    expect(ten?.labels?.slice(9, 11)).toEqual([0, 1]);
    expect(asked({ ask: "rows" }, 47).asked).toMatchObject({ count: 94, rows: { perClass: 2 } });
    expect(asked({ ask: "rows" }, 256).asked).toMatchObject({ count: 100 });
  });

  it("is a mixture of two classes, from the same noise", () => {
    const { asked: between } = asked({ ask: "between", label: "7", to: "1" }, 10, 3);
    expect(between).toMatchObject({ isShared: true, columns: null });
    expect(between?.labels).toEqual(
      [0, 0.5, 1].map((share) => ({ of: [7, 1], shares: [1 - share, share] })),
    );
  });

  it.each<[Partial<Ask>, number, keyof Ask, RegExp]>([
    [{ ask: "class", label: "10" }, 10, "label", /0 to 9.*10/],
    [{ ask: "class", label: "47" }, 47, "label", /0 to 46.*47/],
    [{ ask: "between", to: "x" }, 10, "to", /0 to 9.*x/],
    [{ ask: "text", text: "20a6" }, 10, "text", /^Only digits from 0 to 9/],
    [{ ask: "text", text: " " }, 10, "text", /0 to 9/],
    // Of an EMNIST network the digits, of one with few classes those that it has.
    [{ ask: "text", text: "12" }, 2, "text", /0 to 1/],
    [{ ask: "text", text: "1".repeat(101) }, 10, "text", /1 to 100.*101/],
    [{ ask: "class" }, 0, "ask", /without labels/],
    [{ ask: "text" }, 0, "ask", /without labels/],
  ])("is wrong as %o of %i classes, in field %s", (ask, classes, field, words) => {
    const { asked: wrong, errors } = asked(ask, classes);
    expect(wrong).toBeNull();
    expect(Object.keys(errors)).toEqual([field]);
    expect(errors[field]).toMatch(words);
  });

  it("is nothing for a network without classes", () => {
    expect(labels({}, 0)).toBeNull();
    expect(asked({}, 0).asked).toMatchObject({ count: 12 });
  });
});

describe("classes with names", () => {
  const naming = { noun: "image", classNames: ["ankle boot", "Bag", "♥"] } as const;
  const named = (ask: Partial<Ask>, classes = 3) =>
    askedDigits({ ...ASK_DEFAULTS, ...ask }, { classes, typedCount: 4, naming });

  it.each([
    ["ankle boot, bag", [0, 1]],
    ["♥♥ BAG", [2, 2, 1]],
    [" ♥;Ankle Boot ", [2, 0]],
  ])("are asked for by them: %s", (text, labels) => {
    expect(named({ ask: "text", text }).asked?.labels).toEqual(labels);
  });

  it("are none of a text with anything else, or of a class that the network lacks", () => {
    for (const text of ["", " , ", "boot", "bag, 7", "0"])
      expect(named({ ask: "text", text }).errors).toHaveProperty("text");
    expect(named({ ask: "text", text: "♥" }, 2).errors).toHaveProperty("text");
  });

  it("may have commas", () => {
    const commas = { noun: "image", classNames: ["a", "cats, dogs"] } as const;
    const form = { classes: 2, typedCount: 4, naming: commas };
    const { asked } = askedDigits({ ...ASK_DEFAULTS, ask: "text", text: "Cats, dogs" }, form);
    expect(asked?.labels).toEqual([1]);
  });

  it("tell which name of a text is none of theirs", () => {
    const errorOf = (text: string) => named({ ask: "text", text }).errors.text;
    expect(errorOf("bag, boot")).toBe(
      "No class is called “boot”. The classes: ankle boot, Bag, ♥.",
    );
    expect(errorOf("♥7")).toContain("“♥7”");
    expect(errorOf(" , ")).toBe("Names of classes, with commas between them");
  });

  it("are told by them in a caption", () => {
    expect(named({ ask: "class", label: "0" }).asked?.words).toBe("4 images of class ankle boot");
    expect(named({ ask: "between", label: "1", to: "2" }).asked?.words).toContain("Bag to ♥");
  });
});

describe("a typed text", () => {
  it("is asked for as it is, and all digits again once it is empty", () => {
    expect(asked(askOfText("2026")).asked).toMatchObject({ labels: [2, 0, 2, 6] });
    expect(asked(askOfText(" 12 34 ")).asked).toMatchObject({
      labels: [1, 2, 3, 4],
      columns: 4,
      words: "“12 34”",
    });
    expect(asked(askOfText("2o")).errors).toHaveProperty("text");
    expect({ ...ASK_DEFAULTS, ...askOfText("7"), ...askOfText("") }).toEqual(ASK_DEFAULTS);
  });
});

describe("a key", () => {
  it("asks for a class that there is, or for all", () => {
    expect(askOfKey("7", 47)).toEqual({ ask: "class", label: "7" });
    expect(askOfKey("7", 5)).toBeNull();
    expect(askOfKey("a", 10)).toEqual({ ask: "any" });
    expect(askOfKey("a", 0)).toBeNull();
    expect(askOfKey("b", 10)).toBeNull();
  });
});

describe("a guidance scale", () => {
  it("is 1 where no label is asked for, on which it has no effect", () => {
    expect(guidedCondition([null, null], 2)).toEqual({ labels: [null, null], guidance: 1 });
    expect(guidedCondition([7, null], 2)?.guidance).toBe(2);
    expect(guidedCondition(null, 2)).toBeNull();
  });
});
