import { describe, expect, it } from "vitest";
import { filmWords, stripWords } from "../../../../../src/app/features/draw/PickedDigit.tsx";
import {
  captionBefore,
  generationCaption,
} from "../../../../../src/app/features/draw/state/captions.ts";
import { DRAW_DEFAULTS } from "../../../../../src/app/features/draw/state/drawSettings.ts";
import type { DrawGeneration } from "../../../../../src/app/features/draw/state/drawState.ts";
import { counted } from "../../../../../src/runtime/format.ts";

const generation: Parameters<typeof generationCaption>[0] = {
  request: {
    count: 32,
    seed: 0,
    weights: "ema",
    givesX0: true,
    sampler: { kind: "ddim", timesteps: 50, eta: 0.5 },
    network: { kind: "current" },
    start: { kind: "noise" },
    condition: null,
  },
  askedFor: { words: "32 digits", rows: null, columns: null },
  noising: { objective: "noise" },
  trainedSteps: 1200,
  numTimesteps: 1000,
  status: "done",
  times: [],
};

describe("the words of a generation", () => {
  const words = (
    changes: Partial<DrawGeneration["request"]>,
    of: Partial<typeof generation> = {},
    by: Parameters<typeof generationCaption>[2] = { name: "Quick" },
  ) => {
    const request = { ...generation.request, ...changes };
    const askedFor = { ...generation.askedFor, words: counted(request.count, "digit") };
    return generationCaption({ ...generation, askedFor, ...of, request }, "a", by).full;
  };

  it("say how it was drawn, and of which network", () => {
    expect(words({})).toMatch(/32 digits by Quick.*1,200.*DDIM.*50 steps.*0\.5$/);
    const other = words({ count: 1, sampler: { kind: "ancestral" }, weights: "raw" });
    expect(other).toMatch(/1 digit\b.*1,200.*ancestral.*1,000 steps.*latest/);
    expect(words({}, { trainedSteps: 0 }, { name: null })).toMatch(/digits from the untrained/);
    expect(words({}, { trainedSteps: null })).toMatch(/digits by Quick: /);
    expect(words({}, {}, { name: "Quick", isOutdated: true })).toMatch(
      /by Quick.*changed since: press Generate\.$/,
    );
    expect(words({}, { noising: { objective: "flow" } })).toContain("Euler (DDIM)");
    const corrected = { kind: "corrected", timesteps: 50, stepSize: 0.12 } as const;
    expect(words({ sampler: corrected })).toMatch(/50 steps.*r = 0\.12$/);
  });

  it("say how many of the steps are taken from an image", () => {
    const start = { kind: "pair", images: null } as const;
    expect(words({ start }, { times: [499, 249, -1] })).toMatch(/\b2 of 50 steps/);
  });

  it("say where not every step is kept", () => {
    const ancestral = { sampler: { kind: "ancestral" }, count: 100 } as const;
    const times = Array.from({ length: 1001 }, (_, i) => 999 - i);
    expect(words(ancestral, { times })).toMatch(/every 4th/);
    expect(words({ ...ancestral, count: 50 }, { times })).toMatch(/every 2nd/);
    const endings = [280, 525, 550, 1025].map(
      (count) => words({ ...ancestral, count }, { times }).match(/every (\w+)/)?.[1],
    );
    expect(endings).toEqual(["12th", "21st", "22nd", "41st"]);
    expect(words({ ...ancestral, count: 25 }, { times })).not.toMatch(/every/);
  });

  it("say that it waits, and how it ended before its time", () => {
    expect(words({}, { status: "waiting" })).not.toContain("32 digits");
    expect(words({}, { status: "cancelled" })).toMatch(/32 digits.*cancelled/);
    expect(words({}, { status: "interrupted" })).toMatch(/32 digits.*interrupted/);
  });
});

describe("the words of a film", () => {
  const film = (count: number, numSteps: number, numPictures: number) =>
    filmWords(
      {
        request: { ...generation.request, count },
        numTimesteps: 1000,
        times: Array.from({ length: numSteps + 1 }, (_, i) => numSteps - 1 - i),
      },
      numPictures,
    );

  it("say how many of the steps it has, and where not all are kept", () => {
    expect(film(36, 50, 24)).toMatch(/^24 of 51\b(?!.*kept)/);
    expect(film(36, 5, 6)).toMatch(/^6 of 6\b/);
    expect(film(100, 1000, 24)).toMatch(/^24 of 251\b.*kept/);
  });

  it("say that an inversion begins and ends with an image", () => {
    const [inversion, filling] = [stripWords("inversion"), stripWords("filling")];
    expect(stripWords("arc")).toEqual(inversion);
    expect(inversion.way).toMatch(/^from the image to noise/);
    expect(inversion.title).not.toBe(filling.title);
    expect(filling.way).toMatch(/^from noise/);
  });

  it("count only the pictures that are there, on the way and of a cancelled generation", () => {
    expect(film(36, 20, 13)).toMatch(/^13 of 21\b/);
  });
});

it("before anything is drawn, an image to begin with is called as its set calls it, one to draw as the network's", () => {
  const before = (start: "arc" | "drawing", nouns: Parameters<typeof captionBefore>[1]) =>
    captionBefore({ settings: { ...DRAW_DEFAULTS, start }, strokes: [] }, nouns);
  expect(before("arc", { ofNetwork: "digit", ofSet: "image" })).toMatch(/^The two images\./);
  expect(before("arc", { ofNetwork: "image", ofSet: "digit" })).toMatch(/^The two digits\./);
  expect(before("drawing", { ofNetwork: "image", ofSet: "digit" })).toContain("Draw an image");
});
