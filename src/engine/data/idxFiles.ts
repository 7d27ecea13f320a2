import type { Dataset } from "./dataset.ts";
import { MNIST_FILE_NAMES } from "./datasets.ts";
import { encodeIdxImages, encodeIdxLabels } from "./idx.ts";

export interface NamedBytes {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** A set as four IDX files, named as those of MNIST. */
export function idxFiles({ train, validation }: Dataset): NamedBytes[] {
  const contents = [train, validation].flatMap(({ images, labels }) => [
    encodeIdxImages(images),
    encodeIdxLabels(labels),
  ]);
  return MNIST_FILE_NAMES.map((name, i) => ({
    name,
    bytes: contents[i] as Uint8Array<ArrayBuffer>,
  }));
}
