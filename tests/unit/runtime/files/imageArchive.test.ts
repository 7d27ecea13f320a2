import { describe, expect, it } from "vitest";
import { openFiles } from "../../../../src/app/state/client/datasetLoader.ts";
import type { Dataset } from "../../../../src/engine/data/dataset.ts";
import { readDataset } from "../../../../src/engine/data/dataset.ts";
import { findImages, idxFilesAmong, readImageSet } from "../../../../src/engine/data/imageSet.ts";
import { AS_THEY_ARE } from "../../../../src/engine/data/networkImage.ts";
import { grayFromPng } from "../../../../src/engine/formats/pictures/grayFromPng.ts";
import { type ArchiveForm, imageArchive } from "../../../../src/runtime/files/imageArchive.ts";
import { filesOfZip } from "../../../../src/runtime/files/zipSource.ts";

/** Images of pixels that tell one from the other, of three classes in no order. */
const part = (count: number, first: number) => ({
  images: Uint8Array.from({ length: 784 * count }, (_, i) => (i * 31 + first) % 256),
  labels: Uint8Array.from({ length: count }, (_, i) => (7 * i + first) % 3),
  count,
});
const dataset: Dataset = { train: part(25, 0), validation: part(11, 5) };

async function archived(form: ArchiveForm, of: Dataset, classNames: readonly string[] | null) {
  const told: [number, number][] = [];
  const archive = await imageArchive({
    dataset: of,
    classNames,
    form,
    onProgress: (...how) => told.push(how),
  });
  return { told, files: await filesOfZip(archive, "set.zip") };
}

const opened = (files: Awaited<ReturnType<typeof archived>>["files"]) =>
  readImageSet({
    found: findImages(files),
    choices: AS_THEY_ARE,
    decode: async (file) => {
      const { width, height, pixels } = grayFromPng(new Uint8Array(await file.arrayBuffer()));
      return { width, height, values: new Uint8Array(pixels) };
    },
    onProgress: () => {},
  });

describe("an archive of PNG pictures", () => {
  it("is the same set when it is opened again, with its classes and what is held out", async () => {
    const names = ["coat", "bag", "♥"];
    const { files, told } = await archived("png", dataset, names);
    expect(files[1]?.path).toBe("set/train/1 bag/1.png");
    expect(findImages(files)).toMatchObject({ classNames: names, isSplit: true });
    expect(await opened(files)).toEqual({ ...dataset, leftOut: [] });
    expect(told).toHaveLength(36);
    expect(told.at(-1)).toEqual([36, 36]);
  });

  it("has a folder for each class, whatever its name", async () => {
    const { files } = await archived("png", dataset, ["a/b", "a:b", ".."]);
    const folders = new Set(files.map(({ path }) => path.split("/").slice(2, -1).join("/")));
    expect([...folders].sort()).toEqual(["0 a-b", "1 a-b", "2 -"]);
    expect((await opened(files)).train.count).toBe(25);
  });

  it("has no folders of classes where there is one class only", async () => {
    const labels = (count: number) => new Uint8Array(count);
    const one: Dataset = {
      train: { ...dataset.train, labels: labels(25) },
      validation: { ...dataset.validation, labels: labels(11) },
    };
    const { files } = await archived("png", one, null);
    expect(files[0]?.path).toBe("set/train/0.png");
    expect(await opened(files)).toEqual({ ...one, leftOut: [] });
  });
});

it("an archive of IDX files is known as one, and is the same set", async () => {
  const { files } = await archived("idx", dataset, null);
  const idx = idxFilesAmong(files);
  expect(idx).toHaveLength(4);
  const found = await Promise.all(
    idx.map(async ({ path, read }) => new File([await read()], path.split("/")[1] ?? "")),
  );
  const read = await readDataset({ ...(await openFiles(found)), onProgress: () => {} });
  expect(read).toEqual(dataset);
});
