import { firstFew, shortened } from "../text.ts";
import { DataError } from "./dataError.ts";
import type { DatasetFile } from "./datasetFile.ts";
import { MNIST_FILE_NAMES } from "./datasets.ts";

/** Characters of a name that is quoted. */
const MAX_QUOTED = 80;

/** What a file is in its dataset. */
export type DatasetPart = Pick<DatasetFile, "name" | "split" | "content">;

/**
 * The official pattern with any prefix (`emnist-digits-`), the other common names of the second
 * split, `.` for `-` as on Kaggle, and the ` (1)` that a browser adds to a second download.
 */
const OFFICIAL_NAME =
  /(?:^|[-_.])(train|t10k|test|valid|validation)[-_.](images[-_.]idx3|labels[-_.]idx1)[-_.]ubyte(?: ?\(\d+\))?(?:\.gz)?(?: ?\(\d+\))?$/i;

/**
 * Says by their names what dropped files are: the pair of training files, with or without the pair
 * of test files, in any order. The parts come in the order of `names`.
 *
 * @throws DataError when a name is none of the official ones, or when they make no pairs. Where none is
 *   an IDX file's, it says what the page opens besides.
 */
export function partsFromNames(names: readonly string[]): DatasetPart[] {
  if (names.length > 0 && !names.some((name) => OFFICIAL_NAME.test(name))) {
    throw new DataError(
      `This page cannot open ${firstFew(names)}. It opens trained weights and runs (.safetensors), and ` +
        `images to train on as pairs of IDX files, such as ${MNIST_FILE_NAMES[0]}.gz and ${MNIST_FILE_NAMES[1]}.gz.`,
    );
  }
  const parts = names.map((name): DatasetPart => {
    const [, split, content] = OFFICIAL_NAME.exec(name) ?? [];
    if (!split || !content)
      throw wrongFiles(`"${shortened(name, MAX_QUOTED)}" is not named like one of them.`, names);
    return {
      name,
      split: split.toLowerCase() === "train" ? "train" : "validation",
      content: content.toLowerCase().startsWith("images") ? "images" : "labels",
    };
  });
  requirePairs(parts);
  return parts;
}

/**
 * Holds that there is one pair of training files and at most one of test files. A test pair alone
 * is refused: silently training on test images would make every later comparison worthless.
 *
 * @throws DataError which names the files, of many the first.
 */
export function requirePairs(parts: readonly DatasetPart[]): void {
  const names = parts.map((part) => part.name);
  const count = (split: DatasetPart["split"], content: DatasetPart["content"]) =>
    parts.filter((part) => part.split === split && part.content === content).length;
  for (const split of ["train", "validation"] as const) {
    const numImageFiles = count(split, "images");
    const numLabelFiles = count(split, "labels");
    if (split === "validation" && numImageFiles + numLabelFiles === 0) continue;
    if (numImageFiles === 1 && numLabelFiles === 1) continue;
    const kind = split === "train" ? "training" : "test";
    throw wrongFiles(
      `Of ${kind} images and ${kind} labels there must be one file each, not ${numImageFiles} and ${numLabelFiles}.`,
      names,
    );
  }
}

function wrongFiles(problem: string, names: readonly string[]): DataError {
  const expected = MNIST_FILE_NAMES.map((name) => `${name}.gz`);
  const got = names.length === 0 ? "no file" : firstFew(names);
  return new DataError(
    `Expected ${expected[0]} and ${expected[1]}, with or without ${expected[2]} and ${expected[3]}. ` +
      `${problem} Got: ${got}.`,
  );
}
