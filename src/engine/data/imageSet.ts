/**
 * Reads image files as people have them into a set to train on: pictures of any size in folders, which are the classes.
 * Decoding is left to the host: the browser's own decoder on the page, a library in the commands.
 */
import { groupBy } from "es-toolkit";
import { NUM_PIXELS } from "../config/hyperparameters.ts";
import { messageOf } from "../messageOf.ts";
import { firstFew } from "../shortenedText.ts";
import { DataError } from "./dataError.ts";
import type { LabeledImages } from "./dataset.ts";
import { type ArrangedImages, arrangedImages, heldOut } from "./imageFolders.ts";
import { type Gray, type ImageChoices, networkImage } from "./networkImage.ts";

/** A file of a folder or an archive. */
export interface SourceFile {
  /** With the names of its folders: `sketches/cat/12.png`. */
  path: string;
  read: () => Promise<Blob>;
}

export interface LeftOut {
  path: string;
  /** In a sentence. */
  reason: string;
}

export interface FoundImages extends ArrangedImages {
  /** Of the folder or archive that all lie in. */
  name: string;
  files: readonly SourceFile[];
  leftOut: LeftOut[];
}

/** Throws an Error, which says why, for a file that is no picture. */
export type DecodeImage = (file: Blob, path: string) => Promise<Gray>;

/** By the ending of a file's name: what `createImageBitmap` reads in all browsers, and SVG, which the page draws first. */
const PICTURE_TYPES = new Map([
  ["png", "image/png"],
  ["jpg", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["webp", "image/webp"],
  ["gif", "image/gif"],
  ["bmp", "image/bmp"],
  ["avif", "image/avif"],
  ["svg", "image/svg+xml"],
]);
/** What systems put beside the files of a person. */
const HIDDEN = /(^|\/)(\.|__MACOSX\/|Thumbs\.db$|desktop\.ini$)/i;
const IDX_NAME = /ubyte(\.gz)?$/i;
const ARCHIVE_NAME = /\.(zip|tar|t?gz|rar|7z)$/i;

export const LEAST_IMAGES = 3;
/** Larger ones are no pictures of symbols, and one alone could fill the memory. */
const MAX_FILE_BYTES = 100e6;

/** The media type of a picture by its name, since files of an archive have none; "" for other files. */
export function pictureType(name: string): string {
  const ending = name.split(".").at(-1)?.toLowerCase() ?? "";
  return PICTURE_TYPES.get(ending) ?? "";
}

function isPicture(name: string): boolean {
  return pictureType(name) !== "";
}

/** Whether the page takes this file for a picture, or for an archive with some. */
export function isImageSource(name: string): boolean {
  return isPicture(name) || /\.zip$/i.test(name);
}

/** The IDX files among files, where there are no pictures. */
export function idxFilesAmong(all: readonly SourceFile[]): SourceFile[] {
  const isPictures = all.some(({ path }) => isPicture(path) && !HIDDEN.test(path));
  return isPictures ? [] : all.filter(({ path }) => IDX_NAME.test(path) && !HIDDEN.test(path));
}

/**
 * Finds the pictures among files by their names.
 *
 * @throws DataError when there are fewer than three
 */
export function findImages(all: readonly SourceFile[]): FoundImages {
  const visible = all.filter(({ path }) => !HIDDEN.test(path));
  const files = visible.filter(({ path }) => isPicture(path));
  const leftOut = visible
    .filter(({ path }) => !isPicture(path))
    .map(({ path }) => ({ path, reason: reasonOf(path) }));
  if (files.length < LEAST_IMAGES) {
    const found = visible.length === 0 ? "no file" : firstFew(visible.map(({ path }) => path));
    throw new DataError(
      `Expected ${LEAST_IMAGES} pictures or more (PNG, JPEG, WebP, GIF or SVG), in a folder for each class or all in one, got ${files.length}: found ${found}.`,
    );
  }
  const arranged = arrangedImages(files.map(({ path }) => path));
  for (const place of arranged.withoutClass) {
    const reason = "It lies outside of the folders, which are the classes.";
    leftOut.push({ path: files[place]?.path ?? "", reason });
  }
  return { ...arranged, name: nameOf(files), files, leftOut };
}

function reasonOf(path: string): string {
  return ARCHIVE_NAME.test(path)
    ? "An archive within an archive or folder: unpack it first."
    : "Not a picture, judging by its name: PNG, JPEG, WebP, GIF, SVG, BMP and AVIF files are.";
}

function nameOf(files: readonly SourceFile[]): string {
  const [first = ""] = files.map(({ path }) => path);
  const [folder = ""] = first.split("/");
  const isCommon = folder !== first && files.every(({ path }) => path.startsWith(`${folder}/`));
  return isCommon ? folder : "Your images";
}

/** Places of up to `count` images to show, evenly from each class. */
export function someOf({ images }: ArrangedImages, count: number): number[] {
  const rows = Object.values(groupBy(images, ({ label }) => label));
  const places: number[] = [];
  for (let i = 0; places.length < Math.min(count, images.length); i++) {
    for (const of of rows) {
      const image = of[i];
      if (image && places.length < count) places.push(image.place);
    }
  }
  return places;
}

export interface ReadImageSet {
  train: LabeledImages;
  validation: LabeledImages;
  leftOut: LeftOut[];
}

/** Files that are decoded at the same time: reading one waits for the disk. */
const AT_ONCE = 8;

/**
 * Decodes all images; those that cannot be are left out.
 *
 * @param options.onProgress told after each image how many are done
 * @throws DataError when fewer than three remain, or a class has none; the reason of `signal` when it is aborted
 */
export async function readImageSet(options: {
  found: FoundImages;
  choices: ImageChoices;
  decode: DecodeImage;
  onProgress: (numDone: number) => void;
  signal?: AbortSignal;
}): Promise<ReadImageSet> {
  const { found, choices, decode, onProgress, signal } = options;
  const { images, files } = found;
  const pixels = new Uint8Array(images.length * NUM_PIXELS);
  const problems = new Map<number, string>();
  let next = 0;
  let numDone = 0;
  const decodeSome = async () => {
    while (next < images.length) {
      signal?.throwIfAborted();
      const i = next++;
      const file = files[images[i]?.place ?? 0] as SourceFile;
      try {
        const gray = await decodedFile(file, decode);
        pixels.set(networkImage(gray, choices), i * NUM_PIXELS);
      } catch (error) {
        problems.set(i, messageOf(error));
      }
      onProgress(++numDone);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, decodeSome));
  signal?.throwIfAborted();

  const good = images.map((_, i) => i).filter((i) => !problems.has(i));
  const leftOut = [...problems].map(([i, reason]) => ({
    path: files[images[i]?.place ?? 0]?.path ?? "",
    reason,
  }));
  checkRemaining(found, good, leftOut);
  const labels = good.map((i) => images[i]?.label ?? 0);
  const isOut = found.isSplit
    ? good.map((i) => images[i]?.split === "validation")
    : heldOut(labels);
  const part = (isValidation: boolean): LabeledImages => {
    const of = good.filter((_, k) => isOut[k] === isValidation);
    const made = new Uint8Array(of.length * NUM_PIXELS);
    for (const [k, i] of of.entries())
      made.set(pixels.subarray(i * NUM_PIXELS, (i + 1) * NUM_PIXELS), k * NUM_PIXELS);
    const ofLabels = labels.filter((_, k) => isOut[k] === isValidation);
    return { images: made, labels: Uint8Array.from(ofLabels), count: of.length };
  };
  return { train: part(false), validation: part(true), leftOut };
}

/** Reads and decodes one. */
export async function decodedFile(file: SourceFile, decode: DecodeImage): Promise<Gray> {
  const blob = await file.read();
  checkFileSize(blob.size);
  return await decode(blob, file.path);
}

/** @throws Error for a file that has nothing in it, or more than a picture */
export function checkFileSize(numBytes: number): void {
  if (numBytes === 0) throw new Error("The file is empty.");
  if (numBytes > MAX_FILE_BYTES) {
    throw new Error(
      `It has ${Math.round(numBytes / 1e6)} MB, expected ${MAX_FILE_BYTES / 1e6} MB at most.`,
    );
  }
}

function checkRemaining(
  { images, classNames }: FoundImages,
  good: readonly number[],
  leftOut: readonly LeftOut[],
): void {
  const [first] = leftOut;
  const example = first ? ` ${first.path}: ${first.reason}` : "";
  if (good.length < LEAST_IMAGES) {
    throw new DataError(
      `Expected ${LEAST_IMAGES} pictures or more that can be opened, got ${good.length} of ${images.length}.${example}`,
    );
  }
  const isThere = new Set(good.map((i) => images[i]?.label));
  const empty = classNames?.find((_, label) => !isThere.has(label));
  if (empty === undefined) return;
  throw new DataError(
    `None of the pictures in the folder “${empty}” can be opened. Mend them, or take the folder away.${example}`,
  );
}
