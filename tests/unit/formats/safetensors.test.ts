import { describe, expect, it } from "vitest";
import { decodeSafetensors } from "../../../src/formats/safetensors.ts";

/** A file by the format's description; `data` follows the header at once. */
function file(header: object, data: readonly number[]): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

// Little-endian: 1 and -2.5 as float32, -2 and 258 as int32.
const ONE = [0, 0, 0x80, 0x3f];
const MINUS_TWO_AND_A_HALF = [0, 0, 0x20, 0xc0];
const MINUS_TWO = [0xfe, 0xff, 0xff, 0xff];
const TWO_HUNDRED_FIFTY_EIGHT = [2, 1, 0, 0];

describe("a safetensors file", () => {
  // Names of all lengths, so that the data begin at every offset modulo 4.
  it.each(["w", "we", "wei", "weig"])("gives the values of %s, aligned or not", (name) => {
    const header = { [name]: { dtype: "F32", shape: [2], data_offsets: [0, 8] } };
    const { tensors } = decodeSafetensors(file(header, [...ONE, ...MINUS_TWO_AND_A_HALF]));
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
      none: { dtype: "F32", shape: [0], data_offsets: [12, 12] },
    };
    const data = [...ONE, ...MINUS_TWO, ...TWO_HUNDRED_FIFTY_EIGHT];
    const { tensors } = decodeSafetensors(file(header, data));
    expect([...tensors.keys()].sort()).toEqual(["first", "none", "second"]);
    expect(tensors.get("first")?.values).toEqual(new Float32Array([1]));
    expect(tensors.get("second")).toEqual({
      dtype: "I32",
      shape: [2, 1],
      values: new Int32Array([-2, 258]),
    });
    expect(tensors.get("none")?.values).toHaveLength(0);
  });

  it("gives its metadata, which is no tensor, or none", () => {
    const metadata = { unet: '{"dim": 8}' };
    const { tensors, metadata: read } = decodeSafetensors(file({ __metadata__: metadata }, []));
    expect(read).toEqual(metadata);
    expect(tensors.size).toBe(0);
    expect(decodeSafetensors(file({}, [])).metadata).toEqual({});
  });

  it("is read from the middle of a larger buffer", () => {
    const header = { w: { dtype: "F32", shape: [1], data_offsets: [0, 4] } };
    const bytes = file(header, ONE);
    const larger = new Uint8Array(bytes.length + 10);
    larger.set(bytes, 3);
    const { tensors } = decodeSafetensors(larger.subarray(3, 3 + bytes.length));
    expect(tensors.get("w")?.values).toEqual(new Float32Array([1]));
  });

  it("with a type that is not read names the tensor and the type", () => {
    const header = { "mid.weight": { dtype: "BF16", shape: [2], data_offsets: [0, 4] } };
    expect(() => decodeSafetensors(file(header, ONE))).toThrow(/mid\.weight.*BF16/);
  });
});
