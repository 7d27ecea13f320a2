import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  encodeTfevents,
  type ImagePoint,
  type ScalarPoint,
  tfeventsFileName,
} from "../../../../src/engine/formats/tfevents.ts";
import { readGrayPng } from "./pngReading.ts";
import { type ReadEvent, readTfevents, readTfRecords } from "./tfeventsReading.ts";

const fromHex = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));

function scalar(changes: Partial<ScalarPoint> = {}): ScalarPoint {
  return { tag: "loss", step: 1, wallTimeMs: 1_599_759_586_000, value: 0.5, ...changes };
}

/** A gradient, so that turned or shifted lines would show. */
function image(changes: Partial<ImagePoint> = {}): ImagePoint {
  const [width, height] = [5, 3];
  const pixels = Uint8Array.from({ length: width * height }, (_, i) => 17 * i);
  return {
    tag: "samples",
    step: 1,
    wallTimeMs: 1_599_759_586_000,
    width,
    height,
    pixels,
    ...changes,
  };
}

function read(points: { scalars?: ScalarPoint[]; images?: ImagePoint[] }): ReadEvent[] {
  const [first, ...events] = readTfevents(encodeTfevents({ scalars: [], images: [], ...points }));
  expect(first?.fileVersion).toBe("brain.Event:2");
  return events;
}

/** Tags, in the order of the file. */
function tagsOf(events: ReadEvent[]): string[] {
  return events.flatMap(({ summary }) => summary?.value.map(({ tag }) => tag) ?? []);
}

function onlyValue(value: number): number | undefined {
  return read({ scalars: [scalar({ value })] })[0]?.summary?.value[0]?.simpleValue;
}

describe("an event file", () => {
  it("begins with the very bytes of a file that TensorFlow wrote", () => {
    const file = encodeTfevents({ scalars: [scalar()], images: [] });
    const length = "18 00 00 00 00 00 00 00 a3 7f 4b 22";
    const event = "09 00 00 80 38 99 d6 d7 41 1a 0d 62 72 61 69 6e 2e 45 76 65 6e 74 3a 32";
    const checksum = "12 4b 36 ab";
    expect(file.subarray(0, 40)).toEqual(fromHex(length + event + checksum));
  });

  it("has a scalar in the bytes that protobuf's rules ask for", () => {
    const [, event] = readTfRecords(
      encodeTfevents({
        scalars: [scalar({ step: 300, wallTimeMs: 1500, value: 0.25 })],
        images: [],
      }),
    );
    const wallTime = "09 00 00 00 00 00 00 f8 3f"; // field 1, 64 bits: 1.5
    const step = "10 ac 02"; // field 2, varint: 300
    const summary = "2a 0d 0a 0b"; // field 5 with 13 bytes, in it field 1 with 11
    const tag = "0a 04 6c 6f 73 73"; // field 1 with 4 bytes: loss
    const value = "15 00 00 80 3e"; // field 2, 32 bits: 0.25
    expect(event).toEqual(fromHex(wallTime + step + summary + tag + value));
  });

  it("gives back all scalars, by step and then by time", () => {
    const point = fc.record({
      tag: fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }),
      step: fc.oneof(fc.nat(3), fc.nat({ max: Number.MAX_SAFE_INTEGER })),
      wallTimeMs: fc.oneof(fc.nat(3), fc.nat({ max: 4e12 })),
      value: fc.float(),
    });
    fc.assert(
      fc.property(fc.array(point), (scalars) => {
        const points = read({ scalars }).flatMap(({ wallTime, step, summary }) =>
          (summary?.value ?? []).map(({ tag, simpleValue }) => ({
            tag,
            step,
            wallTime,
            simpleValue,
          })),
        );
        const expected = scalars
          .toSorted((a, b) => a.step - b.step || a.wallTimeMs - b.wallTimeMs)
          .map(({ wallTimeMs, value, ...place }) => ({
            ...place,
            wallTime: wallTimeMs / 1000,
            simpleValue: value,
          }));
        expect(points).toEqual(expected);
      }),
    );
  });

  it("has one event for all that happened at one step and time, and others for the rest", () => {
    const events = read({
      scalars: [scalar({ tag: "a" }), scalar({ tag: "b", step: 2 }), scalar({ tag: "c" })],
      images: [image({ tag: "d" }), image({ tag: "e", wallTimeMs: 1_599_759_586_001 })],
    });
    expect(events.map((event) => tagsOf([event]).join())).toEqual(["a,c,d", "e", "b"]);
  });

  it("tells with each event how many of all points are written", () => {
    const fractions: number[] = [];
    const at = (step: number) => ({ tag: "a", step, wallTimeMs: 1000, value: 1 });
    const scalars = [at(1), at(1), at(2), at(3)];
    encodeTfevents({ scalars, images: [], onFraction: (fraction) => fractions.push(fraction) });
    expect(fractions).toEqual([0, 0.5, 0.75]);
  });

  it("goes by steps where the clock was set back", () => {
    const scalars = [
      scalar({ tag: "second", step: 2, wallTimeMs: 1000 }),
      scalar({ tag: "first", step: 1, wallTimeMs: 5000 }),
    ];
    expect(tagsOf(read({ scalars }))).toEqual(["first", "second"]);
    const [version] = readTfevents(encodeTfevents({ scalars, images: [] }));
    expect(version?.wallTime).toBe(1);
  });

  it("comes to an end where a time is no number", () => {
    const scalars = [scalar({ wallTimeMs: Number.NaN, tag: "a" }), scalar({ tag: "b" })];
    expect(tagsOf(read({ scalars })).sort()).toEqual(["a", "b"]);
  });

  it("takes points of any iterable, and may have none", () => {
    function* scalars() {
      for (let step = 1; step <= 3; step++) yield scalar({ step });
    }
    const events = readTfevents(encodeTfevents({ scalars: scalars(), images: new Set() }));
    expect(events.map(({ step }) => step)).toEqual([0, 1, 2, 3]);
    expect(read({})).toEqual([]);
  });

  it("has its values as float32, NaN and infinity too", () => {
    expect(onlyValue(0.1)).toBe(Math.fround(0.1));
    expect(onlyValue(Number.NaN)).toBeNaN();
    expect(onlyValue(Number.NEGATIVE_INFINITY)).toBe(Number.NEGATIVE_INFINITY);
    expect(onlyValue(1e39)).toBe(Number.POSITIVE_INFINITY);
    expect(onlyValue(0)).toBe(0);
  });

  it("has images as gray PNGs with the same pixels", () => {
    const { width, height, pixels } = image();
    const [event] = read({ images: [image()] });
    const written = event?.summary?.value[0]?.image;
    expect(written).toMatchObject({ width, height, colorspace: 1 });
    const png = readGrayPng(written?.encodedImageString as Uint8Array);
    expect(png).toEqual({ width, height, pixels });
  });

  it("refuses an image that is not as large as it says", () => {
    expect(() => encodeTfevents({ scalars: [], images: [image({ width: 4 })] })).toThrow(
      RangeError,
    );
  });

  it("is read with checksums that a changed byte does not pass", () => {
    const file = encodeTfevents({ scalars: [scalar()], images: [image()] });
    expect(readTfRecords(file)).toHaveLength(2);
    for (const at of [0, 9, 20, 38, file.length - 1]) {
      const damaged = file.slice();
      damaged[at] = (damaged[at] as number) ^ 1;
      expect(() => readTfRecords(damaged), `byte ${at}`).toThrow();
    }
  });
});

describe("the name of an event file", () => {
  it("has the second of the start, in ten digits, and the run's name", () => {
    const startMs = 1_599_759_586_999;
    expect(tfeventsFileName({ startMs, name: "quick" })).toBe(
      "events.out.tfevents.1599759586.quick",
    );
    expect(tfeventsFileName({ startMs: 0, name: "quick" })).toBe(
      "events.out.tfevents.0000000000.quick",
    );
  });

  it("has nothing in it that a file system refuses", () => {
    expect(tfeventsFileName({ startMs: 0, name: "my run: a/b?" })).toBe(
      "events.out.tfevents.0000000000.my-run-a-b-",
    );
  });
});
