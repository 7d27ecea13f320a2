import { describe, expect, it } from "vitest";
import { configOf, namingOfNetworks } from "../../../../../src/app/shared/network/chosenNetwork.ts";

import { newRun } from "../../../../../src/app/state/slices/run.ts";
import {
  hasAverage,
  isTrained,
  sampledFile,
  trainedConfig,
} from "../../../../../src/app/state/slices/sampledNetwork.ts";
import { NO_WEIGHTS } from "../../../../../src/app/state/slices/weights.ts";
import { initialState } from "../../../../../src/app/state/state.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import { recordAt } from "../../shared/storedRecord.ts";
import { stepAt } from "../eventStates.ts";

const page = { ...presetConfig("laptop"), ddimEta: 0.7, interpolationNoise: 0.3 };
const ofRun = { ...presetConfig("tiny"), emaDecay: 0.5 };
const ofFile = { ...presetConfig("quick"), emaDecay: 0 };
/** As it is sampled. */
const sampled = (config: typeof ofRun) => ({ ...config, ddimEta: 0.7, interpolationNoise: 0.3 });

const untrained = initialState("laptop", page);
const started = newRun({
  runId: "a",
  name: "A",
  dataset: { id: "mnist", name: "MNIST" },
  config: ofRun,
});
const size = {
  numParameters: 9,
  stepsPerEpoch: 10,
  totalSteps: 10,
  microBatchSize: 8,
  numThreads: 1,
  startedFrom: null,
};
const training = { ...untrained, run: { ...started, size, steps: [stepAt(3)] } };
const loaded = {
  fileName: "digits.safetensors",
  config: ofFile,
  hasSettings: true,
  hasAverage: true,
  trainedSteps: 12,
  numParameters: 100,
  dataset: null as string | null,
};
const ofWeights = (changes: Partial<typeof loaded> = {}) => ({
  ...training,
  weights: { ...NO_WEIGHTS, loaded: { ...loaded, ...changes } },
});

describe("the network that is sampled", () => {
  it.each([
    ["nothing", untrained, null, false, null, false],
    ["a run that is only asked for", { ...untrained, run: started }, null, false, null, false],
    ["a run", training, ofRun, true, null, true],
    ["a file", ofWeights(), ofFile, true, loaded.fileName, true],
    [
      "a file that tells no settings and has no average",
      ofWeights({ hasSettings: false, hasAverage: false }),
      ...([null, false, loaded.fileName, true] as const),
    ],
  ] as const)("of %s", (_, state, config, average, file, trained) => {
    expect(trainedConfig(state)).toEqual(config);
    expect(hasAverage(state)).toBe(average);
    expect(sampledFile(state)).toBe(file);
    expect(isTrained(state)).toBe(trained);
    expect(configOf({ kind: "current" }, state)).toEqual(config ? sampled(config) : page);
  });

  it("has no average where the run keeps none", () => {
    const config = { ...ofRun, emaDecay: 0 };
    expect(hasAverage({ ...training, run: { ...training.run, config } })).toBe(false);
  });

  it("is one that is stored as long as its checkpoint is", () => {
    const pointer = { numEpochs: 0, savedMs: 1, validationLoss: null, numBytes: 9, checksum: 0 };
    const checkpoints = [20, 30].map((step) => ({ ...pointer, step }));
    const run = recordAt(20, { runId: "b", config: ofFile, checkpoints });
    const broken = { runId: "c", name: "C", problem: "It is damaged.", isNewer: false };
    const state = { ...training, stored: { ...training.stored, runs: [broken, run] } };
    const at = (runId: string, step: number) => configOf({ kind: "stored", runId, step }, state);
    expect(at("b", 20)).toEqual(sampled(ofFile));
    expect([at("b", 10), at("c", 20), at("d", 20)]).toEqual([null, null, null]);
    expect(configOf({ kind: "stored", runId: "b", step: 20 }, training)).toBeNull();
  });

  it("draws digits where its images were digits, and has a class for each if it has classes", () => {
    const [mnist, files] = [
      { id: "mnist", name: "MNIST" },
      { id: "files", name: "Fashion-MNIST" },
    ];
    const ofPage = (of: typeof mnist) => {
      const counts = {
        numTrain: 9,
        numValidation: 1,
        numClasses: 10,
        pixelChecksum: 1,
        checksum: 1,
      };
      const current = { ...of, ...counts, unseenLabels: new Uint8Array() };
      return { ...untrained, dataset: { current, loading: null } };
    };
    const ofRunOn = (dataset: typeof mnist, classes: number) => {
      const run = { ...training.run, dataset, config: { ...ofRun, classes } };
      return { ...ofPage(dataset === mnist ? files : mnist), run };
    };
    const current = (state: Parameters<typeof namingOfNetworks>[1]) =>
      namingOfNetworks([{ kind: "current" }], state).noun === "digit";
    // Untrained it will be of the page's images, and so is a file that says nothing.
    expect([untrained, ofPage(mnist), ofPage(files)].map(current)).toEqual([true, true, false]);
    const loadedWith = (dataset: string | null) => ({
      ...ofPage(files),
      weights: ofWeights({ dataset }).weights,
    });
    expect(["MNIST", "Fashion-MNIST", null].map(loadedWith).map(current)).toEqual([
      ...[true, false, false],
    ]);
    expect([0, 10, 47].map((classes) => current(ofRunOn(mnist, classes)))).toEqual([
      ...[true, true, false],
    ]);
    expect(current(ofRunOn(files, 10))).toBe(false);

    const pointer = { numEpochs: 0, savedMs: 1, validationLoss: null, numBytes: 9, checksum: 0 };
    const run = recordAt(20, { runId: "b", checkpoints: [{ ...pointer, step: 20 }] });
    const runs = [{ ...run, dataset: { ...run.dataset, ...files } }];
    const state = { ...ofPage(mnist), stored: { ...untrained.stored, runs } };
    const both = [{ kind: "current" }, { kind: "stored", runId: "b", step: 20 }] as const;
    expect(
      [both.slice(0, 1), both.slice(1), both].map(
        (of) => namingOfNetworks(of, state).noun === "digit",
      ),
    ).toEqual([...[true, false, false]]);
  });
});
