import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeTfRecords } from "../../../../src/engine/formats/tfevents.ts";
import { crc32c, maskedCrc32c } from "./independentCrc32c.ts";
import { readTfRecords } from "./tfeventsReading.ts";

const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** The two checksums of a file with one record. */
function checksums(record: Uint8Array): number[] {
  const view = new DataView(encodeTfRecords([record]).buffer);
  return [view.getUint32(8, true), view.getUint32(12 + record.length, true)];
}

describe("the checksum that the tests compute for themselves", () => {
  it.each([
    ["the digits 1 to 9 (the check value of CRC-32C)", ascii("123456789"), 0xe3069283],
    ["32 zeros (RFC 3720, B.4)", new Uint8Array(32), 0x8a9136aa],
    ["32 times 0xff (RFC 3720, B.4)", new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ["nothing", new Uint8Array(), 0],
  ])("is right for %s", (_, bytes, crc) => {
    expect(crc32c(bytes)).toBe(crc);
  });

  it("is masked as TensorFlow masks it, by a record that it wrote", () => {
    expect(maskedCrc32c(ascii("\x1a\x11CRC test, one two"))).toBe(0x5794d08a);
  });
});

describe("a TFRecord file", () => {
  it("has for each record its length, the length's checksum, the record, and its checksum", () => {
    const record = ascii("\x1a\x11CRC test, one two");
    expect(record).toHaveLength(19);
    const file = encodeTfRecords([record]);
    expect([...file.subarray(0, 8)]).toEqual([19, 0, 0, 0, 0, 0, 0, 0]);
    expect(file.subarray(12, 31)).toEqual(record);
    expect([...file.subarray(31)]).toEqual([0x8a, 0xd0, 0x94, 0x57]);
  });

  it("has right checksums for records of any length, around the 16 bytes of a table's round", () => {
    for (let length = 0; length < 70; length++) {
      const record = Uint8Array.from({ length }, (_, i) => (i * 37 + length) % 256);
      const lengthBytes = Uint8Array.of(length, 0, 0, 0, 0, 0, 0, 0);
      expect(checksums(record)).toEqual([maskedCrc32c(lengthBytes), maskedCrc32c(record)]);
    }
  });

  it("gives back its records, also the empty ones", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (records) => {
        expect(readTfRecords(encodeTfRecords(records))).toEqual(records);
      }),
    );
    expect(encodeTfRecords([])).toHaveLength(0);
  });

  it("may be made of records that share one buffer, one after the other", () => {
    function* records() {
      const shared = new Uint8Array(1);
      for (const value of [1, 2, 3]) {
        shared[0] = value;
        yield shared;
      }
    }
    expect(readTfRecords(encodeTfRecords(records())).flatMap((record) => [...record])).toEqual([
      1, 2, 3,
    ]);
  });
});
