import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { defaultConfig, type RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import type { Naming } from "../../../../src/engine/data/datasets.ts";
import { IdxParser } from "../../../../src/engine/data/idx.ts";
import { flippedPixels } from "../../../../src/engine/diffusion/editing/flips.ts";
import { CommandError } from "../../../../src/hosts/cli/options.ts";
import { readClassifier } from "../../../../src/hosts/cli/parts/reader.ts";
import { startOption, type TypedStart } from "../../../../src/hosts/cli/parts/startOptions.ts";
import { readImages } from "../../../../src/hosts/cli/parts/trainingImages.ts";
import { run as sample } from "../../../../src/hosts/cli/sample.ts";

const SHIPPED = join(import.meta.dirname, "../../../../public/models/pretrained-quick.safetensors");

/** Every level of gray, none of them twice in a row. */
const IMAGE = Uint8Array.from({ length: 784 }, (_, i) => (37 * i) % 256);
/** A seven: a stroke along the top and one down from its right end. */
const SEVEN = Uint8Array.from({ length: 784 }, (_, i) => {
  const [row, column] = [Math.floor(i / 28), i % 28];
  const isTop = row >= 6 && row <= 8 && column >= 8 && column <= 19;
  const isStem = row > 8 && row <= 22 && Math.abs(column - (19 - (row - 8) / 2)) <= 1.5;
  return isTop || isStem ? 255 : 0;
});
/** White, and so filled in, from row 14 on. */
const LOWER = Uint8Array.from({ length: 784 }, (_, i) => (i >= 14 * 28 ? 255 : 0));

let folder = "";
const fileIn = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sample-"));
  vi.stubEnv("INIT_CWD", folder);
  const save = (name: string, data: Uint8Array, width = 28) =>
    writeFileSync(
      fileIn(name),
      encode({ width, height: data.length / width, channels: 1, depth: 8, data }),
    );
  save("image.png", IMAGE);
  save("seven.png", SEVEN);
  save("lower.png", LOWER);
  save("all.png", new Uint8Array(784).fill(255));
  save("nothing.png", new Uint8Array(784));
  save("small.png", new Uint8Array(20 * 28), 20);
  writeFileSync(fileIn("text.png"), "no picture");
});
beforeEach(() => {
  vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

let numDrawn = 0;

/** The digits that a command draws with the trained model of Quick, 784 pixels each. */
async function drawn(...options: string[]): Promise<Uint8Array[]> {
  const name = `${numDrawn++}.idx`;
  expect(await sample(["--weights", SHIPPED, "--out", name, ...options])).toBe(0);
  const parser = new IdxParser({ name, content: "images" });
  parser.push(readFileSync(fileIn(name)));
  const pixels = parser.finish();
  return Array.from({ length: pixels.length / 784 }, (_, i) =>
    pixels.subarray(784 * i, 784 * (i + 1)),
  );
}

/** The mean difference of two images, 0 to 255. */
function distance(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, gray, i) => sum + Math.abs(gray - (b[i] ?? 0)), 0) / a.length;
}

describe("npm run sample with an image and a mask", () => {
  const filling = ["--image", "image.png", "--mask", "lower.png"];

  it("keeps what is black in the mask to the last bit, and fills in the rest, each digit its own way", async () => {
    // More than one group.
    const digits = await drawn(...filling, "--count", "101", "--steps", "1");
    expect(digits).toHaveLength(101);
    for (const digit of digits) {
      expect(digit.subarray(0, 14 * 28)).toEqual(IMAGE.subarray(0, 14 * 28));
    }
    const [first, second] = digits.map((digit) => digit.subarray(14 * 28)) as [
      Uint8Array,
      Uint8Array,
    ];
    expect(distance(first, IMAGE.subarray(14 * 28))).toBeGreaterThan(20);
    expect(first).not.toEqual(second);
  });

  it("asks for a class only where one is given", async () => {
    const few = [...filling, "--count", "2", "--steps", "2"];
    const unasked = await drawn(...few);
    expect(await drawn(...few, "--guidance", "0")).toEqual(unasked);
    expect(await drawn(...few, "--class", "3")).not.toEqual(unasked);
  });

  it("walks parts of the way again", async () => {
    const few = [...filling, "--count", "1", "--steps", "3"];
    const [once, twice, jumps] = [
      await drawn(...few),
      await drawn(...few, "--resamplings", "2"),
      await drawn(...few, "--resamplings", "2", "--jump", "2"),
    ];
    expect(twice).not.toEqual(once);
    expect(jumps).not.toEqual(once);
    expect(jumps).not.toEqual(twice);
  });
});

describe("npm run sample with an image to invert", () => {
  it("draws each class from its noise, and comes back near where that is what it shows", async () => {
    const inversion = ["--invert", "seven.png", "--from", "7", "--guidance", "1", "--back", "1"];
    const digits = await drawn(...inversion);
    expect(digits).toHaveLength(10);
    const distances = digits.map((digit) => distance(digit, SEVEN));
    expect(Math.min(...distances)).toBe(distances[7]);
    expect(distances[7]).toBeLessThan(10);
    const [again] = await drawn(...inversion, "--class", "7");
    expect(distance(again as Uint8Array, digits[7] as Uint8Array)).toBeLessThan(1);
  });

  it("hardly changes an image that goes hardly back", async () => {
    const little = ["--invert", "seven.png", "--back", "0,05", "--class", "1", "--steps", "2"];
    const digits = await drawn(...little);
    expect(digits).toHaveLength(1);
    expect(distance(digits[0] as Uint8Array, SEVEN)).toBeLessThan(15);
  });
});

describe("npm run sample with an image by its number", () => {
  it("begins with the image held out of --data, MNIST unless it says another", async () => {
    const { validation } = await readImages();
    const hardly = ["--back", "0,05", "--class", "1", "--steps", "2"];
    const [digit] = await drawn("--invert", "18", ...hardly);
    expect(distance(digit as Uint8Array, validation.images.slice(18 * 784, 19 * 784))).toBeLessThan(
      15,
    );
    mkdirSync(fileIn("own"));
    for (const name of ["a.png", "b.png", "c.png"]) {
      writeFileSync(join(fileIn("own"), name), readFileSync(fileIn("seven.png")));
    }
    // Of three one is held out.
    const [own] = await drawn("--data", "own", "--invert", "0", ...hardly);
    expect(distance(own as Uint8Array, SEVEN)).toBeLessThan(15);
    await expect(drawn("--data", "own", "--invert", "1", ...hardly)).rejects.toThrow(
      "0 to 0 for --invert, got 1.",
    );
  });

  it("is refused where --data is of no use", async () => {
    await expect(drawn("--data", "mnist")).rejects.toThrow("--data together with --image or");
  });
});

describe("npm run sample with a flip", () => {
  it("draws what reads as one class, and as the other once it is flipped", async () => {
    const readings = ["--flip", "turn", "--class", "9", "--flipped", "6"];
    const digits = await drawn(...readings, "--count", "10", "--steps", "10");
    const asTheyAre = Uint8Array.from(digits.flatMap((digit) => [...digit]));
    const classifier = readClassifier();
    const numRead = async (pixels: Uint8Array, label: number) => {
      const { probabilities } = await classifier.classify(pixels);
      return digits.filter((_, i) => (probabilities[10 * i + label] as number) > 0.5).length;
    };
    expect(await numRead(asTheyAre, 9)).toBeGreaterThanOrEqual(8);
    expect(await numRead(flippedPixels(asTheyAre, "turn", 28), 6)).toBeGreaterThanOrEqual(8);
    classifier.dispose();
  });
});

describe("what digits begin with", () => {
  const start = (typed: TypedStart, changes: Partial<RunConfig> = {}) =>
    startOption(typed, { ...defaultConfig(), classes: 10, ...changes });
  const part = { start: 100, end: 102 };
  const invert = "seven.png";

  it("is noise where no option says more", () => {
    expect(start({ class: "7" })).toBeNull();
  });

  it("is an image with a mask, 1 where it stays, for each digit of a group", () => {
    const filling = start({ image: "image.png", mask: "lower.png", resamplings: "20", jump: "3" });
    expect(filling).toMatchObject({ saysItself: true });
    const begun = filling?.startOf(part);
    expect(begun).toMatchObject({
      from: "filling",
      mask: LOWER.map((gray) => (gray === 255 ? 0 : 1)),
      resamplings: 20,
      jump: 3,
    });
    if (begun?.from !== "filling") throw new Error("Expected to fill in.");
    expect(begun.images).toHaveLength(2 * 784);
    expect(begun.images[784 + 1]).toBeCloseTo((37 / 255) * 2 - 1, 6);
    expect(start({ image: "image.png", mask: "lower.png" })?.startOf(part)).toMatchObject({
      resamplings: 1,
      jump: 1,
    });
  });

  it("is an inverted image, by DDIM in 50 steps unless others are chosen", () => {
    expect(start({ invert })).toMatchObject({
      sampling: { sampler: "ddim", steps: "50", spacing: "logSnr", eta: "0", guidance: "3" },
      count: 10,
    });
    expect(start({ invert })?.startOf(part)).toMatchObject({ t: 899, labels: [null, null] });
    const chosen = { sampler: "heun", steps: "5", spacing: "even", eta: "0.5", guidance: "1" };
    expect(start({ invert, ...chosen })?.sampling).toEqual(chosen);
    const naming: Naming = { noun: "image", classNames: ["bag", "coat"] };
    const named = startOption(
      { invert, from: "coat" },
      { ...defaultConfig(), classes: 2 },
      { naming },
    );
    expect(named?.startOf(part)).toMatchObject({ labels: [1, 1] });
    expect(start({ invert, from: "3", back: "0.5" })?.startOf(part)).toMatchObject({
      from: "inversion",
      t: 500,
      labels: [3, 3],
    });
  });

  it("is an inverted image once for a class, or for a network without classes", () => {
    expect(start({ invert, class: "2" })).toMatchObject({ count: 1 });
    expect(start({ invert }, { classes: 0, timesteps: 20 })).toMatchObject({
      count: 1,
      sampling: { steps: "20" },
    });
  });

  it("is noise with two readings", () => {
    expect(start({ flip: "upDown", flipped: "5" })?.startOf(part)).toEqual({
      from: "readings",
      flip: "upDown",
      labels: [5, 5],
    });
  });

  const filled = { image: "image.png", mask: "lower.png" };
  it.each<[string, TypedStart, string, Partial<RunConfig>?]>([
    [
      "an image of another size",
      { ...filled, image: "small.png" },
      "28 x 28 pixels for --image, got 20 x 28",
    ],
    [
      "a mask of another size",
      { ...filled, mask: "small.png" },
      "28 x 28 pixels for --mask, got 20 x 28",
    ],
    ["an image that is no PNG", { invert: "text.png" }, "text.png: Expected a PNG"],
    ["no file", { invert: "none.png" }, "Expected --invert FILE"],
    ["a mask of everything", { ...filled, mask: "all.png" }, "Nothing of the image would remain"],
    ["a mask of nothing", { ...filled, mask: "nothing.png" }, "nothing to fill in"],
    ["an image without a mask", { image: "image.png" }, "Expected --image together with --mask"],
    ["a mask without an image", { mask: "lower.png" }, "Expected --mask together with --image"],
    ["resamplings of noise", { resamplings: "2" }, "--resamplings together with --image"],
    ["a jump of an inversion", { invert, jump: "2" }, "--jump together with --image"],
    ["a class of no image", { from: "2" }, "--from together with --invert"],
    ["a way back of a filling", { ...filled, back: "1" }, "--back together with --invert"],
    [
      "two starts",
      { ...filled, invert },
      "one of --image, --invert, --flip, got --image and --invert.",
    ],
    ["a flip without its class", { flip: "turn" }, "--flip together with --flipped"],
    ["a class of no flip", { flipped: "2" }, "--flipped together with --flip,"],
    [
      "an unknown flip",
      { flip: "half", flipped: "2" },
      "--flip turn, leftRight, upDown, quarter, got half.",
    ],
    [
      "too many resamplings",
      { ...filled, resamplings: "21" },
      "1 to 20 for --resamplings, got 21.",
    ],
    ["a jump over all steps", { ...filled, jump: "1001" }, "1 to 1000 for --jump, got 1001."],
    [
      "a jump over all steps that are taken",
      { ...filled, sampler: "ddim", steps: "10", resamplings: "2", jump: "10" },
      "a jump of 1 to 9 steps",
    ],
    ["a share above 1", { invert, back: "1.5" }, "Expected --back 0 to 1, not 1.5."],
    ["a class out of range", { invert, from: "10" }, "0 to 9 for --from, got 10."],
    [
      "a flipped class out of range",
      { flip: "turn", flipped: "10" },
      "0 to 9 for --flipped, got 10.",
    ],
    [
      "a class of a network without",
      { invert, from: "1" },
      "network with classes for --from",
      { classes: 0 },
    ],
    [
      "a flip of a network without",
      { flip: "turn", flipped: "1" },
      "network with classes for --flip",
      { classes: 0 },
    ],
    [
      "a student to invert with",
      { invert },
      "a student made for 4 steps",
      { distilFrom: 8, samplingTimesteps: 4 },
    ],
    ["one noise level to invert with", { invert }, "knows a single one", { objective: "oneLevel" }],
  ])("is refused for %s", (_, typed, message, changes) => {
    expect(() => start(typed, changes)).toThrow(CommandError);
    expect(() => start(typed, changes)).toThrow(message);
  });
});
