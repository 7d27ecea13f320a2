import { createReadStream, existsSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import {
  type Dataset,
  type NamedDataset,
  numClasses,
  readDataset,
} from "../../../engine/data/dataset.ts";
import {
  bundledDatasets,
  DEFAULT_DATASET,
  identityOf,
  knownDataset,
} from "../../../engine/data/datasets.ts";
import { partsFromNames } from "../../../engine/data/fileNames.ts";
import { described } from "../../../runtime/files/trainedImages.ts";
import { CommandError, fromCaller, type Options } from "../options.ts";

export const DATA_OPTION = {
  data: {
    type: "string",
    multiple: true,
    get help() {
      return `the images: ${bundledIds()}, or a folder with one for each class, a zip archive of it, or IDX files, --data FILE for each (default ${DEFAULT_DATASET})`;
    },
  },
} as const satisfies Options;

/**
 * A dataset as the page has it, from the package that it comes in, or from a person's files.
 *
 * @param typed the id of one that the app brings along, or paths of files of one
 * @param print told of pictures that were left out
 * @throws CommandError, DataError or FormatError where there is none, or its files are damaged
 */
export async function readImages(
  typed: readonly string[] = [DEFAULT_DATASET],
  print: (text: string) => void = (text) => process.stderr.write(`${text}\n`),
): Promise<NamedDataset> {
  const [first = DEFAULT_DATASET, ...others] = typed;
  const bundled = bundledDatasets().find(({ id }) => id === first);
  if (bundled && others.length === 0) {
    const { npmPackage, files } = bundled.bundled;
    const folder = dirname(createRequire(import.meta.url).resolve(`${npmPackage}/package.json`));
    const paths = files.map((name) => join(folder, "data", name));
    return { ...(await readIdx(paths)), ...identityOf(bundled.id) };
  }
  const paths = typed.map(existingPath);
  const idx = paths.flatMap((path) => (statSync(path).isDirectory() ? idxFilesIn(path) : path));
  const [path = ""] = paths;
  const isPictures = paths.length === 1 && (idx.length === 0 || /\.zip$/i.test(path));
  const dataset = isPictures
    ? await (await import("./pictureFiles.ts")).readPictures(path, print)
    : { ...(await readIdx(idx)), ...identityOf("files") };
  const known = knownDataset(described(dataset, { classes: numClasses(dataset) }).checksum);
  const { train, validation } = dataset;
  return known ? { train, validation, ...known } : dataset;
}

async function readIdx(paths: readonly string[]): Promise<Dataset> {
  const parts = partsFromNames(paths.map((path) => basename(path)));
  const files = parts.map((part, i) => {
    const path = paths[i] as string;
    const stream = Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>;
    return { ...part, totalBytes: statSync(path).size, stream };
  });
  return await readDataset({ files, onProgress: () => {} });
}

/** A folder as MNIST is unpacked into; none of one with pictures. */
function idxFilesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /ubyte(\.gz)?$/i.test(name))
    .map((name) => join(folder, name));
}

/** @throws CommandError where there is nothing */
function existingPath(typed: string): string {
  const path = fromCaller(typed);
  if (existsSync(path)) return path;
  throw new CommandError(
    `Expected --data ${bundledIds()}, or the path of a folder, a zip archive or IDX files, got ${typed}: at ${path} there is nothing.`,
  );
}

function bundledIds(): string {
  return bundledDatasets()
    .map(({ id }) => id)
    .join(", ");
}
