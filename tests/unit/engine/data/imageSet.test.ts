import { describe, expect, it } from "vitest";
import {
  type DecodeImage,
  findImages,
  readImageSet,
  type SourceFile,
  someOf,
} from "../../../../src/engine/data/imageSet.ts";
import { AS_THEY_ARE } from "../../../../src/engine/data/networkImage.ts";
import { grayFromPng } from "../../../../src/engine/formats/pictures/grayFromPng.ts";
import { grayPng } from "../../../../src/engine/formats/pictures/grayPng.ts";
import { readImages } from "../../../../src/hosts/cli/parts/trainingImages.ts";

const decode: DecodeImage = async (file) => {
  const { width, height, pixels } = grayFromPng(new Uint8Array(await file.arrayBuffer()));
  return { width, height, values: new Uint8Array(pixels) };
};

function pngAt(path: string, pixels: Uint8Array): SourceFile {
  const png = grayPng({ width: 28, height: 28, pixels: new Uint8Array(pixels) });
  return { path, read: async () => new Blob([new Uint8Array(png)]) };
}

const textAt = (path: string, text = "no picture"): SourceFile => ({
  path,
  read: async () => new Blob([text]),
});

const gray = (value: number) => new Uint8Array(784).fill(value);

const readAll = (files: readonly SourceFile[], onProgress = (_: number) => {}) =>
  readImageSet({ found: findImages(files), choices: AS_THEY_ARE, decode, onProgress });

describe("MNIST in folders of pictures", () => {
  it("is MNIST to the bit, in its order", async () => {
    const { train, validation } = await readImages();
    const files = [
      { of: train, folder: "train", count: 400 },
      { of: validation, folder: "test", count: 60 },
    ].flatMap(({ of, folder, count }) =>
      Array.from({ length: count }, (_, i) => {
        const pixels = of.images.slice(784 * i, 784 * (i + 1));
        return pngAt(`mnist/${folder}/${of.labels[i]}/${i}.png`, pixels);
      }),
    );
    // As a folder lists them: in any order.
    files.sort((a, b) => (a.path < b.path ? -1 : 1));
    const read = await readAll(files);
    expect(read.leftOut).toEqual([]);
    // At once: one by one these numbers take seconds.
    expect(Buffer.compare(read.train.images, train.images.slice(0, 784 * 400))).toBe(0);
    expect(read.train.labels).toEqual(train.labels.slice(0, 400));
    expect(read.validation.images).toEqual(validation.images.slice(0, 784 * 60));
    expect(read.validation.labels).toEqual(validation.labels.slice(0, 60));
  });
});

describe("a folder of pictures", () => {
  it("leaves out what cannot be opened, and says why", async () => {
    const files = [
      ...[0, 1, 2, 3].map((i) => pngAt(`set/a/${i}.png`, gray(i))),
      ...[4, 5, 6, 7].map((i) => pngAt(`set/b/${i}.png`, gray(i))),
      textAt("set/a/3b.png"),
      textAt("set/b/9.png", ""),
      textAt("set/b/notes.txt"),
      textAt("set/inner.zip"),
      textAt("set/.DS_Store"),
      textAt("set/__MACOSX/a/0.png"),
      pngAt("set/cover.png", gray(9)),
    ];
    const found = findImages(files);
    expect(found).toMatchObject({ name: "set", classNames: ["a", "b"] });
    expect(Object.fromEntries(found.leftOut.map(({ path, reason }) => [path, reason]))).toEqual({
      "set/b/notes.txt": expect.stringContaining("Not a picture"),
      "set/inner.zip": expect.stringContaining("unpack it first"),
      "set/cover.png": expect.stringContaining("outside of the folders"),
    });
    const told: number[] = [];
    const { train, validation, leftOut } = await readAll(files, (done) => told.push(done));
    expect(told).toEqual(Array.from({ length: 10 }, (_, i) => i + 1));
    expect(leftOut.map(({ path }) => path).sort()).toEqual(["set/a/3b.png", "set/b/9.png"]);
    expect(leftOut.find(({ path }) => path.endsWith("9.png"))?.reason).toContain("empty");
    // In order, with one held out, since no class has six.
    expect([...train.labels]).toEqual([0, 0, 0, 0, 1, 1, 1]);
    expect(train.images.filter((_, i) => i % 784 === 0)).toEqual(
      Uint8Array.of(0, 1, 2, 3, 4, 5, 6),
    );
    expect([...validation.labels]).toEqual([1]);
  });

  it.each([
    ["nothing", [], "3 pictures or more"],
    ["two pictures", [pngAt("a/1.png", gray(1)), pngAt("a/2.png", gray(2))], "got 2"],
    ["no picture", [textAt("a/notes.txt")], "found a/notes.txt"],
  ])("with %s is refused", (_, files, words) => {
    expect(() => findImages(files)).toThrow(words);
  });

  it("is refused where a class has no picture that opens, and where too few do", async () => {
    const good = [1, 2, 3, 4].map((i) => pngAt(`set/a/${i}.png`, gray(i)));
    await expect(readAll([...good, textAt("set/b/1.png")])).rejects.toThrow("the folder “b”");
    await expect(
      readAll([textAt("1.png"), textAt("2.png"), pngAt("3.png", gray(3))]),
    ).rejects.toThrow(/got 1 of 3\. 1\.png: .*PNG/);
  });

  it("stops when it is aborted", async () => {
    const files = [1, 2, 3].map((i) => pngAt(`${i}.png`, gray(i)));
    const signal = AbortSignal.abort(new Error("Cancelled."));
    const options = { found: findImages(files), choices: AS_THEY_ARE, decode, signal };
    await expect(readImageSet({ ...options, onProgress: () => {} })).rejects.toThrow("Cancelled.");
  });

  it("shows some of each class first", () => {
    const files = [
      ...[0, 1, 2, 3, 4].map((i) => pngAt(`set/a/${i}.png`, gray(i))),
      pngAt("set/b/7.png", gray(7)),
    ];
    const found = findImages(files);
    expect(someOf(found, 3).map((place) => files[place]?.path)).toEqual([
      ...["set/a/0.png", "set/b/7.png", "set/a/1.png"],
    ]);
    expect(someOf(found, 99)).toHaveLength(6);
  });
});
