import { describe, expect, it } from "vitest";
import { arrangedImages, classFolders, heldOut } from "../../../../src/engine/data/imageFolders.ts";

const labelsByPath = (paths: readonly string[]) => {
  const { images } = arrangedImages(paths);
  return images.map(({ place, label }) => [paths[place], label]);
};

describe("folders of images", () => {
  it("are classes in their natural order, and images follow the names of their files", () => {
    const paths = ["set/10/a2.png", "set/2/a10.png", "set/2/a1.png"];
    expect(arrangedImages(paths).classNames).toEqual(["2", "10"]);
    expect(labelsByPath(paths)).toEqual([
      ["set/2/a1.png", 0],
      ["set/10/a2.png", 1],
      ["set/2/a10.png", 0],
    ]);
  });

  it("may lie in folders for training and for validation", () => {
    const paths = ["m/train/0/0.png", "m/train/1/1.png", "m/Test/1/0.png", "m/Test/0/1.png"];
    const { images, isSplit, classNames } = arrangedImages(paths);
    expect([isSplit, classNames]).toEqual([true, ["0", "1"]]);
    const of = (split: string) => images.filter((image) => image.split === split);
    expect(of("train").map(({ label }) => label)).toEqual([0, 1]);
    expect(of("validation").map(({ label }) => label)).toEqual([1, 0]);
  });

  it("may have folders of their own", () => {
    const { classNames } = arrangedImages(["x/cat/black/1.png", "x/cat/2.png", "x/dog/3.png"]);
    expect(classNames).toEqual(["cat", "dog"]);
  });

  it.each([
    ["no folder", ["1.png", "2.png"]],
    ["one folder", ["hearts/1.png", "hearts/2.png"]],
    ["a folder that is called like a split", ["train/1.png", "train/2.png"]],
  ])("are no classes with %s", (_, paths) => {
    const { classNames, images, isSplit } = arrangedImages(paths);
    expect([classNames, isSplit]).toEqual([null, false]);
    expect(images.map(({ label }) => label)).toEqual([0, 0]);
  });

  it("leave out what lies beside them", () => {
    const { withoutClass, images } = arrangedImages(["a/1.png", "b/2.png", "cover.png"]);
    expect(withoutClass).toEqual([2]);
    expect(images).toHaveLength(2);
  });

  it("are in the order of the numbers before their names, if all have one", () => {
    const paths = (names: readonly string[]) => names.map((name, i) => `set/${name}/${i}.png`);
    const labels = (names: readonly string[]) => {
      const { classNames, images } = arrangedImages(paths(names));
      return [classNames, images.map(({ label }) => label)];
    };
    const names = ["trousers", "T-shirt", "♥"];
    expect(labels(classFolders(names))).toEqual([names, [0, 1, 2]]);
    expect(labels(["7 nights", "days"])).toEqual([
      ["7 nights", "days"],
      [0, 1],
    ]);
    // Without the numbers they would be one.
    expect(labels(["1 cat", "2 cat"])).toEqual([
      ["1 cat", "2 cat"],
      [0, 1],
    ]);
  });

  it("may have any names, but no more than a network has classes", () => {
    const odd = ["a/<b>&\u202e/1.png", "a/日本 \u{1f600}/2.png", "a/__proto__/3.png"];
    expect(arrangedImages(odd).classNames).toHaveLength(3);
    const many = Array.from({ length: 257 }, (_, i) => `a/${i}/1.png`);
    expect(() => arrangedImages(many)).toThrow("at most 256 folders, one for each class, got 257");
    expect(arrangedImages(many.slice(1)).classNames).toHaveLength(256);
  });
});

describe("held-out images", () => {
  it("are one in six of each class", () => {
    const labels = Array.from({ length: 36 }, (_, i) => (i < 24 ? 0 : 1));
    const isOut = heldOut(labels);
    expect(labels.filter((label, i) => label === 0 && isOut[i])).toHaveLength(4);
    expect(labels.filter((label, i) => label === 1 && isOut[i])).toHaveLength(2);
  });

  it("are one at least, and ten thousand at most", () => {
    expect(heldOut([0, 0, 0])).toEqual([false, false, true]);
    expect(heldOut([0, 0])).toEqual([false, false]);
    expect(heldOut(new Array(120_000).fill(0)).filter(Boolean)).toHaveLength(10_000);
  });
});
