import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { configFromJson } from "../../../../src/engine/config/fromJson.ts";
import { defaultConfig, HYPERPARAMETERS } from "../../../../src/engine/config/hyperparameters.ts";
import { NETWORK_SETTINGS, withNetwork } from "../../../../src/engine/config/network.ts";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import { validateConfig } from "../../../../src/engine/config/validate.ts";
import type { NetworkConfig } from "../../../../src/engine/nn/networkBlocks.ts";

const config = { ...presetConfig("tiny"), objective: "noise", emaDecay: 0.9, seed: 7 } as const;
/** The page's, of another network and with other values than the table and the file. */
const settings = { ...presetConfig("quick"), epochs: 77, seed: 5 } as const;

function read(
  stored: unknown,
  { network = config, page = settings }: { network?: NetworkConfig; page?: typeof settings } = {},
) {
  const text = typeof stored === "string" ? stored : JSON.stringify(stored);
  return configFromJson({ text, network, settings: page });
}

describe("settings in a file", () => {
  it("come back as they were written", () => {
    expect(read(config)).toEqual({ config, hasSettings: true });
  });

  it("of a version with fewer of them get the table's defaults for the others", () => {
    const { emaDecay: _, samplingTimesteps: __, ...older } = config;
    const { emaDecay, samplingTimesteps } = defaultConfig();
    expect(read(older).config).toEqual({ ...config, emaDecay, samplingTimesteps });
  });

  it("of a version with more of them lose those, also those that every object has", () => {
    const newer = `{"constructor": 1, "__proto__": 2, "breadth": 3, ${JSON.stringify(config).slice(1)}`;
    const back = read(newer).config;
    expect(back).toEqual(config);
    expect(Object.keys(back).sort()).toEqual(Object.keys(HYPERPARAMETERS).sort());
  });

  it("have the network that the weights have, whatever they say themselves", () => {
    const quick = presetConfig("quick");
    const network = Object.fromEntries(
      NETWORK_SETTINGS.map((name) => [name, quick[name]]),
    ) as unknown as NetworkConfig;
    expect(read({ ...config, dim: "wide", dimMults: null }, { network })).toEqual({
      config: { ...config, ...network },
      hasSettings: true,
    });
  });

  it.each<[string, object]>([
    ["is out of range", { batchSize: 0, epochs: -1 }],
    ["is of another type", { learningRate: "1e-3", seed: null, emaDecay: [0.9] }],
    ["JSON cannot hold", { ddimEta: Number.NaN }],
    ["is an option that is not there", { validationNoise: "pink" }],
    ["cannot even be told", { validationNoise: { toString: null }, dropout: { valueOf: 1 } }],
  ])("lose only what %s, to the table's default", (_, wrong) => {
    const defaults = defaultConfig();
    const expected = Object.keys(wrong).map((name) => [name, defaults[name as "seed"]]);
    expect(read({ ...config, ...wrong })).toEqual({
      config: { ...config, ...Object.fromEntries(expected) },
      hasSettings: true,
    });
  });

  it("have at most as many steps of sampling as of diffusion, told or not", () => {
    const { samplingTimesteps: _, ...untold } = config;
    const expected = { timesteps: 10, samplingTimesteps: 10, previewTimesteps: 10 };
    for (const stored of [
      { ...config, timesteps: 10, samplingTimesteps: 20, previewTimesteps: 20 },
      { ...untold, timesteps: 10, previewTimesteps: 1000 },
    ]) {
      const read10 = read(stored);
      expect(read10).toMatchObject({ config: expected, hasSettings: true });
      expect(validateConfig(read10.config)).toEqual({});
    }
  });
});

describe("a file that does not tell what sampling needs", () => {
  const untold = { config: withNetwork(settings, config), hasSettings: false };

  it.each<[string, unknown]>([
    ["nothing", ""],
    ["text that is cut off", JSON.stringify(config).slice(0, -9)],
    ["null", null],
    ["a number", 7],
    ["a word", '"dim"'],
    ["a list", [config]],
    ["an object without settings", {}],
    ["another program's settings", { model_type: "unet", hidden_size: 64 }],
    ["impossible values", { objective: { toString: null }, epochs: -1, timesteps: 1 }],
  ])("leaves all as it is on the page when it has %s", (_, stored) => {
    expect(read(stored)).toEqual(untold);
  });

  it.each<[string, object]>([
    ["an objective that is not there", { objective: "score" }],
    ["no schedule", { betaSchedule: undefined }],
    ["too few timesteps", { timesteps: 5 }],
  ])("still gives the others when it has %s", (_, changes) => {
    const [name] = Object.keys(changes) as ["objective"];
    expect(read({ ...config, ...changes })).toEqual({
      config: { ...config, [name]: settings[name] },
      hasSettings: false,
    });
  });

  it("does not depend on the page's settings being in order, and leaves those as they are", () => {
    const page = { ...settings, timesteps: 10, samplingTimesteps: 50, batchSize: Number.NaN };
    const expected = withNetwork(page, config);
    expect(read("", { page }).config).toEqual(expected);
    expect(read({ seed: 3 }, { page }).config).toEqual({ ...expected, seed: 3 });
  });
});

it("settings of whatever a file has can run", () => {
  const names = Object.keys(HYPERPARAMETERS);
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.dictionary(fc.constantFrom(...names), fc.jsonValue()),
    fc.dictionary(fc.constantFrom(...names), fc.oneof(fc.nat(2000), fc.double())),
  );
  fc.assert(
    fc.property(anything, (stored) => {
      expect(validateConfig(read(stored).config)).toEqual({});
      expect(validateConfig(read({ ...config, ...Object(stored) }).config)).toEqual({});
    }),
    { numRuns: 500 },
  );
});
