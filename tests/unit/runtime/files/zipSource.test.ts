import { BlobWriter, Uint8ArrayReader, ZipWriter } from "@zip.js/zip.js";
import { describe, expect, it } from "vitest";
import type { SourceFile } from "../../../../src/engine/data/imageSet.ts";
import { filesOfZip } from "../../../../src/runtime/files/zipSource.ts";

async function archiveOf(files: Record<string, Uint8Array>, folders: readonly string[] = []) {
  const zip = new ZipWriter(new BlobWriter(), { useWebWorkers: false });
  for (const folder of folders) await zip.add(`${folder}/`, undefined, { directory: true });
  for (const [path, bytes] of Object.entries(files)) {
    await zip.add(path, new Uint8ArrayReader(bytes));
  }
  return await zip.close();
}

async function bytesOf(file: SourceFile | undefined): Promise<Uint8Array> {
  if (!file) throw new Error("Expected a file, got none.");
  return new Uint8Array(await (await file.read()).arrayBuffer());
}

describe("a zip archive", () => {
  it("gives the bytes of its files, whatever they are called, in a folder of its name", async () => {
    const names = ["a/1.png", "“b” & <c>/2'.png", "日本 \u{1f600}/3.png", "__proto__/4.png"];
    const given = Object.fromEntries(names.map((name, i) => [name, Uint8Array.of(i, 7)]));
    const files = await filesOfZip(await archiveOf(given, ["a", "empty"]), "odd.set.zip");
    expect(files.map(({ path }) => path)).toEqual(names.map((name) => `odd.set/${name}`));
    const read = files.map(async (file) => [...(await bytesOf(file))]);
    expect(await Promise.all(read)).toEqual([0, 1, 2, 3].map((i) => [i, 7]));
  });

  it("unpacks no file that is larger than a picture, though it is packed in few bytes", async () => {
    const archive = await archiveOf({
      "bomb.png": new Uint8Array(101e6),
      "a.png": Uint8Array.of(1),
    });
    expect(archive.size).toBeLessThan(1e6);
    const [bomb, good] = await filesOfZip(archive, "x.zip");
    await expect(bytesOf(bomb)).rejects.toThrow("It has 101 MB, expected 100 MB at most");
    expect(await bytesOf(good)).toHaveLength(1);
  });

  it("says which file is damaged, and gives the others", async () => {
    const noise = Uint8Array.from({ length: 500 }, (_, i) => (i * i * 31) % 251);
    const archive = await archiveOf({ "bad.png": noise, "good.png": noise });
    const bytes = new Uint8Array(await archive.arrayBuffer());
    bytes.fill(0xff, 100, 140);
    const [bad, good] = await filesOfZip(new Blob([bytes]), "x.zip");
    await expect(bytesOf(bad)).rejects.toThrow("could not be unpacked");
    expect(await bytesOf(good)).toEqual(noise);
  });

  it("of 10 GB that is none is not read to its end", async () => {
    let numRead = 0;
    const huge = {
      size: 10e9,
      slice(start: number, end: number) {
        numRead += end - start;
        return new Blob([new Uint8Array(end - start)]);
      },
    } as Blob;
    await expect(filesOfZip(huge, "x.zip")).rejects.toThrow("could not be opened as a zip archive");
    expect(numRead).toBeLessThan(10e6);
  });
});
