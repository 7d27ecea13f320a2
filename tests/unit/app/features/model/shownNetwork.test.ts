import { describe, expect, it } from "vitest";
import { networkErrors, shownNetwork } from "../../../../../src/app/features/model/shownNetwork.ts";
import { newRun } from "../../../../../src/app/state/slices/run.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";

const TINY = presetConfig("tiny");
const QUICK = presetConfig("quick");
const run = newRun({
  runId: "1",
  name: "Run",
  dataset: { id: "mnist", name: "MNIST" },
  config: QUICK,
});

describe("the network shown", () => {
  it("is the settings' while there is no run", () => {
    const shown = shownNetwork({ run: null, config: TINY }, null);
    expect(shown).toEqual({ owner: "settings", config: TINY, hasChoice: false });
  });

  it("is the run's until the settings' is chosen", () => {
    expect(shownNetwork({ run, config: TINY }, null)).toMatchObject({
      owner: "run",
      config: QUICK,
      hasChoice: true,
    });
    expect(shownNetwork({ run, config: TINY }, "settings")).toMatchObject({
      owner: "settings",
      config: TINY,
    });
  });

  it("leaves nothing to choose where both are the same network", () => {
    const config = { ...QUICK, learningRate: 1 };
    expect(shownNetwork({ run, config }, "settings")).toMatchObject({
      owner: "run",
      hasChoice: false,
    });
  });

  it("says what is wrong with the network, and nothing of other settings", () => {
    const config = { ...TINY, dimMults: [1, 2, 3, 4], learningRate: -1 };
    const errors = networkErrors(config);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/At most 3 levels/);
  });
});
