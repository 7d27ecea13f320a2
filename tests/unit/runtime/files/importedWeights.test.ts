import { describe, expect, it } from "vitest";
import { withNetwork } from "../../../../src/engine/config/network.ts";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import { FormatError } from "../../../../src/engine/formats/formatError.ts";
import { torchShape } from "../../../../src/engine/nn/layout.ts";
import { numElements, totalElements } from "../../../../src/engine/nn/parameters.ts";
import { createUnet } from "../../../../src/engine/nn/unet.ts";
import {
  checkSize,
  importWeights,
  withAddedClasses,
} from "../../../../src/runtime/files/importedWeights.ts";
import { fakeFile } from "../../engine/formats/fakeFile.ts";
import { safetensorsFile } from "../../engine/formats/safetensorsFile.ts";
import { smallConfig } from "../../engine/train/smallRun.ts";
import {
  FACTS,
  fileOf,
  foreignBytes,
  networkValues,
  ourBytes,
  tensorsOf,
} from "../../engine/train/weightsFiles.ts";

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
    const { architecture, dim, dimMults, attnHeads, attnDimHead, selfCondition, classes } = config;
    const unet = { dim, dimMults, attnHeads, attnDimHead, selfCondition, classes };
    expect(await load(ourBytes({ config }))).toEqual({
      fileName: "digits.safetensors",
      network: { architecture, ...unet },
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

describe("a file of this page that was changed", () => {
  it("names its images in one line, however long their name is", async () => {
    const facts = { ...FACTS, dataset: `\u202Eone\n${"a".repeat(1e6)}` };
    const { dataset } = (await load(ourBytes({ config, facts }))).facts;
    expect(dataset).toMatch(/^one a{250}…$/);
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
    ["of that program's own kind", { config: '{"model_type": "network"}', training: "cosine" }],
    ["that is cut off", { config: '{"dim": 4, "dimM', training: '{"trainedSteps": 1' }],
    ["with impossible values", { config: '{"epochs": -1}', training: '{"trainedSteps": -1}' }],
    [
      "that no text can be made of",
      { config: '{"objective": {"toString": null}}', training: "[]" },
    ],
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

  it("is refused where its moving average is not of numbers", async () => {
    const both = new Map([
      ...tensorsOf(config, values.slice().fill(Number.NaN), "ema_model.model."),
      ...tensorsOf(config, values, "online_model.model."),
    ]);
    const loading = load(foreignBytes(both));
    await expect(loading).rejects.toThrow(FormatError);
    await expect(loading).rejects.toThrow(/Expected finite weights, got NaN/);
  });

  it("is an average when it has nothing else", async () => {
    const loaded = await load(foreignBytes(tensorsOf(config, values, "ema_model.")));
    expect(loaded).toMatchObject({ facts: { ...UNKNOWN, isAverage: true }, ema: null });
    expect(loaded.values).toEqual(values);
  });

  it("does not depend on the page's settings being in order", async () => {
    const wrong = { ...settings, dim: Number.NaN, epochs: 0 };
    expect((await load(foreignBytes(tensors), wrong)).config).toEqual(withNetwork(wrong, config));
  });
});

describe("a file with another number of classes than the settings", () => {
  it.each([
    [10, 0],
    [0, 10],
  ])("of %d instead of %d gives its network", async (classes, ofSettings) => {
    const own = smallConfig({ classes });
    const given = { ...settings, classes: ofSettings };
    const values = networkValues(own);
    for (const bytes of [ourBytes({ config: own }), foreignBytes(tensorsOf(own, values))]) {
      const loaded = await load(bytes, given);
      expect(loaded).toMatchObject({ network: { classes }, config: { classes } });
      expect(loaded.values).toEqual(values);
    }
  });
});

describe("a file whose network cannot run here", () => {
  it.each([
    ["Width multipliers: At most 3 levels", { dimMults: [1, 1, 1, 1] }],
    ["Width multipliers: Whole numbers, 1 to 16, not 17", { dimMults: [17] }],
    ["Base width: A whole number, 4 to 128, not 130", { dim: 130, dimMults: [1] }],
    ["Attention heads: A whole number, 1 to 16, not 17", { attnHeads: 17 }],
    ["Channels per head: A whole number, 4 to 64, not 65", { attnDimHead: 65 }],
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

/** The header of a file of so wide a network, and how large the file is. */
function startOfFile({ entries }: { entries: [string, number[]][] }) {
  let end = 0;
  const header = entries.map(([name, shape]) => {
    const begin = end;
    end += 4 * numElements(shape);
    return [name, { dtype: "F32", shape, data_offsets: [begin, end] }];
  });
  const start = safetensorsFile(Object.fromEntries(header));
  return { start, size: start.length + end };
}

describe("a file that is too large or cannot be read", () => {
  const entriesOf = (changes: object) =>
    createUnet(smallConfig(changes)).parameters.map(
      ({ name, layout, shape }): [string, number[]] => [name, torchShape(layout, shape)],
    );

  it.each<[string, [string, number[]][], string]>([
    [
      "of the widest network of the form",
      entriesOf({ dim: 128, dimMults: [16, 16, 16], attnHeads: 16, attnDimHead: 64 }),
      "Expected at most 1 GB of weights, got 4.90 GB.",
    ],
    [
      "of another network",
      [["model.layers.0.mlp.down_proj.weight", [2 ** 13, 2 ** 15]]],
      'such as "init_conv.weight", got others, such as "layers.0.mlp.down_proj.weight"',
    ],
    [
      "with a tensor of 2 GB too many",
      [...entriesOf({}), ["class_emb.weight", [2 ** 29]]],
      'Not this network\'s: 1 tensor, "class_emb.weight".',
    ],
  ])("is refused by its header: one %s", async (_, entries, message) => {
    const { start, size } = startOfFile({ entries });
    const file = fakeFile(start, { size });
    const loading = importWeights(file, settings);
    await expect(loading).rejects.toThrow(FormatError);
    await expect(loading).rejects.toThrow(message);
    expect(file.reads.every(([, end]) => end <= start.length)).toBe(true);
  });

  it("is told of a run in a run's words", () => {
    expect(() => checkSize(2 ** 30, "a run")).not.toThrow();
    expect(() => checkSize(1.5 * 2 ** 30, "a run")).toThrow(
      "Expected at most 1 GB of a run, got 1.50 GB. Train a narrower network, or without previews (previewEvery=0).",
    );
  });

  it("is not refused for its size while that is the assignment's, four times as wide", async () => {
    const { start, size } = startOfFile({ entries: entriesOf({ dim: 128, dimMults: [1, 2, 5] }) });
    const error = new DOMException("", "NotReadableError");
    const file = fakeFile(start, { size, failure: { from: start.length, error } });
    const loading = importWeights(file, settings);
    await expect(loading).rejects.toThrow(FormatError);
    await expect(loading).rejects.toThrow("NotReadableError. It may have been changed");
    // It is read piece by piece.
    expect(file.reads.at(-1)).toEqual([start.length, start.length + 2 ** 24]);
  });

  it.each([2e9, 2 ** 31 - 1, 2 ** 33])(
    "gets the hint about torch.save at %d bytes",
    async (size) => {
      const start = new TextEncoder().encode("PK\u0003\u0004\0\0\u0008\u0008archive/data.pkl");
      const file = fakeFile(start, { size });
      await expect(importWeights(file, settings)).rejects.toThrow(
        /^Expected a safetensors file, got what looks like a file of torch\.save/,
      );
      expect(file.reads).toEqual([[0, 64]]);
    },
  );
});

describe("a network out of a file, with a class added", () => {
  it("has it in its network, its settings, its weights and their moving average", async () => {
    const loaded = { ...(await load(ourBytes({ config }))), ema: values };
    const grown = withAddedClasses(loaded);
    expect([grown.network.classes, grown.config.classes]).toEqual([1, 1]);
    const { parameters } = createUnet(grown.config);
    expect(grown.values).toHaveLength(totalElements(parameters));
    expect(grown.ema).toEqual(grown.values);
    expect(grown.values.slice(0, values.length)).toEqual(values);
    expect(loaded.network.classes).toBe(0);
  });
});
