import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Hyperparameter } from "../../../../src/engine/config/hyperparameters/kinds.ts";
import {
  entryWith,
  HYPERPARAMETERS,
  type HyperparameterName,
  isUsed,
  type RunConfig,
} from "../../../../src/engine/config/hyperparameters.ts";
import {
  DEFAULT_PRESET,
  PRESETS,
  type PresetName,
  presetConfig,
} from "../../../../src/engine/config/presets.ts";
import { configFromQuery, configToQuery, parseValue } from "../../../../src/engine/config/url.ts";
import { validateConfig } from "../../../../src/engine/config/validate.ts";

function read(query: string) {
  return configFromQuery(new URLSearchParams(query));
}

/** Values within the limits of a hyperparameter. */
function valueWithin(h: Hyperparameter): fc.Arbitrary<number | number[] | string | boolean> {
  if (h.kind === "choice") return fc.constantFrom(...Object.keys(h.options));
  if (h.kind === "switch") return fc.boolean();
  const { min, max } = h;
  if (h.kind === "real") return fc.double({ min, max, noNaN: true });
  const integer = fc.integer({ min, max });
  return h.kind !== "integers"
    ? integer
    : fc.array(integer, { minLength: 1, maxLength: h.maxLength });
}

const preset = fc.constantFrom(...(Object.keys(PRESETS) as PresetName[]));
/** Some hyperparameters changed, the others as in the preset. */
const changes = fc.record(
  Object.fromEntries(Object.entries(HYPERPARAMETERS).map(([name, h]) => [name, valueWithin(h)])),
  { requiredKeys: [] },
) as fc.Arbitrary<Partial<RunConfig>>;

describe("a configuration in the address", () => {
  it("is read as it was written, through the text of the address", () => {
    fc.assert(
      fc.property(preset, changes, (name, changed) => {
        const config = { ...presetConfig(name), ...changed };
        const text = configToQuery(name, config).toString();
        const back = read(text);
        expect(back.preset).toBe(name);
        // -0 becomes 0 in text.
        expect(JSON.stringify(back.config)).toBe(JSON.stringify(config));
      }),
    );
  });

  it("names only what differs from the preset", () => {
    const config = { ...presetConfig("tiny"), epochs: 7, dimMults: [1, 3] };
    expect(configToQuery("tiny", config).toString()).toBe("preset=tiny&dimMults=1%2C3&epochs=7");
  });

  it.each(["", "preset=", "preset=huge", "preset=toString", "preset=Quick"])(
    "without a known preset, as in '%s', is the one of a first visit",
    (query) => {
      expect(read(query)).toEqual({ preset: DEFAULT_PRESET, config: presetConfig(DEFAULT_PRESET) });
    },
  );

  it.each([
    ["dim=wide", "dim"],
    ["dim=", "dim"],
    ["learningRate=1e", "learningRate"],
    ["dimMults=1,,2", "dimMults"],
    ["dimMults=", "dimMults"],
    ["batchSize=4.5", "batchSize"],
    ["epochs=-1", "epochs"],
  ])("that cannot run, as %s, is reported at its field", (query, field) => {
    expect(Object.keys(validateConfig(read(`preset=tiny&${query}`).config))).toEqual([field]);
  });

  it("does not listen to what is no hyperparameter", () => {
    expect(read("preset=tiny&__proto__=1&breadth=4").config).toEqual(presetConfig("tiny"));
  });
});

describe("a value as typed", () => {
  it.each<[HyperparameterName, string, number | number[] | boolean | string]>([
    ["dimMults", "1, 2, 5", [1, 2, 5]],
    ["dimMults", " 3 ", [3]],
    ["dimMults", "(1, 2, 4)", [1, 2, 4]],
    ["dimMults", " [1,2] ", [1, 2]],
    ["learningRate", "4e-4", 0.0004],
    ["seed", " 12 ", 12],
    ["dim", "", Number.NaN],
    ["dim", "12px", Number.NaN],
    ["dim", " ", Number.NaN],
    ["dimMults", "1 2", [Number.NaN]],
    ["dimMults", "1, (2", [1, Number.NaN]],
    ["dimMults", "1), 2", [Number.NaN, 2]],
    ["selfCondition", "true", true],
    ["selfCondition", "false", false],
    ["selfCondition", "yes", "yes"],
  ])("for %s, '%s', is %j", (name, text, value) => {
    expect(parseValue(name, text)).toEqual(value);
  });
});

describe("a value that is no number", () => {
  it("is not passed on in a link", () => {
    const config = { ...presetConfig("tiny"), batchSize: Number.NaN, seed: 7 };
    expect(configToQuery("tiny", config).toString()).toBe("preset=tiny&seed=7");
  });
});

describe("a choice that no entry of its table has", () => {
  const names = Object.keys(HYPERPARAMETERS) as HyperparameterName[];
  const choices = names.filter((name) => HYPERPARAMETERS[name].kind === "choice");

  it.each(choices.flatMap((name) => ["lion", "__proto__", "constructor"].map((id) => [name, id])))(
    "%s=%s is told at its field, and every other field can be shown",
    (name, id) => {
      const { config } = configFromQuery(new URLSearchParams({ [name as string]: id as string }));
      expect(Object.keys(validateConfig(config))).toEqual([name]);
      for (const other of names) {
        expect(typeof isUsed(other, config)).toBe("boolean");
        expect(entryWith(other, config).label).toBeDefined();
      }
    },
  );
});
