import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultConfig } from "../../../../src/engine/config/hyperparameters.ts";
import { isSameNetwork } from "../../../../src/engine/config/network.ts";
import { validateConfig } from "../../../../src/engine/config/validate.ts";
import { FormatError } from "../../../../src/engine/formats/formatError.ts";
import { networkParameters } from "../../../../src/engine/nn/networkBlocks.ts";
import { toStateDict } from "../../../../src/engine/nn/stateDict.ts";
import {
  type ImportedWeights,
  importWeights,
} from "../../../../src/runtime/files/importedWeights.ts";
import { independentReading } from "../formats/independentReading.ts";
import { damaged } from "../formats/mutations.ts";
import { smallConfig } from "../train/smallRun.ts";
import { fileOf, foreignBytes, networkValues, ourBytes, tensorsOf } from "../train/weightsFiles.ts";

/** Of the smallest network that the page takes. */
const config = smallConfig({ dimMults: [1], objective: "noise" });
const values = networkValues(config);
const settings = defaultConfig();

/** The whole way from a file to the page's weights; null when it is refused. */
async function load(bytes: Uint8Array): Promise<ImportedWeights | null> {
  try {
    return await importWeights(fileOf(new Uint8Array(bytes)), settings);
  } catch (error) {
    if (error instanceof FormatError && error.message.length < 2000) return null;
    throw error;
  }
}

/** Vitest's own comparison takes 50 ms for so many values. */
function isSame(a: Float32Array, b: ArrayLike<number> = []): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}

/** What was read is what stands in the file. */
function expectExactly({ network, values }: ImportedWeights, bytes: Uint8Array) {
  const stateDict = toStateDict(networkParameters(network), values);
  const { tensors } = independentReading(bytes);
  expect(stateDict.size).toBe(Object.keys(tensors).length);
  for (const [name, { shape, values }] of stateDict) {
    expect(shape).toEqual(tensors[name]?.shape);
    expect(isSame(values, tensors[name]?.values), name).toBe(true);
  }
}

/** The settings can run, and the facts are of their types. */
function expectSound({ network, config, facts }: ImportedWeights) {
  expect(validateConfig(config)).toEqual({});
  expect(isSameNetwork(config, network)).toBe(true);
  const { trainedSteps, dataset } = facts;
  expect(trainedSteps === null || Number.isSafeInteger(trainedSteps)).toBe(true);
  expect(dataset === null || typeof dataset === "string").toBe(true);
}

describe("a weights file", () => {
  it("damaged in any way gives exactly the tensors that it holds or is refused", async () => {
    const bytes = ourBytes({ config, values });
    expect(await load(bytes)).toMatchObject({ values, config, hasSettings: true });
    const outcomes = { loaded: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(damaged(bytes), async (other) => {
        const loaded = await load(other);
        outcomes[loaded ? "loaded" : "refused"]++;
        if (!loaded) return;
        expectExactly(loaded, other);
        expectSound(loaded);
      }),
      { numRuns: 1200 },
    );
    // Otherwise the damages show nothing.
    expect(outcomes.loaded).toBeGreaterThan(20);
    expect(outcomes.refused).toBeGreaterThan(300);
  });

  it("loads whatever its metadata say, with settings that can run", async () => {
    const tensors = tensorsOf(config, values);
    const json = fc.jsonValue().map((value) => JSON.stringify(value));
    // Names that are known, with values that are not, some of which have no text.
    const known = fc
      .dictionary(
        fc.constantFrom(...Object.keys(config), "trainedSteps", "isAverage", "dataset"),
        fc.oneof(fc.jsonValue(), fc.constantFrom({ toString: null }, [{ valueOf: 1 }])),
      )
      .map((changes) => JSON.stringify({ ...config, ...changes }));
    const text = fc.oneof(json, known, fc.string());
    await fc.assert(
      fc.asyncProperty(text, text, async (configText, training) => {
        const bytes = foreignBytes(tensors, { config: configText, training });
        const loaded = await importWeights(fileOf(bytes), settings);
        expect(isSame(loaded.values, values)).toBe(true);
        expectSound(loaded);
      }),
      { numRuns: 500 },
    );
  });
});
