import { describe, expect, it } from "vitest";
import { configFromJson } from "../../../src/config/fromJson.ts";
import { defaultConfig, HYPERPARAMETERS } from "../../../src/config/hyperparameters.ts";
import type { NetworkSettings } from "../../../src/config/network.ts";
import { presetConfig } from "../../../src/config/presets.ts";

const config = { ...presetConfig("tiny"), objective: "noise", emaDecay: 0.9, seed: 7 } as const;

function read(stored: unknown, network: NetworkSettings = config) {
  return configFromJson(typeof stored === "string" ? stored : JSON.stringify(stored), network);
}

describe("settings in a file", () => {
  it("come back as they were written", () => {
    expect(read(config)).toEqual(config);
  });

  it("of a version with fewer of them get the table's defaults for the others", () => {
    const { emaDecay: _, samplingTimesteps: __, ...older } = config;
    const { emaDecay, samplingTimesteps } = defaultConfig();
    expect(read(older)).toEqual({ ...config, emaDecay, samplingTimesteps });
  });

  it("of a version with more of them lose those, also those that every object has", () => {
    const newer = `{"constructor": 1, "__proto__": 2, "width": 3, ${JSON.stringify(config).slice(1)}`;
    const back = read(newer);
    expect(back).toEqual(config);
    expect(Object.keys(back ?? {}).sort()).toEqual(Object.keys(HYPERPARAMETERS).sort());
  });

  it("have the network that the weights have, whatever they say themselves", () => {
    const { dim, dimMults, attnHeads, attnDimHead, selfCondition } = presetConfig("quick");
    const network = { dim, dimMults, attnHeads, attnDimHead, selfCondition };
    expect(read({ ...config, dim: "wide", dimMults: null }, network)).toEqual({
      ...config,
      ...network,
    });
  });

  it.each<[string, unknown]>([
    ["nothing", ""],
    ["text that is cut off", JSON.stringify(config).slice(0, -9)],
    ["null", null],
    ["a number", 7],
    ["a word", '"dim"'],
    ["a list", [config]],
    ["an object without settings", {}],
    ["another program's settings", { model_type: "unet", hidden_size: 64 }],
    ["a value out of range", { ...config, batchSize: 0 }],
    ["a value of another type", { ...config, learningRate: "1e-3" }],
    ["an option that is not there", { ...config, objective: "eps" }],
    ["a value that JSON cannot hold", { ...config, ddimEta: Number.NaN }],
    ["values that contradict each other", { ...config, timesteps: 10, samplingTimesteps: 20 }],
  ])("are none when the text is %s", (_, stored) => {
    expect(read(stored)).toBeNull();
  });

  it("are none when the weights' network cannot run", () => {
    expect(read(config, { ...config, dimMults: [1, 1, 1, 1] })).toBeNull();
  });
});
