import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeSafetensors,
  encodeSafetensors,
  type WritableTensor,
} from "../../../../../src/engine/formats/safetensors/safetensors.ts";
import { safetensorsFile } from "../safetensorsFile.ts";

// Little-endian: 1 and -2.5 as float32, -2 and 258 as int32.
const ONE = [0, 0, 0x80, 0x3f];
const MINUS_TWO_AND_A_HALF = [0, 0, 0x20, 0xc0];
const MINUS_TWO = [0xfe, 0xff, 0xff, 0xff];
const TWO_HUNDRED_FIFTY_EIGHT = [2, 1, 0, 0];

describe("a safetensors file", () => {
  // Names of all lengths, so that the data begin at every offset modulo 4.
  it.each(["w", "we", "wei", "weig"])("gives the values of %s, aligned or not", (name) => {
    const header = { [name]: { dtype: "F32", shape: [2], data_offsets: [0, 8] } };
    const { tensors } = decodeSafetensors(
      safetensorsFile(header, [...ONE, ...MINUS_TWO_AND_A_HALF]),
    );
    expect(tensors.get(name)).toEqual({
      dtype: "F32",
      shape: [2],
      values: new Float32Array([1, -2.5]),
    });
  });

  it("gives each of several tensors its own bytes, whatever their order in the header", () => {
    const header = {
      second: { dtype: "I32", shape: [2, 1], data_offsets: [4, 12] },
      first: { dtype: "F32", shape: [], data_offsets: [0, 4] },
      none: { dtype: "F32", shape: [0], data_offsets: [4, 4] },
    };
    const data = [...ONE, ...MINUS_TWO, ...TWO_HUNDRED_FIFTY_EIGHT];
    const { tensors } = decodeSafetensors(safetensorsFile(header, data));
    expect([...tensors.keys()].sort()).toEqual(["first", "none", "second"]);
    expect(tensors.get("first")?.values).toEqual(new Float32Array([1]));
    expect(tensors.get("second")).toEqual({
      dtype: "I32",
      shape: [2, 1],
      values: new Int32Array([-2, 258]),
    });
    expect(tensors.get("none")?.values).toHaveLength(0);
  });

  it.each([
    ["F16", [0x00, 0x3c, 0x00, 0xc1], new Float32Array([1, -2.5])],
    ["BF16", [0x80, 0x3f, 0x20, 0xc0], new Float32Array([1, -2.5])],
    ["I64", [...MINUS_TWO, 255, 255, 255, 255, 2, 1, 0, 0, 1, 0, 0, 0], [-2, 2 ** 32 + 258]],
    ["F64", [...new Uint8Array(Float64Array.of(0.1, -1e300).buffer)], [0.1, -1e300]],
    ["U8", [0, 255], new Uint8Array([0, 255])],
    ["BOOL", [0, 1], new Uint8Array([0, 1])],
  ] as const)("gives values of type %s as numbers", (dtype, data, values) => {
    const header = { x: { dtype, shape: [2], data_offsets: [0, data.length] } };
    const read = decodeSafetensors(safetensorsFile(header, data)).tensors.get("x");
    expect(read?.dtype).toBe(dtype);
    expect(Array.from(read?.values ?? [])).toEqual(Array.from(values));
  });

  it("gives its metadata, which is no tensor, or none", () => {
    const metadata = { unet: '{"dim": 8}' };
    const { tensors, metadata: read } = decodeSafetensors(
      safetensorsFile({ __metadata__: metadata }),
    );
    expect(read).toEqual(metadata);
    expect(tensors.size).toBe(0);
    expect(decodeSafetensors(safetensorsFile({})).metadata).toEqual({});
    const withoutAny = encodeSafetensors({ tensors: new Map() });
    expect(new TextDecoder().decode(withoutAny.subarray(8))).toBe("{}      ");
  });

  it("is read from the middle of a larger buffer, and shares no memory with it", () => {
    const header = { w: { dtype: "F32", shape: [1], data_offsets: [0, 4] } };
    const bytes = safetensorsFile(header, ONE);
    const larger = Buffer.alloc(bytes.length + 10);
    larger.set(bytes, 3);
    const { tensors } = decodeSafetensors(larger.subarray(3, 3 + bytes.length));
    larger.fill(255);
    expect(tensors.get("w")?.values).toEqual(new Float32Array([1]));
  });
});

describe("a written safetensors file", () => {
  const tensors = new Map<string, WritableTensor>([
    ["half", { dtype: "F16", shape: [3], values: new Float32Array([1, -2.5, 65504]) }],
    ["steps", { dtype: "I32", shape: [1], values: new Int32Array([-7]) }],
    ["weight", { dtype: "F32", shape: [1, 2], values: new Float32Array([0.1, -0]) }],
    ["scalar", { dtype: "F32", shape: [], values: new Float32Array([3]) }],
    ["loss", { dtype: "F64", shape: [2], values: new Float64Array([0.1, -0]) }],
    ["none", { dtype: "F32", shape: [0, 5], values: new Float32Array() }],
  ]);
  const metadata = { unet: '{"dim": 8}', note: "Zoë “quotes” \u0000" };

  it("gives back what was written", () => {
    expect(decodeSafetensors(encodeSafetensors({ tensors, metadata }))).toEqual({
      tensors,
      metadata,
    });
    expect(decodeSafetensors(encodeSafetensors({ tensors: new Map() })).tensors.size).toBe(0);
  });

  it("keeps every bit of float32 and int32 values, those of NaN too", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }).filter(({ length }) => length % 4 === 0),
        (data) => {
          for (const dtype of ["F32", "I32"] as const) {
            const { buffer } = Uint8Array.from(data);
            const shape = [data.length / 4];
            const tensor: WritableTensor =
              dtype === "F32"
                ? { dtype, shape, values: new Float32Array(buffer) }
                : { dtype, shape, values: new Int32Array(buffer) };
            const bytes = encodeSafetensors({ tensors: new Map([["x", tensor]]) });
            const read = decodeSafetensors(bytes).tensors.get("x");
            expect(new Uint8Array(read?.values.buffer ?? new ArrayBuffer(1))).toEqual(data);
          }
        },
      ),
    );
  });

  it("takes any text for the name of a tensor", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.oneof(fc.string({ unit: "grapheme" }), fc.constant("__proto__"))),
        (names) => {
          const values = new Map(
            names.map((name, i): [string, WritableTensor] => [
              name,
              { dtype: "I32", shape: [1], values: new Int32Array([i]) },
            ]),
          );
          expect(decodeSafetensors(encodeSafetensors({ tensors: values })).tensors).toEqual(values);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("has a header padded with spaces and every tensor at a multiple of its type's size", () => {
    const bytes = encodeSafetensors({ tensors, metadata });
    const headerLength = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(bytes).toHaveLength(8 + headerLength + 3 * 2 + 4 + 2 * 4 + 4 + 2 * 8);
    const text = new TextDecoder().decode(bytes.subarray(8, 8 + headerLength));
    expect(headerLength % 8).toBe(0);
    expect(text).toMatch(/^\{.*\} {0,7}$/);
    const { half, steps, weight } = JSON.parse(text);
    expect(half.data_offsets[0] % 2).toBe(0);
    expect(steps.data_offsets[0] % 4).toBe(0);
    expect(weight.data_offsets[0] % 4).toBe(0);
  });

  it("holds the values of a part of a larger array", () => {
    const values = new Float32Array([9, 1, 2, 9]).subarray(1, 3);
    const part = new Map<string, WritableTensor>([
      ["wide", { dtype: "F32", shape: [2], values }],
      ["narrow", { dtype: "F16", shape: [2], values }],
    ]);
    const read = decodeSafetensors(encodeSafetensors({ tensors: part })).tensors;
    expect(read.get("wide")?.values).toEqual(new Float32Array([1, 2]));
    expect(read.get("narrow")?.values).toEqual(new Float32Array([1, 2]));
  });

  it("is refused when a value would become infinite as float16, naming the tensor", () => {
    const write = (value: number) =>
      encodeSafetensors({
        tensors: new Map([
          ["mid.weight", { dtype: "F16", shape: [1], values: new Float32Array([value]) }],
        ]),
      });
    expect(() => write(65519)).not.toThrow();
    expect(() => write(-65520)).toThrow(/"mid\.weight".*65504.*-65520.*float32/);
  });

  it("is refused when shape and values disagree or a name is the metadata's", () => {
    const tensor: WritableTensor = { dtype: "F32", shape: [2], values: new Float32Array(3) };
    expect(() => encodeSafetensors({ tensors: new Map([["w", tensor]]) })).toThrow(
      /3 values.*\[2\]/,
    );
    const reserved = new Map([["__metadata__", { ...tensor, shape: [3] }]]);
    expect(() => encodeSafetensors({ tensors: reserved })).toThrow(/__metadata__/);
  });
});
