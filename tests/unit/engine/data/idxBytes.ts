import type { DatasetFile } from "../../../../src/engine/data/datasetFile.ts";

/** An IDX file of images; every pixel differs from its neighbours, so that a shift shows. */
export function imagesFile(numImages: number, { magic = 2051, rows = 28, columns = 28 } = {}) {
  const bytes = header(16 + numImages * rows * columns, [magic, numImages, rows, columns]);
  for (let i = 16; i < bytes.length; i++) bytes[i] = (i * 31 + (i >> 8)) % 256;
  return bytes;
}

export function labelsFile(numLabels: number, { magic = 2049 } = {}) {
  const bytes = header(8 + numLabels, [magic, numLabels]);
  for (let i = 8; i < bytes.length; i++) bytes[i] = (i * 7) % 10;
  return bytes;
}

/** `totalBytes` zeros that begin with `fields` as big-endian u32. */
export function header(totalBytes: number, fields: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(totalBytes);
  fields.forEach((field, index) => {
    new DataView(bytes.buffer).setUint32(4 * index, field);
  });
  return bytes;
}

/** Cuts bytes into pieces of the given sizes; the last takes the rest. */
export function pieces(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const size of [...sizes, bytes.length]) {
    parts.push(bytes.slice(offset, offset + size));
    offset += size;
  }
  return parts;
}

export function streamOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  const rest = [...chunks];
  return new ReadableStream({
    pull(controller) {
      const chunk = rest.shift();
      if (chunk) controller.enqueue(chunk);
      else controller.close();
    },
  });
}

type Source = Uint8Array | ReadableStream<Uint8Array>;

/** The two files of a split as the worker gets them. */
export function pair(split: DatasetFile["split"], images: Source, labels: Source): DatasetFile[] {
  const file = (content: DatasetFile["content"], source: Source): DatasetFile => ({
    name: `${split}-${content}`,
    split,
    content,
    totalBytes: source instanceof Uint8Array ? source.length : null,
    stream: source instanceof Uint8Array ? streamOf([source]) : source,
  });
  return [file("images", images), file("labels", labels)];
}
