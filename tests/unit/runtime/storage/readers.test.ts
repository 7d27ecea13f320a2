import "fake-indexeddb/auto";
import { expect, it } from "vitest";
import { findReader, keepReader } from "../../../../src/runtime/storage/readers.ts";

const images = { numTrain: 40, numValidation: 8, checksum: -1234 };

it("a kept reader is found again by the images it was trained on, and by no others", async () => {
  expect(await findReader(images)).toBeNull();
  await keepReader(images, Uint8Array.of(1, 2, 3));
  expect(await findReader(images)).toEqual(Uint8Array.of(1, 2, 3));
  expect(await findReader({ ...images, checksum: 5 })).toBeNull();
  expect(await findReader({ ...images, numTrain: 39, numValidation: 9 })).toBeNull();
});

it("a newer one takes the place of the one before", async () => {
  await keepReader(images, Uint8Array.of(4));
  expect(await findReader(images)).toEqual(Uint8Array.of(4));
});
