import { describe, expect, it } from "vitest";
import { FormatError } from "../../../../../src/engine/formats/formatError.ts";
import { decodeSafetensors } from "../../../../../src/engine/formats/safetensors/safetensors.ts";
import {
  type ByteSource,
  readSafetensorsData,
  readSafetensorsHeader,
} from "../../../../../src/engine/formats/safetensors/safetensorsBlob.ts";
import { fakeFile } from "../fakeFile.ts";
import { safetensorsFile } from "../safetensorsFile.ts";

const TWO_VALUES = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
const BYTES = safetensorsFile({ "norm.g": TWO_VALUES }, [0, 0, 128, 63, 0, 0, 0, 64]);
const DATA_START = BYTES.length - 8;

async function read(file: ByteSource) {
  return readSafetensorsData(file, await readSafetensorsHeader(file));
}

async function refusal(reading: Promise<unknown>): Promise<string> {
  const error = await reading.then(
    () => new Error("The file was read."),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(FormatError);
  return (error as FormatError).message;
}

describe("a file that is read in two stages", () => {
  it("holds what it holds when it is read at once", async () => {
    expect(await read(new Blob([BYTES]))).toEqual(decodeSafetensors(BYTES));
    const empty = safetensorsFile({});
    expect(await read(new Blob([empty]))).toEqual(decodeSafetensors(empty));
  });

  it("gives up nothing of its values with its header, however large it is", async () => {
    const numValues = 2 ** 31;
    const header = { w: { dtype: "F32", shape: [numValues], data_offsets: [0, 4 * numValues] } };
    const start = safetensorsFile(header);
    const file = fakeFile(start, { size: start.length + 4 * numValues });
    const { entries } = await readSafetensorsHeader(file);
    expect(entries).toMatchObject([{ name: "w", begin: 0, end: 2 ** 33 }]);
    const numRead = file.reads.reduce((sum, [begin, end]) => sum + end - begin, 0);
    expect(numRead).toBeLessThan(start.length + 100);
  });

  it.each<[string, Uint8Array, number, RegExp]>([
    ["is cut off", BYTES, BYTES.length - 3, /truncated: expected \d+ bytes, got \d+/],
    ["goes on after its end", BYTES, 2 ** 31 - 1, /goes on after its end.* got 2,147,483,647\./],
    ["is cut off within its header", BYTES, 40, /expected \d+ bytes of header, got 32/],
    ["is empty", new Uint8Array(), 0, /empty/],
    ["has one byte", new Uint8Array([7]), 1, /only 1 byte\./],
    ["is a zip archive of 3 GB", new TextEncoder().encode("PK\x03\x04\0\0\x08\x08"), 3e9, /\.pt/],
    ["is 3 GB of zeros", new Uint8Array(), 3e9, /does not begin with "\{"/],
  ])("is refused by its header when it %s", async (_, bytes, size, message) => {
    const file = fakeFile(bytes, { size });
    expect(await refusal(read(file))).toMatch(message);
    expect(file.reads.every(([, end]) => end <= DATA_START)).toBe(true);
  });
});

describe("a file that cannot be read", () => {
  const gone = new DOMException("Blame it on permissions.", "NotReadableError");

  it.each([
    ["at all", 0, 64],
    ["to its end", DATA_START, 8],
  ])("%s is told in words, with what to do", async (_, from, numBytes) => {
    const message = await refusal(read(fakeFile(BYTES, { failure: { from, error: gone } })));
    expect(message).toMatch(new RegExp(`Expected to read ${numBytes} bytes .*NotReadableError`));
    expect(message).toMatch(/changed, moved or deleted .*choose it again/);
    expect(message).not.toContain("permissions");
  });

  it("keeps what the browser said as the cause", async () => {
    const file = fakeFile(BYTES, { failure: { from: 0, error: gone } });
    await expect(read(file)).rejects.toHaveProperty("cause", gone);
  });

  it("since it has become shorter is refused too", async () => {
    const header = await readSafetensorsHeader(fakeFile(BYTES));
    const shorter: ByteSource = {
      size: BYTES.length,
      slice: (start, end) => new Blob([BYTES.subarray(0, -3)]).slice(start, end),
    };
    expect(await refusal(readSafetensorsData(shorter, header))).toMatch(
      /Expected to read 8 bytes .* got 5\. It was changed/,
    );
  });
});

describe("how much of a file is read", () => {
  it("is told piece by piece to its end, and the values are whole", async () => {
    const numBytes = 4 * (2 ** 22 + 2 ** 20);
    const header = { w: { dtype: "F32", shape: [numBytes / 4], data_offsets: [0, numBytes] } };
    const bytes = safetensorsFile(
      header,
      Uint8Array.from({ length: numBytes }, (_, i) => i % 61),
    );
    const file = new Blob([bytes]);
    const told: number[] = [];
    const contents = await readSafetensorsData(file, await readSafetensorsHeader(file), (read) => {
      expect(read.totalBytes).toBe(bytes.length);
      told.push(read.loadedBytes);
    });
    expect(told).toHaveLength(2);
    expect(told.at(-1)).toBe(bytes.length);
    const values = contents.tensors.get("w")?.values as Float32Array;
    const read = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    expect(read.equals(bytes.subarray(-numBytes))).toBe(true);
  });
});
