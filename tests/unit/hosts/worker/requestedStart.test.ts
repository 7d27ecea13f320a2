import { expect, test } from "vitest";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import type { LabeledImages } from "../../../../src/engine/data/dataset.ts";
import { requestedStart } from "../../../../src/hosts/worker/requestedStart.ts";

/** Each image has its number as grey level everywhere. */
function imagesWith(labels: readonly number[]): LabeledImages {
  const images = new Uint8Array(784 * labels.length).map((_, i) => Math.floor(i / 784));
  return { images, labels: Uint8Array.from(labels), count: labels.length };
}

function pairOf(labels: readonly number[], seed: number): number[] {
  const validation = imagesWith(labels);
  const dataset = { train: validation, validation };
  const request = { start: { kind: "pair", images: null }, seed, count: 1 } as const;
  const { sources } = requestedStart(request, { dataset, config: presetConfig("tiny") });
  return [sources?.[0] as number, sources?.[784] as number];
}

test.each([0, 1, 2, 3, 4, 5, 6, 7])("a pair has two different digits, with seed %s", (seed) => {
  const labels = [4, 4, 4, 4, 4, 4, 4, 7];
  const [first, second] = pairOf(labels, seed);
  expect(labels[first as number]).not.toBe(labels[second as number]);
});

test("of one digit alone it has two images", () => {
  const [first, second] = pairOf([4, 4, 4], 0);
  expect(first).not.toBe(second);
});

test("a pair needs two images", () => {
  expect(() => pairOf([4], 0)).toThrow("two images");
});
