import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import type { MeasureProgress } from "../../../../src/engine/quality/figures.ts";
import { type NearestImages, nearestImages } from "../../../../src/engine/quality/nearestImages.ts";
import { randomIntegers } from "../../../../src/engine/random.ts";

const PIXELS = 784;
/** In one chunk the search takes at most 2,048 images. */
const MANY = 4100;

beforeAll(async () => {
  await tf.setBackend("wasm");
});

function randomImages(index: number, count: number): Uint8Array {
  return Uint8Array.from(randomIntegers({ seed: 3, stream: "noise", index }, count * PIXELS, 256));
}

function imageAt(images: Uint8Array, index: number): Uint8Array {
  return images.subarray(index * PIXELS, (index + 1) * PIXELS);
}

function joined(...images: Uint8Array[]): Uint8Array {
  return Uint8Array.from(images.flatMap((image) => Array.from(image)));
}

/** A white disc on black. */
function disc(centerRow: number, centerColumn: number): Uint8Array {
  return Uint8Array.from({ length: PIXELS }, (_, p) => {
    const [row, column] = [Math.floor(p / 28), p % 28];
    return (row - centerRow) ** 2 + (column - centerColumn) ** 2 <= 36 ? 255 : 0;
  });
}

function rootMeanSquare(a: Uint8Array, b: Uint8Array): number {
  const squares = a.reduce((sum, pixel, p) => sum + (pixel / 255 - (b[p] as number) / 255) ** 2, 0);
  return Math.sqrt(squares / PIXELS);
}

async function search(
  samples: Uint8Array,
  among: Uint8Array,
): Promise<NearestImages & { reports: MeasureProgress[] }> {
  const searching = nearestImages({ samples, among });
  const reports: MeasureProgress[] = [];
  let step = await searching.next();
  for (; !step.done; step = await searching.next()) reports.push(step.value);
  return { ...step.value, reports };
}

describe("the nearest image", () => {
  it("is the planted copy, at 0, on either side of each end of a chunk and at both ends", async () => {
    const among = randomImages(0, MANY);
    const { reports } = await search(imageAt(among, 0), among);
    const ends = reports.map(({ fraction }) => Math.round(fraction * MANY));
    expect(ends.length).toBeGreaterThan(1);
    const places = [0, ...ends.slice(0, -1).flatMap((end) => [end - 1, end]), MANY - 1].reverse();
    const samples = joined(...places.map((place) => imageAt(among, place)));
    const { indices, distances } = await search(samples, among);
    expect(Array.from(indices)).toEqual(places);
    expect(Array.from(distances)).toEqual(places.map(() => 0));
  });

  it("and its distance are those of a search one by one in float64", async () => {
    const [samples, among] = [randomImages(1, 20), randomImages(2, 300)];
    const { indices, distances } = await search(samples, among);
    for (let sample = 0; sample < 20; sample++) {
      const all = Array.from({ length: 300 }, (_, i) =>
        rootMeanSquare(imageAt(samples, sample), imageAt(among, i)),
      );
      const least = Math.min(...all);
      expect(indices[sample]).toBe(all.indexOf(least));
      expect(distances[sample]).toBeCloseTo(least, 12);
    }
  });

  it("of a disc is the disc one pixel beside it", async () => {
    const others = [disc(8, 8), disc(14, 17), disc(15, 14), disc(20, 14), new Uint8Array(PIXELS)];
    const { indices, distances } = await search(disc(14, 14), joined(...others));
    expect(Array.from(indices)).toEqual([2]);
    expect(distances[0]).toBeCloseTo(rootMeanSquare(disc(14, 14), disc(15, 14)), 12);
  });

  it.each([0, 1, 100, 200, 254])(
    "is told from one that is a gray level of one pixel farther, at gray %i",
    async (gray) => {
      const sample = randomImages(4, 1).map((pixel, p) => (p % 3 ? gray : pixel));
      const apart = (...changes: [pixel: number, difference: number][]) => {
        const image = Uint8Array.from(sample);
        for (const [pixel, difference] of changes) image[pixel] = gray + difference;
        return image;
      };
      // Squared differences 2, 1 and 2.
      const among = joined(apart([1, 1], [4, 1]), apart([2, 1]), apart([400, 1], [700, 1]));
      const { indices, distances } = await search(sample, among);
      expect(Array.from(indices)).toEqual([1]);
      expect(distances[0]).toBeCloseTo(1 / 255 / 28, 12);
    },
  );

  it("is at 1 for black among white", async () => {
    const { distances } = await search(new Uint8Array(PIXELS), new Uint8Array(PIXELS).fill(255));
    expect(Array.from(distances)).toEqual([1]);
  });

  it("is one of those that are equally near", async () => {
    const among = randomImages(5, MANY);
    for (const place of [3000, 4000]) among.set(imageAt(among, 10), place * PIXELS);
    const { indices, distances } = await search(imageAt(among, 10), among);
    expect([10, 3000, 4000]).toContain(indices[0]);
    expect(distances[0]).toBe(0);
  });
});

describe("the search for the nearest images", () => {
  it("tells how far it has come, to the end", async () => {
    const { reports } = await search(randomImages(6, 2), randomImages(7, MANY));
    expect(reports.at(-1)).toEqual({ doing: "comparing", fraction: 1 });
    const steps = reports.map(({ fraction }) => fraction);
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
  });

  it("takes fewer images at a time for many samples", async () => {
    const { reports } = await search(new Uint8Array(4096 * PIXELS), new Uint8Array(600 * PIXELS));
    expect(reports.map(({ fraction }) => fraction)).toEqual([256 / 600, 512 / 600, 1]);
  });

  it("keeps no tensor, whether it comes to its end or is ended", async () => {
    const [samples, among] = [randomImages(8, 2), randomImages(9, MANY)];
    const { numTensors } = tf.memory();
    await search(samples, among);
    expect(tf.memory().numTensors).toBe(numTensors);
    const searching = nearestImages({ samples, among });
    await searching.next();
    expect(tf.memory().numTensors).toBeGreaterThan(numTensors);
    await searching.return({ indices: new Int32Array(), distances: new Float64Array() });
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});
