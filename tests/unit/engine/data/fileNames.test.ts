import { expect, test } from "vitest";
import { DataError } from "../../../../src/engine/data/dataError.ts";
import { partsFromNames } from "../../../../src/engine/data/fileNames.ts";

const TRAIN = ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"];

function errorOf(names: readonly string[]): string {
  try {
    partsFromNames(names);
  } catch (error) {
    if (error instanceof DataError) return error.message;
    throw error;
  }
  throw new Error("It did not throw.");
}

test("tells the four official files apart, in any order, gzipped or not", () => {
  const names = ["t10k-labels-idx1-ubyte", ...TRAIN, "t10k-images-idx3-ubyte.gz"];
  expect(partsFromNames(names).map((part) => `${part.split} ${part.content}`)).toEqual([
    "validation labels",
    "train images",
    "train labels",
    "validation images",
  ]);
});

test("keeps the names", () => {
  expect(partsFromNames(TRAIN).map((part) => part.name)).toEqual(TRAIN);
});

test.each([
  ["EMNIST", "emnist-digits-test-images-idx3-ubyte.gz", "emnist-digits-test-labels-idx1-ubyte.gz"],
  ["a split named valid", "valid-images-idx3-ubyte", "valid-labels-idx1-ubyte"],
  ["Kaggle", "t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"],
  ["second downloads", "t10k-images-idx3-ubyte (1).gz", "t10k-labels-idx1-ubyte.gz (2)"],
  ["capitals", "T10K-IMAGES-IDX3-UBYTE.GZ", "T10K-LABELS-IDX1-UBYTE.GZ"],
])("understands the names of %s", (_, images, labels) => {
  expect(partsFromNames([...TRAIN, images, labels]).slice(2)).toEqual([
    { name: images, split: "validation", content: "images" },
    { name: labels, split: "validation", content: "labels" },
  ]);
});

test("is content with the training pair alone", () => {
  expect(partsFromNames(TRAIN)).toHaveLength(2);
});

test.each([
  "holiday.png",
  "images-idx3-ubyte",
  "train-images-idx1-ubyte",
  "retrain-images-idx3-ubyte",
])("refuses %s, and says what it expected and what came", (name) => {
  const message = errorOf([...TRAIN, name]);
  expect(message).toContain("Expected train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz");
  expect(message).toContain(`"${name}" is not named like one of them`);
  expect(message).toContain(`Got: ${TRAIN.join(", ")}, ${name}.`);
});

test.each([["notes.txt"], ["holiday.png", "beach.jpg"]])(
  "says what can be opened when none is an IDX file: %s",
  (...names) => {
    const message = errorOf(names);
    for (const name of [...names, ".safetensors", "train-images-idx3-ubyte.gz"]) {
      expect(message).toContain(name);
    }
  },
);

test("says what can be opened in few words, however many files there are", () => {
  const names = Array.from({ length: 100 }, (_, i) => `digit-${i}.png`);
  const message = errorOf(names);
  expect(message).toContain("digit-0.png, digit-1.png, digit-2.png and 97 more");
  expect(message).toContain(".safetensors");
  expect(errorOf([...TRAIN, ...names]).length).toBeLessThanOrEqual(600);
  expect(errorOf(names.map((name) => name + "a".repeat(255))).length).toBeLessThanOrEqual(600);
});

test("refuses half a pair", () => {
  expect(errorOf(TRAIN.slice(0, 1))).toContain("The labels of the training images are missing");
  expect(errorOf([...TRAIN, "t10k-labels-idx1-ubyte"])).toContain("The test images are missing");
});

test("refuses two files for the same part", () => {
  expect(errorOf([...TRAIN, "emnist-train-images-idx3-ubyte"])).toContain(
    "training images and training labels there must be one file each, not 2 and 1",
  );
});

test("refuses to train on the test pair alone", () => {
  expect(errorOf(["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"])).toContain("not 0 and 0");
});

test("says so when no file came", () => {
  expect(errorOf([])).toContain("no file to open: the folder is empty");
});
