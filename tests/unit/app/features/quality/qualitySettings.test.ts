import { describe, expect, it } from "vitest";
import {
  QUALITY_DEFAULTS,
  type QualitySettings,
  qualityFromQuery,
  qualityRequest,
  withQuality,
} from "../../../../../src/app/features/quality/qualitySettings.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";

const config = { ...presetConfig("tiny"), timesteps: 1000, samplingTimesteps: 50, ddimEta: 0.5 };

function requestOf(changes: Partial<QualitySettings>) {
  return qualityRequest({ ...QUALITY_DEFAULTS, ...changes }, config);
}

describe("the request for a measurement", () => {
  it("is of 256 samples, with the steps and the eta of the page's settings", () => {
    expect(requestOf({})).toEqual({
      errors: {},
      request: {
        ...{ count: 256, seed: 0, weights: "ema", network: { kind: "current" } },
        sampler: { kind: "ddim", timesteps: 50, eta: 0.5 },
      },
    });
  });

  it("samples ancestrally with all T steps", () => {
    expect(requestOf({ steps: "1000" }).request?.sampler).toEqual({ kind: "ancestral" });
  });

  it.each([
    ["count", "1", "2 to 2000, not 1"],
    ["count", "2001", "2 to 2000, not 2001"],
    ["steps", "1001", "1 to 1000, not 1001"],
    ["steps", "", "1 to 1000, not empty"],
    ["seed", "x", /not x$/],
  ] as const)("is none with %s of “%s”, and tells why at that field", (field, text, error) => {
    const { request, errors } = requestOf({ [field]: text });
    expect(request).toBeNull();
    expect(Object.keys(errors)).toEqual([field]);
    expect(errors[field]).toMatch(error);
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

describe("the settings in the address", () => {
  const settings: QualitySettings = {
    network: { kind: "stored", runId: "run-7", step: 400 },
    weights: "raw",
    count: "1000",
    steps: "20",
    seed: "5",
  };

  it("come back, beside those of others", () => {
    const query = withQuality(new URLSearchParams("preset=tiny&network=current"), settings);
    expect(qualityFromQuery(query)).toEqual(settings);
    expect(query.get("preset")).toBe("tiny");
    expect(query.get("network")).toBe("current");
  });

  it("are not named where they are the defaults", () => {
    const query = withQuality(new URLSearchParams("preset=tiny"), settings);
    expect(withQuality(query, QUALITY_DEFAULTS).toString()).toBe("preset=tiny");
    expect(qualityFromQuery(new URLSearchParams())).toEqual(QUALITY_DEFAULTS);
  });
});
