import { expect, it } from "vitest";
import { isFromOtherNetwork } from "../../../../../src/app/shared/network/chosenNetwork.ts";
import { initialState } from "../../../../../src/app/state/state.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import type { LoadedWeights } from "../../../../../src/runtime/run/events.ts";
import type {
  NetworkSource,
  SampledNetwork,
} from "../../../../../src/runtime/run/samplingProtocol.ts";

const current: SampledNetwork = { kind: "current" };
const file = (fileName: string): NetworkSource => ({ kind: "file", fileName });

/** The page once a file is loaded. */
function loaded(fileName: string) {
  const idle = initialState("tiny", presetConfig("tiny"));
  const weights = { fileName } as LoadedWeights;
  return { ...idle, weights: { ...idle.weights, loaded: weights, isSampled: true } };
}

it("digits are of another network once another file is loaded, and when a checkpoint is chosen", () => {
  const drawn = { network: current, source: file("a") };
  expect(isFromOtherNetwork(drawn, current, loaded("a"))).toBe(false);
  expect(isFromOtherNetwork(drawn, current, loaded("b"))).toBe(true);
  const step = { kind: "stored", runId: "run", step: 5 } as const;
  expect(isFromOtherNetwork(drawn, step, loaded("a"))).toBe(true);
  const ofStep = { network: step, source: { kind: "run", runId: "run" } } as const;
  expect(isFromOtherNetwork(ofStep, step, loaded("a"))).toBe(false);
  expect(isFromOtherNetwork(ofStep, { ...step, step: 6 }, loaded("a"))).toBe(true);
});

it("digits that the worker has not begun are of no other", () => {
  expect(isFromOtherNetwork({ network: current, source: null }, current, loaded("a"))).toBe(false);
});
