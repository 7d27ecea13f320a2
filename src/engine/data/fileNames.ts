import { firstFew, shortened } from "../shortenedText.ts";
import { DataError } from "./dataError.ts";
import type { DatasetFile } from "./datasetFile.ts";
import { MNIST_FILE_NAMES } from "./datasets.ts";

/** Which part of its dataset a file holds. */
export type DatasetPart = Pick<DatasetFile, "name" | "split" | "content">;

/**
 * The official pattern with any prefix (`emnist-digits-`), the other common names of the second
 * split, `.` for `-` as on Kaggle, and the ` (1)` that a browser adds to a second download.
 */
const OFFICIAL_NAME =
  /(?:^|[-_.])(train|t10k|test|valid|validation)[-_.](images[-_.]idx3|labels[-_.]idx1)[-_.]ubyte(?: ?\(\d+\))?(?:\.gz)?(?: ?\(\d+\))?$/i;

/**
 * Tells from its name what each file is: one of the pair of training files, or of the pair of test files.
 *
 * @throws DataError when a name is not an official one, or when they do not form pairs. If none is that
 *   of an IDX file, it says what else the page opens.
 */
export function partsFromNames(names: readonly string[]): DatasetPart[] {
  if (!names.some((name) => OFFICIAL_NAME.test(name))) {
    const came =
      names.length === 0
        ? "There is no file to open: the folder is empty. The page opens"
        : `This page cannot open ${firstFew(names)}. It opens`;
    throw new DataError(
      `${came} trained weights and runs (.safetensors), and images to train on: pictures (PNG, JPEG, WebP, GIF or SVG) in ` +
        `folders or a zip archive, or pairs of IDX files, such as ${MNIST_FILE_NAMES[0]}.gz and ${MNIST_FILE_NAMES[1]}.gz.`,
    );
  }
  const parts = names.map((name): DatasetPart => {
    const [, split, content] = OFFICIAL_NAME.exec(name) ?? [];
    if (!split || !content)
      throw wrongFiles(`"${shortened(name, 80)}" is not named like one of them.`, names);
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
 * Throws a DataError unless there is one pair of training files and at most one pair of test files. A test
 * pair alone is refused, since training on test images would make every later comparison worthless.
 */
export function requirePairs(parts: readonly DatasetPart[]): void {
  for (const split of ["train", "validation"] as const) {
    const ofSplit = parts.filter((part) => part.split === split);
    const numImageFiles = ofSplit.filter(({ content }) => content === "images").length;
    const numLabelFiles = ofSplit.length - numImageFiles;
    if (split === "validation" && ofSplit.length === 0) continue;
    if (numImageFiles === 1 && numLabelFiles === 1) continue;
    const kind = split === "train" ? "training" : "test";
    const names = parts.map(({ name }) => name);
    if (numImageFiles + numLabelFiles === 1) {
      const missing = numLabelFiles === 0 ? `labels of the ${kind} images` : `${kind} images`;
      throw wrongFiles(`The ${missing} are missing: choose both files together.`, names);
    }
    throw wrongFiles(
      `Of ${kind} images and ${kind} labels there must be one file each, not ${numImageFiles} and ${numLabelFiles}.`,
      names,
    );
  }
}

function wrongFiles(problem: string, names: readonly string[]): DataError {
  const expected = MNIST_FILE_NAMES.map((name) => `${name}.gz`);
  return new DataError(
    `Expected ${expected[0]} and ${expected[1]}, with or without ${expected[2]} and ${expected[3]}. ` +
      `${problem} Got: ${firstFew(names)}.`,
  );
}
