import { describe, expect, it } from "vitest";
import {
  addressedDraw,
  DRAW_DEFAULTS,
  type DrawSettings,
  drawRequests,
  withDraw,
} from "../../../../../../src/app/features/draw/state/drawSettings.ts";
import { startTimestep } from "../../../../../../src/app/features/draw/state/drawStart.ts";
import { networkKey, networkOfKey } from "../../../../../../src/app/state/address.ts";
import {
  HYPERPARAMETERS,
  type RunConfig,
} from "../../../../../../src/engine/config/hyperparameters.ts";
import { presetConfig } from "../../../../../../src/engine/config/presets.ts";
import { DATASETS } from "../../../../../../src/engine/data/datasets.ts";

const config: RunConfig = {
  ...presetConfig("tiny"),
  timesteps: 1000,
  samplingTimesteps: 50,
  samplerKind: "ddim",
  stepSpacing: "even",
};
const image = (grey: number) => new Uint8Array(784).fill(grey);
const given = {
  configs: { a: config, b: { ...config, timesteps: 100 } },
  images: new Map([
    [0, image(1)],
    [7, image(2)],
  ]),
  drawing: null,
  labels: null,
  own: null,
  marks: [],
  naming: DATASETS.mnist.naming,
};

function requests(changes: Partial<DrawSettings>, of: Partial<typeof given> = {}) {
  const settings = { ...DRAW_DEFAULTS, ...changes };
  const { asked, errors } = drawRequests(settings, { ...given, ...of });
  const { a, b } = asked;
  return { requests: { ...(a && { a: a.request }), ...(b && { b: b.request }) }, errors };
}

describe("the requests", () => {
  it("call what is drawn as its set does, by the names of its classes", () => {
    const naming = { noun: "image", classNames: ["cat", "dog", "ankle boot", "3"] } as const;
    const withClasses = { ...config, classes: 4 };
    const wordsOf = (changes: Partial<DrawSettings>, a: RunConfig = withClasses) => {
      const configs = { a, b: null };
      const settings = { ...DRAW_DEFAULTS, ...changes };
      return drawRequests(settings, { ...given, configs, naming }).asked.a?.askedFor.words;
    };
    expect(wordsOf({ count: "2" }, config)).toBe("2 images");
    expect(wordsOf({ count: "2", ask: "class", label: "2" })).toBe("2 images of class ankle boot");
    const readings = { count: "1", start: "readings", first: "0", second: "1" } as const;
    expect(wordsOf(readings)).toMatch(/^1 picture: cat and, .*, dog$/);
    expect(wordsOf({ start: "plane", corners: "dog" })).toMatch(/of images, all of class dog,/);
    const plane = { start: "plane", corners: "cat, ankle boot, Dog, cat" } as const;
    expect(wordsOf(plane)).toMatch(/between cat, ankle boot, dog and cat$/);
    expect(wordsOf({ ...plane, corners: "0 1 2 2" })).toMatch(/cat, dog, ankle boot and ankle/);
    // A name comes before a number.
    expect(wordsOf({ ...plane, corners: "3" })).toContain("all of class 3,");
    expect(wordsOf({ ...plane, corners: "cat, dog" })).toBeUndefined();
  });

  it("are one of the first generation, with the steps of the page's settings", () => {
    expect(requests({})).toEqual({
      errors: {},
      requests: {
        a: {
          count: 36,
          seed: 0,
          weights: "ema",
          condition: null,
          givesX0: true,
          sampler: { kind: "ddim", timesteps: 50, eta: 0, spacing: "even" },
          network: { kind: "current" },
          start: { kind: "noise" },
        },
      },
    });
  });

  it("ask a network with classes for labels, with each side's guidance; between two, of one noise", () => {
    const withClasses = { ...config, classes: 10, guidance: 1.5 };
    const configs = { a: withClasses, b: withClasses };
    const b = { ...DRAW_DEFAULTS.b, guidance: "3" };
    const text = requests({ ask: "text", count: "x", isComparing: true, b }, { configs });
    expect(text).toMatchObject({
      errors: {},
      requests: {
        a: { count: 4, condition: { labels: [2, 0, 2, 6], guidance: 1.5 } },
        b: { count: 4, condition: { labels: [2, 0, 2, 6], guidance: 3 } },
      },
    });
    const between = requests({ ask: "between", count: "2" }, { configs }).requests.a;
    expect(between).toMatchObject({
      start: { kind: "noise", isShared: true },
      condition: { labels: [0, 1].map((share) => ({ of: [7, 1], shares: [1 - share, share] })) },
    });
    const again = requests({ ask: "class", start: "digit", digit: 7 }, { configs }).requests.a;
    expect(again).toMatchObject({ start: { kind: "image" } });
    expect(new Set(again?.condition?.labels)).toEqual(new Set([7]));
    expect(requests({ ask: "class" }, { configs }).requests.a?.start).toEqual({ kind: "noise" });
  });

  it("mix two digits, and two classes, by the same share everywhere where that is set", () => {
    const configs = { a: { ...config, classes: 10 }, b: config };
    const classes = requests({ ask: "between", count: "2", mix: 0.25 }, { configs }).requests.a;
    const mixture = { of: [7, 1], shares: [0.75, 0.25] };
    expect(classes).toMatchObject({
      start: { kind: "noise" },
      condition: { labels: [mixture, mixture] },
    });
    expect(classes?.start).not.toHaveProperty("isShared");
    const images = requests({ start: "pair", pair: [0, 7], mix: 0.75, level: 0.5 }).requests.a;
    expect(images?.start).toEqual({ kind: "image", image: image(2), t: 500 });
  });

  it("of a plane are the digits of its grid: of four classes and one noise, or of one class and four noises", () => {
    const configs = { a: { ...config, classes: 10 }, b: config };
    const of = (changes: Partial<DrawSettings>) =>
      requests({ start: "plane", count: "x", ...changes }, { configs });
    const four = of({ corners: "3850" }).requests.a;
    expect(four).toMatchObject({ count: 49, start: { kind: "noise", isShared: true } });
    const labels = four?.condition?.labels ?? [];
    expect(labels[0]).toEqual({ of: [3, 8, 5, 0], shares: [1, 0, 0, 0] });
    expect(labels[24]).toEqual({ of: [3, 8, 5, 0], shares: [0.25, 0.25, 0.25, 0.25] });
    expect(labels[48]).toEqual({ of: [3, 8, 5, 0], shares: [0, 0, 0, 1] });

    const noises = of({ corners: "7" }).requests.a;
    expect(new Set(noises?.condition?.labels)).toEqual(new Set([7]));
    const mixes = noises?.start.kind === "noise" ? (noises.start.mixes ?? []) : [];
    expect(mixes).toHaveLength(49);
    for (const [i, corner] of [0, 6, 42, 48].entries()) {
      [0, 1, 2, 3].forEach((j) => {
        expect(mixes[corner]?.[j]).toBeCloseTo(i === j ? 1 : 0);
      });
    }
    // So that their mixture is standard normal, too.
    for (const shares of mixes) {
      expect(shares.reduce((sum, share) => sum + share ** 2, 0)).toBeCloseTo(1);
    }
    // A network without classes has a plane of noise alone.
    const without = requests({ start: "plane", corners: "x" }).requests.a;
    expect(without).toMatchObject({ start: { kind: "noise", mixes }, condition: null });
    for (const corners of ["", "12", "385x", "3 8 5 10", "38501"]) {
      expect(of({ corners }).errors).toHaveProperty("corners");
    }
    const separated = of({ corners: " 3, 8 5, 0" }).requests.a;
    expect(separated?.condition).toEqual(four?.condition);
  });

  it("of a point of the plane are one digit", () => {
    const asked = drawRequests(
      { ...DRAW_DEFAULTS, start: "plane" },
      { ...given, points: [[0.5, 0]] },
    ).asked.a;
    expect(asked?.request.count).toBe(1);
    const { start } = asked?.request ?? {};
    const half = Math.SQRT1_2;
    expect(start).toMatchObject({ mixes: [[half, half, 0, 0].map((n) => expect.closeTo(n))] });
  });

  it("say at their fields what of it is wrong", () => {
    const configs = { a: { ...config, classes: 10 }, b: config };
    const [a, b] = [DRAW_DEFAULTS.a, DRAW_DEFAULTS.b].map((side) => ({
      ...side,
      guidance: "9",
    }));
    const of = (changes: Partial<DrawSettings>) => requests(changes, { configs }).errors;
    expect(of({ ask: "text", text: "7a" })).toHaveProperty("text");
    expect(of({ ...(a && { a }) })).toEqual({ "a.guidance": "0 to 8, not 9" });
    // Without a label guidance has no effect, whatever it is.
    expect(of({ ...(a && { a }), ask: "none" })).toEqual({});
    // B has no classes: it has no guidance, and cannot be asked.
    expect(of({ isComparing: true, ...(b && { b }) })).toEqual({});
    expect(of({ isComparing: true, ask: "class" }).ask).toMatch(/without labels/);
  });

  it("are two of the same noise when they are compared, each with its own settings", () => {
    const network = { kind: "stored", runId: "run", step: 40 } as const;
    const b = { ...DRAW_DEFAULTS.b, network, sampler: "ancestral", weights: "raw" } as const;
    const { a, b: second } = requests({ isComparing: true, seed: "3", b }).requests;
    expect(second).toMatchObject({ network, sampler: { kind: "ancestral" }, weights: "raw" });
    for (const request of [a, second]) {
      expect(request).toMatchObject({ seed: 3, count: 36, start: { kind: "noise" } });
    }
  });

  it.each([
    ["steps beyond T", { a: { ...DRAW_DEFAULTS.a, steps: "1001" } }, "a.steps"],
    ["no steps", { a: { ...DRAW_DEFAULTS.a, steps: "" } }, "a.steps"],
    ["an eta above 1", { a: { ...DRAW_DEFAULTS.a, eta: "1.5" } }, "a.eta"],
    ["no eta", { a: { ...DRAW_DEFAULTS.a, eta: " " } }, "a.eta"],
    ["101 digits", { count: "101" }, "count"],
    ["a seed that is no number", { seed: "x" }, "seed"],
    ["no drawing", { start: "drawing" }, "start"],
    ["an image that is not there", { start: "digit", digit: 3 }, "start"],
  ] as const)("are refused with %s, at its field", (_, changes, field) => {
    const { requests: none, errors } = requests(changes);
    expect(none).toEqual({});
    expect(Object.keys(errors)).toEqual([field]);
  });

  it("of a network that is no longer stored are refused", () => {
    const { errors } = requests({}, { configs: { ...given.configs, a: null as never } });
    expect(errors["a.network"]).toMatch(/no longer stored/);
  });

  it("are between the two chosen images, or let the seed choose", () => {
    const between = requests({ start: "pair", pair: [7, 0] }).requests.a?.start;
    expect(between).toEqual({ kind: "pair", images: Uint8Array.from([...image(2), ...image(1)]) });
    expect(requests({ start: "pair" }).requests.a?.start).toEqual({ kind: "pair", images: null });
  });

  it("noise an image as far in each network's own timesteps", () => {
    const { a, b } = requests({
      start: "digit",
      digit: 7,
      level: 0.25,
      isComparing: true,
    }).requests;
    expect(a?.start).toEqual({ kind: "image", image: image(2), t: 250 });
    expect(b?.start).toEqual({ kind: "image", image: image(2), t: 25 });
    const levels = (start: "pair" | "digit") =>
      [0, 1].map((level) => startTimestep({ start, level, back: 1 }, 1000));
    expect(levels("digit")).toEqual([0, 999]);
    // As the worker has it: it goes on from the step before.
    expect(levels("pair")).toEqual([1, 999]);
  });
});

describe("the view's settings in the address", () => {
  const changed: DrawSettings = {
    a: {
      network: { kind: "stored", runId: "run-1@2", step: 40 },
      weights: "raw",
      sampler: "ancestral",
      spacing: "logSnr",
      steps: "5",
      eta: "0.5",
      stepSize: "0.2",
      guidance: "2",
    },
    b: { ...DRAW_DEFAULTS.b, steps: "", eta: "1" },
    isComparing: true,
    start: "digit",
    count: "12",
    seed: "9",
    level: 0.3,
    back: 0.7,
    of: "drawing",
    is: 4,
    part: "left",
    resamplings: "3",
    jump: "2",
    first: "2",
    flip: "upDown",
    second: "5",
    pair: [4, 5],
    digit: 6,
    ask: "between",
    label: "3",
    to: "8",
    text: "314",
    mix: 0,
    corners: "7",
  };

  it("come back from it", () => {
    const query = withDraw(new URLSearchParams(), changed);
    expect(addressedDraw(new URLSearchParams(String(query)))).toEqual({
      ...changed,
      // An empty field is the default's.
      b: { ...changed.b, steps: "" },
    });
  });

  it("are left out where they are the defaults, and all else stays", () => {
    const query = new URLSearchParams("preset=tiny&view=denoise&steps=9&compare=1&stepsB=7");
    expect(String(withDraw(query, DRAW_DEFAULTS))).toBe("preset=tiny&view=denoise");
    expect(addressedDraw(new URLSearchParams())).toEqual(DRAW_DEFAULTS);
  });

  it("are the defaults where the address has nonsense", () => {
    const query = new URLSearchParams(
      "network=x&weights=y&sampler=z&start=toString&level=7&between=1&image=-1&mix=2",
    );
    expect(addressedDraw(query)).toEqual(DRAW_DEFAULTS);
  });

  it("have no name that a hyperparameter has", () => {
    const names = [...withDraw(new URLSearchParams(), changed).keys()];
    expect(names.filter((name) => name in HYPERPARAMETERS)).toEqual([]);
    expect(names.length).toBeGreaterThan(10);
  });
});

describe("the key of a network", () => {
  it("leads back to it", () => {
    const stored = { kind: "stored", runId: "run-1", step: 12 } as const;
    expect(networkOfKey(networkKey(stored))).toEqual(stored);
    expect(networkOfKey(networkKey({ kind: "current" }))).toEqual({ kind: "current" });
    expect(networkOfKey("run-1")).toBeNull();
  });
});
