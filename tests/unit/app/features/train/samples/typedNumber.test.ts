import { expect, it } from "vitest";
import {
  askOfNumber,
  typedNumber,
} from "../../../../../../src/app/features/train/samples/typedNumber.ts";
import { DATASETS } from "../../../../../../src/engine/data/datasets.ts";
import { ASK_DEFAULTS } from "../../../../../../src/runtime/sampling/ask.ts";

it("a number that is typed is written where a network can and it is short", () => {
  const typed = (text: string, classes = 10) =>
    typedNumber(text, { classes, naming: DATASETS.mnist.naming });
  expect(typed("42")).toMatchObject({ count: 2, columns: 2, labels: [4, 2], words: "“42”" });
  expect(typed("123456789012")).toMatchObject({ count: 12 });
  for (const other of ["", "4x", "1234567890123"]) expect(typed(other)).toBeNull();
  expect(typed("42", 0)).toBeNull();
  expect(typed("42", 4)).toBeNull();
});

it("no number asks for any digits", () => {
  expect(askOfNumber("")).toEqual(ASK_DEFAULTS);
  expect(askOfNumber("31")).toMatchObject({ ask: "text", text: "31" });
});
