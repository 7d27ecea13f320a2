import { describe, expect, it } from "vitest";
import { parsedJson, parsedObject } from "../../../../src/engine/formats/parsedJson.ts";

const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

describe("JSON of a file", () => {
  it("is parsed up to a depth of 100, wherever that is", () => {
    expect(parsedJson(nested(100))).toEqual(JSON.parse(nested(100)));
    expect(parsedJson(nested(101))).toBeNull();
    expect(parsedObject(`{"a": ${nested(99)}, "b": ${nested(99)}}`)).toHaveProperty("b");
    expect(parsedObject(`{"a": ${nested(100)}}`)).toEqual({});
  });

  it("may have brackets in its texts, also after an escaped quote", () => {
    const text = `${"[{".repeat(500)}\\"${"[".repeat(500)}\\`;
    expect(parsedObject(JSON.stringify({ [text]: text, b: [1] }))).toEqual({
      [text]: text,
      b: [1],
    });
  });

  it("is nothing where it is none", () => {
    expect([parsedJson("{"), parsedJson("[1,]"), parsedObject("3")]).toMatchObject([
      null,
      null,
      {},
    ]);
  });
});
