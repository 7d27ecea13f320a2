import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readPictures } from "../../../../../src/hosts/cli/parts/pictureFiles.ts";
import { imageArchive } from "../../../../../src/runtime/files/imageArchive.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pictures-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** `[28, 28]` of one gray level, of which the left half may be transparent. */
function png(level: number, alpha = 255): Uint8Array {
  const data = Uint8Array.from({ length: 2 * 784 }, (_, i) => {
    if (i % 2 === 0) return level;
    return (i >> 1) % 28 < 14 ? alpha : 255;
  });
  return encode({ width: 28, height: 28, channels: 2, depth: 8, data });
}

function save(path: string, bytes: Uint8Array) {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), bytes);
}

/** A file of zeros that takes no room on the disk. */
function saveSparse(path: string, numBytes: number) {
  save(path, new Uint8Array());
  truncateSync(join(folder, path), numBytes);
}

describe("a folder of pictures", () => {
  it("is read, with what is transparent white; what is damaged or far too large is left out, and told", async () => {
    for (let i = 0; i < 4; i++) save(`a “1”/${i}.png`, png(i));
    for (let i = 4; i < 8; i++) save(`b <2>/${i}.png`, png(i, 0));
    save("a “1”/broken.png", png(1).slice(0, 60));
    saveSparse("b <2>/huge.png", 10e9);
    const told: string[] = [];
    const { train, validation, classNames } = await readPictures(folder, (text) => told.push(text));
    expect(classNames).toEqual(["a “1”", "b <2>"]);
    expect([...train.labels, ...validation.labels]).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    const rows = [...train.images, ...validation.images].filter((_, i) => i % 784 < 28);
    const levels = [0, 13, 14, 27].map((x) => [4, 5].map((image) => rows[28 * image + x]));
    expect(levels).toEqual([
      [255, 255],
      [255, 255],
      [4, 5],
      [4, 5],
    ]);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/huge\.png \(It has 10000 MB, expected 100 MB at most\.\)/);
    expect(told[0]).toContain("broken.png");
  });

  it.each([
    ["nothing in it", () => {}, "got 0: found no file"],
    [
      "pictures of 10 GB alone",
      () => [1, 2, 3].map((i) => saveSparse(`${i}.png`, 10e9)),
      "10000 MB",
    ],
  ])("with %s is refused", async (_, fill, words) => {
    fill();
    await expect(readPictures(folder, () => {})).rejects.toThrow(words);
  });
});

describe("an archive", () => {
  it("of IDX files, as the page saves one, is read as these files are", async () => {
    const part = (count: number) => ({
      images: Uint8Array.from({ length: 784 * count }, (_, i) => (7 * i) % 256),
      labels: Uint8Array.from({ length: count }, (_, i) => i % 3),
      count,
    });
    const dataset = { train: part(6), validation: part(3) };
    const form = { classNames: null, form: "idx", onProgress: () => {} } as const;
    const archive = await imageArchive({ dataset, ...form });
    save("set.zip", new Uint8Array(await archive.arrayBuffer()));
    expect(await readPictures(join(folder, "set.zip"), () => {})).toMatchObject(dataset);
  });

  it.each([
    [3e9, "could not be opened as a zip archive"],
    [10e9, "has 10.0 GB, expected 4 GB at most"],
  ])("of %d bytes that is none is refused at once", async (numBytes, words) => {
    saveSparse("x.zip", numBytes);
    await expect(readPictures(join(folder, "x.zip"), () => {})).rejects.toThrow(words);
  });
});
