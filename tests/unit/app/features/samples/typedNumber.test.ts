import { expect, it } from "vitest";
import { typedNumber } from "../../../../../src/app/features/samples/typedNumber.ts";
import { askFromQuery } from "../../../../../src/app/shared/network/askedDigits.ts";

function typed(query: string, classes = 10) {
  return typedNumber(askFromQuery(new URLSearchParams(query)), { classes });
}

it("a typed number is what the address asks to write, where a network can and it is short", () => {
  expect(typed("write=42")).toMatchObject({ count: 2, columns: 2, labels: [4, 2], words: "“42”" });
  expect(typed("write=123456789012")).toMatchObject({ count: 12 });
  for (const other of ["", "digit=7", "write=", "write=4x", "write=1234567890123"]) {
    expect(typed(other)).toBeNull();
  }
  expect(typed("write=42", 0)).toBeNull();
  expect(typed("write=42", 4)).toBeNull();
});
