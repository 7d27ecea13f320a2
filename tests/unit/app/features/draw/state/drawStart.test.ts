import { describe, expect, it } from "vitest";
import {
  addressedDraw,
  type DrawSettings,
  drawRequests,
} from "../../../../../../src/app/features/draw/state/drawSettings.ts";
import {
  configFrom,
  maskOf,
  type StartImages,
} from "../../../../../../src/app/features/draw/state/drawStart.ts";
import type { RunConfig } from "../../../../../../src/engine/config/hyperparameters.ts";
import { presetConfig } from "../../../../../../src/engine/config/presets.ts";
import { DATASETS } from "../../../../../../src/engine/data/datasets.ts";

const config: RunConfig = presetConfig("quick");

const image = (gray: number) => new Uint8Array(784).fill(gray);
const drawing = Uint8Array.from({ length: 784 }, (_, i) => (i % 28 === 9 ? 255 : 0));

const GIVEN: StartImages = {
  images: new Map([
    [3, image(1)],
    [5, image(2)],
  ]),
  labels: Uint8Array.from([0, 0, 0, 8, 0, 11]),
  drawing,
  own: null,
  marks: [],
};

/** The brush over every row. */
const ALL = [
  {
    stays: false,
    points: Array.from({ length: 28 }, (_, row) => [0, row / 28, 1, row / 28]).flat(),
  },
];

function drawn(query: string, given: Partial<StartImages> = {}, changes: Partial<RunConfig> = {}) {
  const settings: DrawSettings = addressedDraw(new URLSearchParams(query));
  const configs = { a: configFrom(settings.start, { ...config, ...changes }), b: null };
  const { asked, errors } = drawRequests(settings, {
    ...{ ...GIVEN, ...given },
    ...{ configs, naming: DATASETS.mnist.naming },
  });
  return { request: asked.a?.request, words: asked.a?.askedFor?.words, errors };
}

describe("a part that is filled in", () => {
  it("is the lower half of a test image, and all around a drawing, unless another is chosen", () => {
    const maskFor = (query: string) => {
      const { start } = drawn(`start=fill&${query}`).request ?? {};
      return start?.kind === "filling" ? start.mask : null;
    };
    expect(maskFor("of=digit&image=3")).toEqual(maskOf("lower", image(1)));
    expect(maskFor("of=drawing")).toEqual(drawing.map((gray) => (gray > 0 ? 1 : 0)));
    const left = maskFor("of=drawing&part=left");
    expect(left).toEqual(Uint8Array.from({ length: 784 }, (_, i) => (i % 28 < 14 ? 0 : 1)));
  });

  it("is what was marked, wherever that is", () => {
    // From the first pixel quickly to the last of its row, and a part of it taken away again.
    const marks = [
      { stays: false, points: [0, 0, 1, 0] },
      { stays: true, points: [0.5, 0] },
    ];
    const query = "start=fill&image=3&part=marked&resamplings=3&jump=2";
    const { start } = drawn(query, { marks }).request ?? {};
    expect(start).toMatchObject({ kind: "filling", image: image(1), resamplings: 3, jump: 2 });
    const mask = start?.kind === "filling" ? [...start.mask] : [];
    expect(mask.slice(0, 28).map((stays) => stays === 0)).toEqual(
      Array.from({ length: 28 }, (_, column) => column < 12 || column > 15),
    );
    expect(mask.slice(3 * 28)).not.toContain(0);
  });

  it("is refused where it is all or nothing, or a number is wrong", () => {
    expect(drawn("start=fill&image=3&part=marked").errors.start).toMatch(
      /^There is nothing to fill in/,
    );
    expect(drawn("start=fill&image=3", { marks: ALL }).errors.start).toMatch(
      /^Nothing of the image would remain/,
    );
    expect(drawn("start=fill&of=own").errors.start).toMatch(/^There is no picture yet/);
    const { request, errors } = drawn("start=fill&image=3&resamplings=0&jump=x");
    expect(request).toBeUndefined();
    expect(errors).toMatchObject({ resamplings: "1 to 20, not 0", jump: "1 to 1,000, not x" });
  });
});

describe("a jump where a part is filled in", () => {
  const jumpFor = (query: string) => drawn(`start=fill&image=3&sampler=ddim&${query}`);

  it("is refused where it is longer than the way, which would not be walked again", () => {
    expect(jumpFor("steps=10&resamplings=2&jump=9").errors).toEqual({});
    const { request, errors } = jumpFor("steps=10&resamplings=2&jump=10");
    expect(request).toBeUndefined();
    expect(errors.jump).toMatch(/^Expected a jump of 1 to 9 steps.*got 10: choose/);
    expect(jumpFor("steps=1&resamplings=2").errors.jump).toMatch(/^Expected 2 or more steps/);
  });

  it("has no effect where the way is walked once", () => {
    expect(jumpFor("steps=10&resamplings=1&jump=50").errors).toEqual({});
  });
});

describe("an image that is inverted", () => {
  it("goes by DDIM, most of the way back unless more or less is asked for, as what its label says", () => {
    const { request } = drawn("start=invert&image=3");
    expect(request?.sampler).toEqual({ kind: "ddim", timesteps: 50, spacing: "logSnr", eta: 0 });
    expect(request?.start).toEqual({ kind: "inversion", image: image(1), label: 8, t: 899 });
    expect(request?.condition?.guidance).toBe(3);
    expect(drawn("start=invert&image=3&back=0.5").request?.start).toMatchObject({ t: 500 });
  });

  it("has no label where it was drawn, or the network does not know its own", () => {
    const labelOf = (query: string) => drawn(`start=invert&${query}`).request?.start;
    expect(labelOf("of=drawing")).toMatchObject({ label: null });
    expect(labelOf("image=5")).toMatchObject({ label: null });
  });

  it("becomes one digit of each class, since they all begin with the same noise", () => {
    const countOf = (query: string) => drawn(`start=invert&image=3&${query}`).request?.count;
    expect(countOf("")).toBe(10);
    expect(countOf("ask=class&digits=36")).toBe(1);
    expect(countOf("ask=none")).toBe(1);
    expect(countOf("ask=text&text=2026")).toBe(4);
  });

  it("is refused of a student, and of a network of one noise level", () => {
    const student = drawn("start=invert&image=3", {}, { distilFrom: 8 });
    expect(student.errors["a.network"]).toMatch(/^A student .* cannot invert an image/);
    const oneLevel = drawn("start=arc&between=3,5", {}, { objective: "oneLevel" });
    expect(oneLevel.errors["a.network"]).toMatch(/^This network knows one noise level/);
    expect(oneLevel.request).toBeUndefined();
  });

  it("is told what a drawing or picture shows where one says so, as far as the network has such a class", () => {
    const own = { own: new Uint8Array(784).fill(200) };
    const labelOf = (query: string, config: Partial<RunConfig> = {}) =>
      drawn(`start=invert&of=own${query}`, own, config).request?.start;
    expect(labelOf("")).toMatchObject({ kind: "inversion", label: null });
    expect(labelOf("&is=3")).toMatchObject({ label: 3 });
    expect(labelOf("&is=3", { classes: 2 })).toMatchObject({ label: null });
  });

  it("is one of two to go between, in as many digits as asked for", () => {
    const { request } = drawn("start=arc&between=3,5&digits=7");
    expect(request).toMatchObject({ count: 7, start: { kind: "arc", t: 899 } });
    expect(drawn("start=arc&between=3,4").errors.start).toBe("The digits are being loaded.");
  });
});

describe("two readings", () => {
  it("are two classes and a flip", () => {
    const { request, words } = drawn("start=readings&first=2&flip=upDown&second=5&digits=4");
    expect(request?.start).toEqual({ kind: "readings", flip: "upDown", label: 5 });
    expect(request?.condition?.labels).toEqual([2, 2, 2, 2]);
    expect(words).toBe("4 pictures: 2 and, reflected in water, 5");
  });

  it("are refused of a network without classes, and where a class is none", () => {
    const plain = drawn("start=readings", {}, { classes: 0 });
    expect(plain.errors["a.network"]).toMatch(/^Two readings need a network with classes/);
    const { errors, request } = drawn("start=readings&first=10&second=");
    expect(request).toBeUndefined();
    expect(errors).toMatchObject({ first: "0 to 9, not 10", second: "0 to 9, not empty" });
  });
});
