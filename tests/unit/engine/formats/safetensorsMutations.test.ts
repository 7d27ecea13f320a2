import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError } from "../../../../src/engine/formats/formatError.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsFile,
} from "../../../../src/engine/formats/safetensors/safetensors.ts";
import { independentReading, type Reading } from "./independentReading.ts";
import { damaged } from "./mutations.ts";
import { safetensorsFile } from "./safetensorsFile.ts";

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
