import { expect, it } from "vitest";
import {
  addressedAsk,
  askParams,
  typedNumber,
} from "../../../../../../src/app/features/train/samples/typedNumber.ts";
import { readParams } from "../../../../../../src/app/state/address.ts";
import { ASK_DEFAULTS, type Ask } from "../../../../../../src/runtime/sampling/ask.ts";

const asked = (query: string) => addressedAsk(readParams("train", new URLSearchParams(query)));

function typed(query: string, classes = 10) {
  return typedNumber(asked(query), { classes });
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

it.each<[Partial<Ask>, string]>([
  [{ ask: "text", text: "31" }, "write=31"],
  [{ ask: "class", label: "3" }, "digit=3"],
  [{ ask: "rows" }, ""],
])("what is asked for is in the address where it is a text or a class: %o", (ask, query) => {
  const whole = { ...ASK_DEFAULTS, ...ask };
  const { write, digit } = askParams(whole);
  expect(new URLSearchParams({ ...(write && { write }), ...(digit && { digit }) }).toString()).toBe(
    query,
  );
  expect(asked(query)).toEqual(query === "" ? ASK_DEFAULTS : whole);
});
