import { expect, it } from "vitest";
import { nameOf, networkChoices } from "../../../../../src/app/shared/network/networkChoices.ts";
import { initialState } from "../../../../../src/app/state/state.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import { recordAt } from "../storedRecord.ts";

it("a chosen checkpoint that is no longer stored is told with its run's name while there is the run", () => {
  const idle = initialState("tiny", presetConfig("tiny"));
  const gone = { kind: "stored", runId: "a", step: 2314 } as const;
  const name = (runs: ReturnType<typeof recordAt>[]) =>
    nameOf(networkChoices({ ...idle, stored: { ...idle.stored, runs } }, gone), "a@2314");
  expect(name([recordAt(2781, { runId: "a", name: "My run" })])).toMatch(/2,314.*My run/);
  expect(name([])).toMatch(/2,314.*deleted/);
});
