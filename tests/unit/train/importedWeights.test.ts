import { describe, expect, it, vi } from "vitest";
import { withNetwork } from "../../../src/config/network.ts";
import { presetConfig } from "../../../src/config/presets.ts";
import { FormatError } from "../../../src/formats/formatError.ts";
import { totalElements } from "../../../src/nn/parameters.ts";
import { createUnet } from "../../../src/nn/unet.ts";
import { importWeights } from "../../../src/train/importedWeights.ts";
import { smallConfig } from "./smallRun.ts";
import { FACTS, fileOf, foreignBytes, networkValues, ourBytes, tensorsOf } from "./weightsFiles.ts";

/** The page's, of another network than the files'. */
const settings = presetConfig("quick");
const config = smallConfig({ objective: "noise", seed: 7 });
const values = networkValues(config);

const UNKNOWN = { trainedSteps: null, isAverage: false, dataset: null };

function load(bytes: Uint8Array<ArrayBuffer>, given = settings) {
  return importWeights(fileOf(bytes), given);
}

describe("a file of this page", () => {
  it("gives its name, settings, network, weights and how far they are trained", async () => {
    const { dim, dimMults, attnHeads, attnDimHead, selfCondition } = config;
    expect(await load(ourBytes({ config }))).toEqual({
      fileName: "digits.safetensors",
      unet: { dim, dimMults, attnHeads, attnDimHead, selfCondition },
      config,
      hasSettings: true,
      facts: { trainedSteps: 12, isAverage: false, dataset: "MNIST" },
      values,
      ema: null,
    });
  });

  it("may not know how far its weights are trained", async () => {
    const facts = { ...FACTS, trainedSteps: null };
    expect(await load(ourBytes({ config, facts }))).toMatchObject({
      facts: { trainedSteps: null },
    });
  });
});

describe("a file of another program", () => {
  const tensors = tensorsOf(config, values);
  const expected = { config: withNetwork(settings, config), hasSettings: false };

  it("takes the page's settings, with the network that it has", async () => {
    const loaded = await load(foreignBytes(tensors));
    expect(loaded).toMatchObject({ ...expected, facts: UNKNOWN, ema: null });
    expect(loaded.values).toEqual(values);
  });

  it.each([
    ["of that program's own kind", { config: '{"model_type": "unet"}', training: "cosine" }],
    ["that is cut off", { config: '{"dim": 4, "dimM', training: '{"trainedSteps": 1' }],
    ["with impossible values", { config: '{"epochs": -1}', training: '{"trainedSteps": -1}' }],
    ["with half a step", { config: "null", training: '{"trainedSteps": 0.5}' }],
    ["with words for numbers", { config: "[]", training: '{"trainedSteps": "12"}' }],
    ["that says nothing", { config: "", training: "null" }],
  ])("loads with metadata %s, which is passed over", async (_, metadata) => {
    const loaded = await load(foreignBytes(tensors, metadata));
    expect(loaded).toMatchObject({ ...expected, facts: UNKNOWN });
    expect(loaded.values).toEqual(values);
  });

  it("keeps what one of two metadata says when the other is damaged", async () => {
    const training = JSON.stringify(FACTS);
    const metadata = { config: "{", training };
    expect(await load(foreignBytes(tensors, metadata))).toMatchObject({
      ...expected,
      facts: { trainedSteps: 12 },
    });
  });

  it("may have a moving average besides", async () => {
    const average = networkValues(config, 2);
    const both = new Map([
      ...tensorsOf(config, average, "ema_model.model."),
      ...tensorsOf(config, values, "online_model.model."),
    ]);
    const loaded = await load(foreignBytes(both));
    expect(loaded.values).toEqual(values);
    expect(loaded.ema).toEqual(average);
  });

  it("does not depend on the page's settings being in order", async () => {
    const wrong = { ...settings, dim: Number.NaN, epochs: 0 };
    expect((await load(foreignBytes(tensors), wrong)).config).toEqual(withNetwork(wrong, config));
  });
});

describe("a file whose network cannot run here", () => {
  it.each([
    ["Width multipliers: At most 3 levels", { dimMults: [1, 1, 1, 1] }],
    ["Width multipliers: Expected whole numbers from 1 to 16", { dimMults: [17] }],
    ["Base width: Expected a whole number from 4 to 128", { dim: 130, dimMults: [1] }],
    ["Attention heads: Expected a whole number from 1 to 16", { attnHeads: 17 }],
    ["Channels a head: Expected a whole number from 4 to 64", { attnDimHead: 65 }],
  ])("is refused with the setting's name: %s", async (message, changes) => {
    const other = smallConfig(changes);
    // Drawing start values for a wide network would take seconds.
    const zeros = new Float32Array(totalElements(createUnet(other).parameters));
    for (const bytes of [
      ourBytes({ config: other, values: zeros }),
      foreignBytes(tensorsOf(other, zeros)),
    ]) {
      const loading = load(bytes);
      await expect(loading).rejects.toThrow(FormatError);
      await expect(loading).rejects.toThrow(message);
    }
  });
});

describe("a file that is too large", () => {
  it("is refused before it is read", async () => {
    const arrayBuffer = vi.fn(async () => new ArrayBuffer(0));
    const loading = importWeights(
      { name: "llm.safetensors", size: 2 ** 31, arrayBuffer },
      settings,
    );
    await expect(loading).rejects.toThrow(FormatError);
    await expect(loading).rejects.toThrow("less than 2 GB, got one of 2.0 GB");
    expect(arrayBuffer).not.toHaveBeenCalled();
  });
});
