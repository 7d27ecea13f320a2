import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DataError } from "../../../../src/engine/data/dataError.ts";
import { readDataset } from "../../../../src/engine/data/dataset.ts";
import type { DatasetFile, DatasetProgress } from "../../../../src/engine/data/datasetFile.ts";
import { imagesFile, labelsFile, pair, pieces, streamOf } from "./idxBytes.ts";

const read = (files: DatasetFile[], signal?: AbortSignal) =>
  readDataset({ files, onProgress: () => {}, ...(signal && { signal }) });

async function messageOf(files: DatasetFile[]): Promise<string> {
  const error = await read(files).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(DataError);
  return (error as DataError).message;
}

/**
 * Gives `chunks` and then nothing more, without an end; says when more is waited for, and what it was
 * cancelled with.
 */
function stalledStream(chunks: Uint8Array[] = []) {
  let onCancel: (reason: unknown) => void;
  let onStall: () => void;
  const cancelled = new Promise<unknown>((resolve) => {
    onCancel = resolve;
  });
  const stalled = new Promise<void>((resolve) => {
    onStall = resolve;
  });
  const stream = new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        for (const chunk of chunks) controller.enqueue(chunk);
      },
      pull: () => onStall(),
      cancel: (reason) => onCancel(reason),
    },
    // Nothing is asked for ahead.
    { highWaterMark: 0 },
  );
  return { stream, stalled, cancelled };
}

test("reads two pairs, gzipped and plain mixed", async () => {
  const dataset = await read([
    ...pair("train", gzipSync(imagesFile(5)), labelsFile(5)),
    ...pair("validation", imagesFile(3), gzipSync(labelsFile(3))),
  ]);
  expect(dataset.train.count).toBe(5);
  expect(dataset.train.images).toEqual(imagesFile(5).subarray(16));
  expect(dataset.train.labels).toEqual(labelsFile(5).subarray(8));
  expect(dataset.validation.count).toBe(3);
  expect(dataset.validation.images).toEqual(imagesFile(3).subarray(16));
  expect(dataset.validation.labels).toEqual(labelsFile(3).subarray(8));
});

test("any cut of the gzipped bytes into chunks, empty ones too, reads the same", async () => {
  const [images, labels] = [gzipSync(imagesFile(4)), gzipSync(labelsFile(4))];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(40), { maxLength: 20 }), async (sizes) => {
      const streams = [images, labels].map((file) => streamOf(pieces(file, sizes))) as [
        ReadableStream<Uint8Array>,
        ReadableStream<Uint8Array>,
      ];
      const { train, validation } = await read(pair("train", ...streams));
      expect([train.count, validation.count]).toEqual([3, 1]);
      expect(train.images).toEqual(imagesFile(4).subarray(16, 16 + 3 * 784));
    }),
    { numRuns: 50 },
  );
});

test("any truncation of a gzipped file is an error that names the file", async () => {
  const images = gzipSync(imagesFile(4));
  await fc.assert(
    fc.asyncProperty(fc.nat(images.length - 1), async (length) => {
      const files = pair("train", images.subarray(0, length), labelsFile(4));
      expect(await messageOf(files)).toMatch(/^train-images: /);
    }),
    { numRuns: 50 },
  );
});

test("says of a gzip that ends half way how far it came", async () => {
  const images = gzipSync(imagesFile(40));
  const half = images.subarray(0, images.length >> 1);
  expect(await messageOf(pair("train", half, labelsFile(40)))).toMatch(
    new RegExp(
      `^train-images: the gzip data is truncated or damaged; .* after ${grouped(half)} of`,
    ),
  );
});

test("notices a flipped bit in a gzip by its check sum", async () => {
  const images = gzipSync(imagesFile(4));
  images[images.length - 6] = (images[images.length - 6] ?? 0) ^ 1;
  expect(await messageOf(pair("train", images, labelsFile(4)))).toMatch(
    /^train-images: the gzip data is truncated or damaged/,
  );
});

test("says of a connection that breaks how far it came", async () => {
  const chunks = pieces(gzipSync(imagesFile(40)), [100]).slice(0, 1);
  const broken = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk) controller.enqueue(chunk);
      else controller.error(new TypeError("network error"));
    },
  });
  expect(await messageOf(pair("train", broken, labelsFile(40)))).toContain(
    "train-images: reading broke off after 100 bytes (network error).",
  );
});

test("cancels the other streams when one file is wrong, and those it would not read", async () => {
  const images = stalledStream([imagesFile(3).subarray(0, 100)]);
  const wrong = stalledStream([imagesFile(3)]);
  const message = await messageOf(pair("train", images.stream, wrong.stream));
  expect(message).toContain("train-labels: expected an IDX file of labels");
  expect(await images.cancelled).toBeInstanceOf(DataError);
  expect(await wrong.cancelled).toBeInstanceOf(DataError);

  const unread = stalledStream();
  await messageOf(pair("train", unread.stream, labelsFile(1)).slice(0, 1));
  expect(await unread.cancelled).toBeInstanceOf(DataError);
});

test.each([
  ["before the first byte", []],
  ["within a plain file", [imagesFile(3).subarray(0, 100)]],
  ["within a gzipped file", [gzipSync(imagesFile(3)).subarray(0, 30)]],
])("stops on the signal %s, with the signal's reason", async (_, chunks) => {
  const [images, labels] = [stalledStream(chunks), stalledStream()];
  const abort = new AbortController();
  const reading = read(pair("train", images.stream, labels.stream), abort.signal);
  await images.stalled;
  abort.abort("another dataset");
  await expect(reading).rejects.toBe("another dataset");
  expect(await images.cancelled).toBe("another dataset");
  expect(await labels.cancelled).toBe("another dataset");
});

test("does not begin under an aborted signal", async () => {
  const images = stalledStream();
  const reading = read(pair("train", images.stream, labelsFile(3)), AbortSignal.abort("too late"));
  await expect(reading).rejects.toBe("too late");
  expect(await images.cancelled).toBe("too late");
});

test("refuses labels that are not as many as the images", async () => {
  expect(await messageOf(pair("train", imagesFile(4), labelsFile(5)))).toContain(
    "4 images in train-images and 5 labels in train-labels",
  );
});

test("refuses a dataset of one image", async () => {
  expect(await messageOf(pair("train", imagesFile(1), labelsFile(1)))).toBe(
    "Expected at least 2 training images, got 1.",
  );
});

test.each([
  [2, 1],
  [13, 2],
  [60_001, 10_000],
])("holds the end of a lone pair out: of %i images %i, as views", async (numImages, numHeldOut) => {
  const { train, validation } = await read(
    pair("train", imagesFile(numImages), labelsFile(numImages)),
  );
  expect([train.count, validation.count]).toEqual([numImages - numHeldOut, numHeldOut]);
  expect(validation.images.buffer).toBe(train.images.buffer);
  expect(validation.images.byteOffset).toBe(train.images.byteLength);
  expect(validation.images).toHaveLength(numHeldOut * 784);
  expect(validation.labels.at(-1)).toBe(labelsFile(numImages).at(-1));
});

test("reports bytes as they came and images, and ends with everything", async () => {
  const [images, labels] = [gzipSync(imagesFile(50)), gzipSync(labelsFile(50))];
  const reports: DatasetProgress[] = [];
  const files = pair("train", images, labels);
  await readDataset({ files, onProgress: (progress) => reports.push(progress) });
  const totalBytes = images.length + labels.length;
  expect(reports.at(-1)).toEqual({
    loadedBytes: totalBytes,
    totalBytes,
    numImages: 50,
    totalImages: 50,
  });
  expect(reports.length).toBeGreaterThan(1);
});

test("knows no total when one of the sizes is unknown", async () => {
  const reports: DatasetProgress[] = [];
  const files = pair("train", imagesFile(3), streamOf([labelsFile(3)]));
  await readDataset({ files, onProgress: (progress) => reports.push(progress) });
  expect(reports.at(-1)).toMatchObject({ loadedBytes: 2379, totalBytes: null });
});

function grouped(bytes: Uint8Array): string {
  return bytes.length.toLocaleString("en-US");
}
