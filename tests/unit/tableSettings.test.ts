/** One more entry in a table is all that one more setting or preset takes. */
import { createElement } from "react";
import { describe, expect, it } from "vitest";
import { SettingField } from "../../src/app/features/settings/SettingField.tsx";
import { Settings } from "../../src/app/features/settings/Settings.tsx";
import { originWords } from "../../src/app/shared/runs/runFacts.ts";
import {
  defaultConfig,
  HYPERPARAMETER_GROUPS,
  HYPERPARAMETERS,
} from "../../src/engine/config/hyperparameters.ts";
import { PRESETS, type PresetName, presetConfig } from "../../src/engine/config/presets.ts";
import { configFromQuery, configToQuery } from "../../src/engine/config/url.ts";
import { validateConfig } from "../../src/engine/config/validate.ts";
import { newRun } from "../../src/hosts/cli/parts/runStart.ts";
import { recordAt } from "./app/shared/storedRecord.ts";
import { smallDataset } from "./engine/train/smallRun.ts";
import { htmlOf, withEntry } from "./madeEntry.ts";

const dataset = { ...smallDataset(), id: "files", name: "small" };

describe("one more setting", () => {
  const help = "Coats of paint (Nobody 2026).";
  const entry = { kind: "integer", label: "Coats", help, default: 2, min: 1, max: 9 };
  // In the sources the one table follows from the other.
  withEntry(HYPERPARAMETERS, "coats", entry);
  withEntry(HYPERPARAMETER_GROUPS.model, "coats", entry);

  it("has a default, limits, and a name in addresses and commands", () => {
    expect(defaultConfig()).toMatchObject({ coats: 2 });
    const { preset, config } = configFromQuery(new URLSearchParams("preset=tiny&coats=3"));
    expect(config).toMatchObject({ coats: 3 });
    expect(`${configToQuery(preset, config)}`).toBe("preset=tiny&coats=3");
    expect(validateConfig(config)).toEqual({});
    const tooMany = { ...config, coats: 10 };
    expect(validateConfig(tooMany)).toEqual({ coats: expect.stringContaining("1 to 9") });
    const run = newRun({ preset: "tiny", changes: ["coats=4"], weights: null, dataset });
    expect(run.identity.config).toMatchObject({ coats: 4 });
  });

  it("is a field of its group in the form, with its help", () => {
    const config = { ...defaultConfig(), coats: 10 };
    const form = htmlOf(createElement(Settings), { config });
    expect(form).toMatch(/>Network<[^>]*>1 invalid value</);
    const field = htmlOf(
      createElement(SettingField, {
        name: "coats" as "dim",
        value: 10,
        config,
        error: undefined,
        disabled: false,
        onChange: () => {},
      }),
    );
    expect(field).toContain("Coats</label>");
    expect(field).toContain(help);
  });
});

describe("one more preset", () => {
  const draft = "draft" as PresetName;
  const description = "For a first look.";
  withEntry(PRESETS, draft, { label: "Draft", description, changes: { epochs: 2 } });

  it("is a choice of the form", () => {
    const others = htmlOf(createElement(Settings));
    expect(others).toContain("Draft</span>");
    expect(others).not.toContain(description);
    const state = { preset: draft, config: presetConfig(draft) };
    expect(htmlOf(createElement(Settings), state)).toContain(description);
  });

  it("is what an address and a command begin with, and names their runs", () => {
    const { preset, config } = configFromQuery(new URLSearchParams("preset=draft&seed=7"));
    expect([preset, config]).toEqual([draft, { ...defaultConfig(), epochs: 2, seed: 7 }]);
    const { identity } = newRun({ preset: draft, changes: [], weights: null, dataset });
    expect(identity).toMatchObject({ name: "Draft", preset: draft, config: { epochs: 2 } });
    expect(() => newRun({ preset: "none", changes: [], weights: null, dataset })).toThrow("draft");
    expect(originWords(recordAt(5, identity))).toMatch(/^Draft, /);
  });
});
