/** A set of images as one zip archive, to take away and to open again. */
import { BlobWriter, configure, Uint8ArrayReader, ZipWriter } from "@zip.js/zip.js";
import { IMAGE_SIZE, NUM_PIXELS } from "../../engine/config/hyperparameters.ts";
import { type Dataset, numClasses } from "../../engine/data/dataset.ts";
import { className, MNIST_FILE_NAMES, type Naming } from "../../engine/data/datasets.ts";
import { idxFiles, type NamedBytes } from "../../engine/data/idxFiles.ts";
import { classFolders } from "../../engine/data/imageFolders.ts";
import { grayPng } from "../../engine/formats/pictures/grayPng.ts";

/** PNG pictures in a folder for each class, or four IDX files. */
export type ArchiveForm = "png" | "idx";

// Whoever writes archives is in a worker of its own already.
configure({ useWebWorkers: false });

/**
 * Packs a set. Pictures are numbered in its order, and so are classes that are not in that of the alphabet: opened again,
 * the archive is the same set.
 *
 * @param options.onProgress told after each file how many are packed
 */
export async function imageArchive(options: {
  dataset: Dataset;
  classNames: Naming["classNames"];
  form: ArchiveForm;
  onProgress: (numDone: number, total: number) => void;
}): Promise<Blob> {
  const { dataset, classNames, form, onProgress } = options;
  const { train, validation } = dataset;
  const isIdx = form === "idx";
  const files = isIdx ? idxFiles(dataset) : pngFiles(dataset, classNames);
  const total = isIdx ? MNIST_FILE_NAMES.length : train.count + validation.count;
  const writer = new ZipWriter(new BlobWriter("application/zip"));
  // PNG files are compressed already.
  const level = isIdx ? 6 : 0;
  let numDone = 0;
  for (const { name, bytes } of files) {
    await writer.add(name, new Uint8ArrayReader(bytes), { level });
    onProgress(++numDone, total);
  }
  return await writer.close();
}

/** `train/boot/17.png`, without folders of classes where all images are of one. */
function* pngFiles(
  dataset: Dataset,
  classNames: Naming["classNames"],
): Generator<NamedBytes, void> {
  const labels = Array.from({ length: numClasses(dataset) }, (_, label) => label);
  const folders = classFolders(labels.map((label) => className({ classNames }, label)));
  for (const [split, part] of [
    ["train", dataset.train],
    ["test", dataset.validation],
  ] as const) {
    for (let i = 0; i < part.count; i++) {
      const pixels = part.images.slice(i * NUM_PIXELS, (i + 1) * NUM_PIXELS);
      const folder = folders.length > 1 ? `/${folders[part.labels[i] ?? 0]}` : "";
      const bytes = grayPng({ width: IMAGE_SIZE, height: IMAGE_SIZE, pixels });
      yield { name: `${split}${folder}/${i}.png`, bytes };
    }
  }
}
