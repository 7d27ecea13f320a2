/** Pictures in a folder or a zip archive, as the page reads them. */
import { openAsBlob, readdirSync, statSync } from "node:fs";
import { basename, join, sep } from "node:path";
import sharp from "sharp";
import { type NamedDataset, readDataset } from "../../../engine/data/dataset.ts";
import { identityOf } from "../../../engine/data/datasets.ts";
import { type DatasetPart, partsFromNames } from "../../../engine/data/fileNames.ts";
import {
  checkFileSize,
  type DecodeImage,
  decodedFile,
  findImages,
  idxFilesAmong,
  readImageSet,
  type SourceFile,
  someOf,
} from "../../../engine/data/imageSet.ts";
import {
  type Gray,
  grayOnWhite,
  guessedChoices,
  MAX_SIDE,
} from "../../../engine/data/networkImage.ts";
import { FormatError } from "../../../engine/formats/formatError.ts";
import { firstFew } from "../../../engine/shortenedText.ts";
import { filesOfZip } from "../../../runtime/files/zipSource.ts";

/** Looked at to see whether they are ink on paper, as on the page. */
const NUM_SAMPLES = 100;

/**
 * The set in a folder or zip archive, with the choices that the page would offer first for pictures.
 *
 * @param path absolute
 * @param print told what was left out
 * @throws DataError, FormatError
 */
export async function readPictures(
  path: string,
  print: (text: string) => void,
): Promise<NamedDataset> {
  const files = statSync(path).isDirectory()
    ? filesIn(path)
    : await filesOfZip(await openedArchive(path), basename(path));
  const idx = idxFilesAmong(files);
  if (idx.length > 0) return await readIdx(idx);
  const found = findImages(files);
  const samples: Gray[] = [];
  for (const place of someOf(found, NUM_SAMPLES)) {
    const sample = await decodedFile(found.files[place] as SourceFile, decode).catch(() => null);
    if (sample) samples.push(sample);
  }
  const choices = guessedChoices(samples);
  const read = await readImageSet({ found, choices, decode, onProgress: () => {} });
  const leftOut = [...found.leftOut, ...read.leftOut];
  if (leftOut.length > 0) {
    print(`Left out: ${firstFew(leftOut.map(({ path, reason }) => `${path} (${reason})`))}`);
  }
  const { name, classNames } = found;
  const { train, validation } = read;
  return { train, validation, id: "files", name, ...(classNames && { classNames }) };
}

/** An archive of IDX files, as the page saves one. */
async function readIdx(sources: readonly SourceFile[]): Promise<NamedDataset> {
  const parts = partsFromNames(sources.map(({ path }) => basename(path)));
  const files = sources.map(async ({ read }, i) => {
    const file = await read();
    return { ...(parts[i] as DatasetPart), totalBytes: file.size, stream: file.stream() };
  });
  const dataset = await readDataset({ files: await Promise.all(files), onProgress: () => {} });
  return { ...dataset, ...identityOf("files") };
}

/** From this size on Node 20 takes a file for what is left of it modulo 4 GiB. */
const MAX_BLOB_BYTES = 2 ** 32;

async function openedArchive(path: string): Promise<Blob> {
  const { size } = statSync(path);
  if (size < MAX_BLOB_BYTES) return await openAsBlob(path);
  throw new FormatError(
    `${basename(path)} has ${(size / 1e9).toFixed(1)} GB, expected 4 GB at most: unpack it, and name the folder.`,
  );
}

function filesIn(folder: string): SourceFile[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const root = join(folder, "..");
  return entries.flatMap((entry) => {
    if (!entry.isFile()) return [];
    const whole = join(entry.parentPath, entry.name);
    const path = whole.slice(root.length).split(sep).filter(Boolean).join("/");
    const read = async () => {
      checkFileSize(statSync(whole).size);
      return await openAsBlob(whole);
    };
    return [{ path, read }];
  });
}

const decode: DecodeImage = async (file) => {
  const bytes = await file.arrayBuffer();
  const { data, info } = await sharp(bytes)
    .rotate()
    .resize(MAX_SIDE, MAX_SIDE, { fit: "inside", withoutEnlargement: true })
    .toColourspace("srgb")
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return grayOnWhite({ width: info.width, height: info.height, data });
};
