import { describe, expect, it } from "vitest";
import { DataError } from "../../../../src/engine/data/dataError.ts";
import type { Dataset, LabeledImages } from "../../../../src/engine/data/dataset.ts";
import { imageAt } from "../../../../src/engine/data/imageOrder.ts";
import { type SymbolSetOptions, symbolSet } from "../../../../src/engine/data/symbolSet.ts";

/** Images whose first two pixels are their own number, with labels 0, 1 and 2, of which there are few of 2. */
function numbered(count: number, kind: number): LabeledImages {
  const images = new Uint8Array(count * 784);
  for (let i = 0; i < count; i++) images.set([kind, i], i * 784);
  const labels = Uint8Array.from({ length: count }, (_, i) => (i % 10 === 0 ? 2 : i % 2));
  return { images, labels, count };
}

const [TRAIN, VALIDATION, DRAWN] = [1, 2, 3];
const BASE: Dataset = { train: numbered(200, TRAIN), validation: numbered(100, VALIDATION) };
const drawings = (count: number) => numbered(count, DRAWN).images;

/** Without augmentation, so that an image tells where it is from. */
function made(changes: Partial<SymbolSetOptions> = {}): Dataset {
  const options = {
    base: BASE,
    drawings: drawings(12),
    label: 3,
    numTrain: 120,
    seed: 0,
    shareNew: 0.5,
  };
  return symbolSet({ ...options, strengths: {}, ...changes });
}

function described({ images, labels, count }: LabeledImages) {
  return Array.from({ length: count }, (_, i) => {
    const [kind, number] = imageAt(images, i);
    return { kind: kind as number, number: number as number, label: labels[i] as number };
  });
}

function countsOf(values: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

describe("a dataset of old images and a new symbol", () => {
  it("is of the symbol for a share, and for the rest balanced over the old classes", () => {
    const labels = countsOf([...made().train.labels]);
    expect(labels).toEqual(
      new Map([
        [0, 20],
        [1, 20],
        [2, 20],
        [3, 60],
      ]),
    );
    const quarter = countsOf([...made({ shareNew: 0.25 }).train.labels]);
    expect([quarter.get(3), quarter.get(0)]).toEqual([30, 30]);
    const { validation } = made();
    expect(countsOf([...validation.labels]).get(3)).toBe(validation.count / 2);
  });

  it("has old images with their own labels, none twice before its class is used up", () => {
    const old = described(made().train).filter(({ label }) => label < 3);
    for (const { kind, number, label } of old) {
      expect([kind, label]).toEqual([TRAIN, BASE.train.labels[number]]);
    }
    const ofClass = (label: number) =>
      countsOf(old.filter((of) => of.label === label).map((of) => of.number));
    for (const label of [0, 1, 2]) expect(ofClass(label).size).toBe(20);
    const more = described(made({ numTrain: 300 }).train).filter(({ label }) => label === 2);
    const times = countsOf(more.map(({ number }) => number));
    expect([times.size, Math.max(...times.values())]).toEqual([20, 3]);
  });

  it("mixes both kinds, by the seed", () => {
    const { train } = made();
    const firstHalf = countsOf([...train.labels.subarray(0, 60)]);
    expect(firstHalf.get(3)).toBeGreaterThan(15);
    expect(firstHalf.get(3)).toBeLessThan(45);
    expect(made().train).toEqual(train);
    expect(made({ seed: 1 }).train).not.toEqual(train);
  });

  it("learns all of few drawings, equally often, and holds every tenth out of twenty", () => {
    const few = made({ drawings: drawings(12), numTrain: 240 });
    const learned = (of: LabeledImages) =>
      countsOf(described(of).flatMap(({ kind, number }) => (kind === DRAWN ? number : [])));
    expect([...learned(few.train).values()]).toEqual(Array(12).fill(10));
    expect(learned(few.validation).size).toBe(12);
    const many = made({ drawings: drawings(20), numTrain: 360 });
    expect(learned(many.train).size).toBe(18);
    expect([...learned(many.validation).keys()].toSorted((a, b) => a - b)).toEqual([9, 19]);
  });

  it("changes drawings otherwise in validation than in training", () => {
    const white = new Uint8Array(5 * 784).fill(255);
    const strengths = { shift: 2 };
    const { train, validation } = made({ drawings: white, strengths });
    const ofSymbol = ({ images, labels }: LabeledImages) =>
      [...labels.keys()].flatMap((i) => (labels[i] === 3 ? String(imageAt(images, i)) : []));
    const seen = new Set(ofSymbol(train));
    expect(seen.size).toBe(60);
    expect(ofSymbol(validation).filter((image) => seen.has(image))).toEqual([]);
  });

  it("needs drawings, and old images of the old labels alone", () => {
    expect(() => made({ drawings: new Uint8Array() })).toThrow(DataError);
    expect(() => made({ label: 2 })).toThrow("labels below 2");
    const none = { images: new Uint8Array(), labels: new Uint8Array(), count: 0 };
    expect(() => made({ base: { train: none, validation: none } })).toThrow(DataError);
  });
});
