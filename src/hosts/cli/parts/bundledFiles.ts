import { createReadStream, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { type NamedDataset, readDataset } from "../../../engine/data/dataset.ts";
import { bundledDatasets, DEFAULT_DATASET, identityOf } from "../../../engine/data/datasets.ts";
import { partsFromNames } from "../../../engine/data/fileNames.ts";
import { type Classifier, createClassifier } from "../../../engine/quality/classifier.ts";
import { decodeClassifier } from "../../../engine/quality/classifierFile.ts";
import { CommandError, type Options } from "../options.ts";

export const DATA_OPTION = {
  data: {
    type: "string",
    default: DEFAULT_DATASET,
    get help() {
      return `the images: ${bundledIds()}`;
    },
  },
} as const satisfies Options;

/**
 * A dataset as the page has it, from the package that it comes in.
 *
 * @param typedId of one that the app brings along
 * @throws CommandError, or DataError where its files are damaged
 */
export async function readBundled(typedId: string = DEFAULT_DATASET): Promise<NamedDataset> {
  const dataset = bundledDatasets().find(({ id }) => id === typedId);
  if (!dataset) throw new CommandError(`Expected --data ${bundledIds()}, got ${typedId}.`);
  const { npmPackage, files } = dataset.bundled;
  const folder = dirname(createRequire(import.meta.url).resolve(`${npmPackage}/package.json`));
  const opened = partsFromNames(files).map((part) => {
    const path = join(folder, "data", part.name);
    const stream = Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>;
    return { ...part, totalBytes: statSync(path).size, stream };
  });
  const read = await readDataset({ files: opened, onProgress: () => {} });
  return { ...read, ...identityOf(dataset.id) };
}

function bundledIds(): string {
  return bundledDatasets()
    .map(({ id }) => id)
    .join(", ");
}

const CLASSIFIER = fileURLToPath(
  new URL("../../../../public/classifier.safetensors", import.meta.url),
);

/** The one that the page has; the caller disposes it. */
export function readClassifier(): Classifier {
  return createClassifier(decodeClassifier(readFileSync(CLASSIFIER)).values);
}
