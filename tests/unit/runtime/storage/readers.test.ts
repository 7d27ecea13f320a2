import "fake-indexeddb/auto";
import { openDB } from "idb";
import { describe, expect, it } from "vitest";
import { fromFloat16, toFloat16 } from "../../../../src/engine/formats/safetensors/float16.ts";
import { initialValues } from "../../../../src/engine/nn/parameters.ts";
import type { ClassifierFile } from "../../../../src/engine/quality/classifierFile.ts";
import { createClassifierNetwork } from "../../../../src/engine/quality/classifierNetwork.ts";
import { findReader, keepReader } from "../../../../src/runtime/storage/readers.ts";

const images = { numTrain: 40, numValidation: 8, checksum: -1234 };
const values = initialValues(createClassifierNetwork(3).parameters, 0);

function readerOf({ checksum }: { checksum: number }): ClassifierFile {
  return {
    values: fromFloat16(toFloat16(values)),
    numClasses: 3,
    facts: {
      dataset: "Bars",
      epochs: 60,
      steps: 60,
      seed: 0,
      command: "test",
      numTestImages: 8,
      testAccuracy: 0.875,
      testConfidence: 0.8,
      testShareConfident: 0.5,
      checksum,
    },
  };
}

async function put(key: string, value: unknown): Promise<void> {
  const database = await openDB("diffusion-mnist-readers");
  await database.put("readers", value, key);
  database.close();
}

describe("a kept reader", () => {
  it("is found again by the images it was trained on, and by no others", async () => {
    expect(await findReader(images)).toBeNull();
    await keepReader(images, readerOf(images));
    expect(await findReader(images)).toEqual(readerOf(images));
    expect(await findReader({ ...images, checksum: 5 })).toBeNull();
    expect(await findReader({ ...images, numTrain: 39, numValidation: 9 })).toBeNull();
  });

  it("takes the place of the one before", async () => {
    const { facts, ...reader } = readerOf(images);
    await keepReader(images, { ...reader, facts: { ...facts, steps: 120 } });
    expect((await findReader(images))?.facts.steps).toBe(120);
  });

  it("is not used where its file names other images, or is damaged", async () => {
    const others = { ...images, checksum: 99 };
    await keepReader(others, readerOf(images));
    expect(await findReader(others)).toBeNull();
    await put("40 8 99", Uint8Array.of(1, 2, 3));
    expect(await findReader(others)).toBeNull();
  });
});
