import { describe, expect, it } from "vitest";
import {
  beginQuality,
  type QualitySettings,
  qualityRequest,
  sampleOrder,
  shownEvaluation,
} from "../../../../../../src/app/features/results/quality/quality.ts";
import { readParams } from "../../../../../../src/app/state/address.ts";
import type { Evaluation } from "../../../../../../src/app/state/slices/evaluation.ts";
import type { RunConfig } from "../../../../../../src/engine/config/hyperparameters.ts";
import { presetConfig } from "../../../../../../src/engine/config/presets.ts";
import { WEIGHTS_LOADED } from "../../../shared/weightsLoaded.ts";
import { page } from "../../../state/clientPage.ts";
import { madeEvaluation } from "./madeEvaluation.ts";

const QUALITY_DEFAULTS = readParams("quality", new URLSearchParams());
const { result } = madeEvaluation("first");

/** The view's store on a page, with what its worker says. */
function viewed() {
  const app = page();
  return { ...app, quality: beginQuality(app) };
}

describe("the order of the samples", () => {
  it("begins with those nearest to a training image; equally near ones stay as drawn", () => {
    expect(sampleOrder(result, "nearest")).toEqual([1, 2, 0, 3]);
  });

  it("begins with those the classifier is least sure of", () => {
    expect(sampleOrder(result, "unsure")).toEqual([2, 0, 3, 1]);
  });

  it("is that of the drawing", () => {
    expect(sampleOrder(result, "drawn")).toEqual([0, 1, 2, 3]);
  });

  it("is the same among those asked to be one digit and read as another", () => {
    const { result } = madeEvaluation("asked", [7, 7, 4, 7]);
    expect(sampleOrder(result, "nearest", { asked: 7, read: 1 })).toEqual([1, 3]);
    expect(sampleOrder(result, "unsure", { asked: 7, read: 1 })).toEqual([3, 1]);
    expect(sampleOrder(result, "nearest", { asked: 4, read: 4 })).toEqual([2]);
  });
});

describe("loaded weights", () => {
  it("come with how they are sampled: what was typed for others no longer holds", async () => {
    const { quality: store, ...app } = viewed();
    const typed = { sampler: "ddim", spacing: "even", steps: "50", guidance: "0" } as const;
    const change = (settings: Partial<QualitySettings>) =>
      store.setState({ settings: { ...QUALITY_DEFAULTS, ...typed, count: "64", ...settings } });
    const { sampler, spacing, steps, guidance } = QUALITY_DEFAULTS;
    change({});
    await app.loadWeights(WEIGHTS_LOADED);
    expect(store.getState().settings).toMatchObject({
      sampler,
      spacing,
      steps,
      guidance,
      count: "64",
    });
    // A stored run is measured, whatever is loaded.
    change({ network: { kind: "stored", runId: "run-1", step: 3 } });
    await app.loadWeights(WEIGHTS_LOADED);
    expect(store.getState().settings).toMatchObject(typed);
  });
});

describe("the measurement that is shown", () => {
  const all = ["a", "b", "c"].map((id) => madeEvaluation(id));

  it("is none before the first", () => {
    expect(shownEvaluation([], null)).toBeNull();
  });

  it("is the newest unless another was chosen that is still there", () => {
    expect(shownEvaluation(all, null)).toBe(all[2]);
    expect(shownEvaluation(all, "b")).toBe(all[1]);
    expect(shownEvaluation(all, "gone")).toBe(all[2]);
  });

  it("is the newest as soon as it is done, in the order that was chosen", () => {
    const { quality: store, ...app } = viewed();
    const cell = { asked: 7, read: 1 };
    store.setState({ shownId: "before", order: "unsure", picked: 3, cell });
    const evaluated = (done: readonly Evaluation[]) =>
      app.store.setState(({ evaluation }) => ({ evaluation: { ...evaluation, done } }));
    evaluated(app.store.getState().evaluation.done);
    expect(store.getState()).toMatchObject({ shownId: "before", picked: 3, cell });
    evaluated([madeEvaluation("first")]);
    expect(store.getState()).toMatchObject({
      shownId: null,
      order: "unsure",
      picked: 0,
      cell: null,
    });
  });
});

const config: RunConfig = {
  ...presetConfig("tiny"),
  timesteps: 1000,
  samplingTimesteps: 50,
  samplerKind: "ddim",
  stepSpacing: "even",
  ddimEta: 0.5,
};

/** Of the network without classes, or of one with them and guidance 1.5. */
function requestOf(changes: Partial<QualitySettings>, classes = 0) {
  return qualityRequest({ ...QUALITY_DEFAULTS, ...changes }, { ...config, classes, guidance: 1.5 });
}

describe("the request for a measurement", () => {
  it("is of 256 samples, with the steps and the eta of the page's settings", () => {
    expect(requestOf({}).request).toEqual({
      count: 256,
      seed: 0,
      weights: "ema",
      network: { kind: "current" },
      guidance: null,
      sampler: { kind: "ddim", timesteps: 50, eta: 0.5, spacing: "even" },
    });
  });

  it("has the sampler and the spacing that were chosen", () => {
    expect(requestOf({ sampler: "heun", steps: "10" }).request?.sampler).toEqual({
      kind: "heun",
      timesteps: 10,
      spacing: "even",
    });
    expect(requestOf({ spacing: "logSnr" }).request?.sampler).toEqual({
      kind: "ddim",
      timesteps: 50,
      eta: 0.5,
      spacing: "logSnr",
    });
  });

  it("samples ancestrally with all T steps", () => {
    expect(requestOf({ steps: "1000" }).request?.sampler).toEqual({ kind: "ancestral" });
  });

  it("has the guidance of the page's settings, or that which was typed, of a network with classes", () => {
    expect(requestOf({}, 10).request?.guidance).toBe(1.5);
    expect(requestOf({ guidance: "0" }, 10).request?.guidance).toBe(0);
    expect(requestOf({ guidance: "2,5" }, 10).request?.guidance).toBe(2.5);
    expect(requestOf({ guidance: "x" }, 10)).toMatchObject({
      request: null,
      errors: { guidance: /^0 to 8, not x$/ },
    });
    expect(requestOf({ guidance: "x" }).request?.guidance).toBeNull();
  });

  it.each([
    ["count", "1", "2 to 2,000, not 1"],
    ["count", "2001", "2 to 2,000, not 2001"],
    ["steps", "1001", "1 to 1,000, not 1001"],
    ["steps", "", "1 to 1,000, not empty"],
    ["seed", "x", /not x$/],
  ] as const)("is none with %s of “%s”, and tells why at that field", (field, text, error) => {
    const { request, errors } = requestOf({ [field]: text });
    expect(request).toBeNull();
    expect(errors[field]).toMatch(error);
    expect(Object.keys(errors)).toEqual([field]);
  });

  it("takes the smallest and the largest count", () => {
    expect(requestOf({ count: "2" }).request?.count).toBe(2);
    expect(requestOf({ count: "2000" }).request?.count).toBe(2000);
  });

  it("is none of a network that is no longer stored", () => {
    expect(qualityRequest(QUALITY_DEFAULTS, null)).toMatchObject({
      request: null,
      errors: { network: /no longer stored/ },
    });
  });
});
