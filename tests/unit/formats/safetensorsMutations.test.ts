import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError } from "../../../src/formats/formatError.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsFile,
} from "../../../src/formats/safetensors.ts";
import { damaged } from "./mutations.ts";
import { safetensorsFile } from "./safetensorsFile.ts";

type Reading = Record<string, { dtype: string; shape: number[]; values: number[] }>;

/** How to read a value of each type, without any of the code under test. */
const READERS: Record<string, { bytes: number; get: (view: DataView, at: number) => number }> = {
  F32: { bytes: 4, get: (view, at) => view.getFloat32(at, true) },
  I32: { bytes: 4, get: (view, at) => view.getInt32(at, true) },
  I64: { bytes: 8, get: (view, at) => Number(view.getBigInt64(at, true)) },
  BOOL: { bytes: 1, get: (view, at) => view.getUint8(at) },
  BF16: {
    bytes: 2,
    get: (view, at) => {
      const wide = new DataView(new ArrayBuffer(4));
      wide.setUint16(0, view.getUint16(at, true));
      return wide.getFloat32(0);
    },
  },
  F16: {
    bytes: 2,
    get: (view, at) => {
      const bits = view.getUint16(at, true).toString(2).padStart(16, "0");
      const exponent = Number.parseInt(bits.slice(1, 6), 2);
      const fraction = Number.parseInt(bits.slice(6), 2);
      const sign = bits[0] === "1" ? -1 : 1;
      if (exponent === 31) return fraction === 0 ? sign / 0 : Number.NaN;
      const significand = exponent === 0 ? fraction : 1024 + fraction;
      return (sign * significand * 2 ** Math.max(exponent, 1)) / 2 ** 25;
    },
  },
};

/** Reads a file that is taken for right. */
function independentReading(file: Uint8Array): { metadata: object; tensors: Reading } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const start = 8 + view.getUint32(0, true);
  const { __metadata__: metadata = {}, ...entries } = JSON.parse(
    Buffer.from(file.subarray(8, start)).toString("utf8"),
  );
  const tensors: Reading = Object.create(null);
  for (const name of Object.keys(entries)) {
    const { dtype, shape, data_offsets } = entries[name];
    const { bytes, get } = READERS[dtype] as (typeof READERS)[string];
    const values: number[] = [];
    for (let at = data_offsets[0]; at < data_offsets[1]; at += bytes)
      values.push(get(view, start + at));
    tensors[name] = { dtype, shape, values };
  }
  return { metadata, tensors };
}

function plain({ tensors, metadata }: SafetensorsFile) {
  const reading: Reading = Object.create(null);
  for (const [name, { dtype, shape, values }] of tensors)
    reading[name] = { dtype, shape, values: Array.from(values) };
  return { metadata, tensors: reading };
}

/** What reading gives, or null when it refuses; anything but a FormatError goes through. */
function read(file: Uint8Array) {
  try {
    return plain(decodeSafetensors(file));
  } catch (error) {
    if (error instanceof FormatError && error.message.length < 1000) return null;
    throw error;
  }
}

const WRITTEN = encodeSafetensors({
  tensors: new Map([
    ["a", { dtype: "F32", shape: [2, 3], values: new Float32Array([1, -2, 3, 0.1, 5e9, -0]) }],
    ["b.g", { dtype: "F16", shape: [1, 3, 1], values: new Float32Array([1, 0.3, -7e-6]) }],
    ["none", { dtype: "F32", shape: [0], values: new Float32Array() }],
    ["t", { dtype: "I32", shape: [2], values: new Int32Array([-1, 999]) }],
  ]),
  metadata: { unet: '{"dim": 8}' },
});
const FROM_ELSEWHERE = safetensorsFile(
  {
    step: { dtype: "I64", shape: [], data_offsets: [0, 8] },
    w: { dtype: "BF16", shape: [2, 2], data_offsets: [9, 17] },
    initted: { dtype: "BOOL", shape: [1], data_offsets: [8, 9] },
  },
  [4, 1, 0, 0, 0, 0, 0, 0, 1, 0x80, 0x3f, 0x20, 0xc0, 1, 0, 0xcd, 0x4c],
);

describe("a safetensors file damaged in any way", () => {
  it.each([
    ["written here", WRITTEN],
    ["from elsewhere", FROM_ELSEWHERE],
  ])("loads to exactly what stands in it or is refused: one %s", (_, file) => {
    expect(read(file)).toEqual(independentReading(file));
    const outcomes = { loaded: 0, refused: 0 };
    fc.assert(
      fc.property(damaged(file), (other) => {
        const result = read(other);
        outcomes[result ? "loaded" : "refused"]++;
        if (result) expect(result).toEqual(independentReading(other));
      }),
      { numRuns: 1500 },
    );
    // Otherwise the damages show nothing.
    expect(outcomes.loaded).toBeGreaterThan(20);
    expect(outcomes.refused).toBeGreaterThan(500);
  });

  it("is refused wherever it is cut", () => {
    for (let length = 0; length < WRITTEN.length; length++)
      expect(read(WRITTEN.subarray(0, length))).toBeNull();
  });
});
