import { describe, expect, it } from "vitest";
import { entropyWords } from "../../../../../../src/app/features/results/quality/Figures.tsx";
import {
  likelihoodPlot,
  partsWords,
} from "../../../../../../src/app/features/results/quality/LikelihoodChart.tsx";
import {
  nearestWords,
  samplerWords,
} from "../../../../../../src/app/features/results/quality/Measurement.tsx";
import {
  frechetWords,
  likelihoodWords,
  measuredName,
  samplingWords,
} from "../../../../../../src/app/features/results/quality/measuredWords.ts";
import { samplerHelp } from "../../../../../../src/app/features/results/quality/QualityView.tsx";
import { comparisonWords } from "../../../../../../src/app/features/results/quality/SamplerComparison.tsx";
import { NO_STORED_RUNS } from "../../../../../../src/app/state/slices/storedRuns.ts";
import { presetConfig } from "../../../../../../src/engine/config/presets.ts";
import type { Sampler } from "../../../../../../src/engine/diffusion/samplers.ts";
import type {
  NetworkSource,
  WeightsChoice,
} from "../../../../../../src/runtime/run/samplingProtocol.ts";
import { recordAt } from "../../../shared/storedRecord.ts";
import { madeEvaluation } from "./madeEvaluation.ts";

describe("what was measured", () => {
  const named = (source: NetworkSource, weights: WeightsChoice = "ema", trainedSteps = 1200) => {
    const { request, result, ...evaluation } = madeEvaluation();
    return measuredName(
      {
        ...evaluation,
        request: { ...request, weights },
        result: { ...result, source, trainedSteps },
      },
      { run: null, stored: { ...NO_STORED_RUNS, runs: [] } },
    );
  };

  it("is a run at its step, by the name it has now", () => {
    const evaluation = madeEvaluation();
    const runs = [recordAt(1200, { runId: "run-1", name: "Renamed" })];
    const stored = { ...NO_STORED_RUNS, runs };
    expect(measuredName(evaluation, { run: null, stored })).toMatch(/^Renamed.*1,200$/);
  });

  it("is a file, an untrained network, or a run that is gone", () => {
    expect(named({ kind: "file", fileName: "digits.safetensors" })).toBe("digits.safetensors");
    const fileName = "pretrained-quick-1-step.safetensors";
    expect(named({ kind: "file", fileName })).toBe("Quick in one step (trained model)");
    expect(named({ kind: "untrained" })).not.toContain("1,200");
    expect(named({ kind: "run", runId: "gone" })).toContain("1,200");
  });

  it("says where the latest weights were taken, not their average", () => {
    expect(named({ kind: "file", fileName: "a.safetensors" }, "raw")).toMatch(
      /^a\.safetensors, latest/,
    );
  });

  it("tells samples, steps and seed", () => {
    const evaluation = madeEvaluation();
    const words = (sampler: Sampler) =>
      samplingWords({ ...evaluation, request: { ...evaluation.request, count: 2000, sampler } });
    expect(samplingWords(evaluation)).toMatch(/^4 samples, 5 steps.*seed 2/);
    expect(words({ kind: "ancestral" })).toMatch(/^2,000 samples, all steps.*seed 2/);
    expect(words({ kind: "ddim", timesteps: 50, eta: 0.5 })).toMatch(/50 steps.*0\.5.*seed 2/);
    expect(words({ kind: "ddim", timesteps: 1, eta: 0 })).toMatch(/2,000 samples, 1 step, DDIM/);
    const ofFlow = { ...evaluation, result: { ...evaluation.result, objective: "flow" as const } };
    expect(samplingWords(ofFlow)).toContain("Euler (DDIM)");
  });

  it("speaks of ancestral sampling only where all steps are taken", () => {
    const config = { ...presetConfig("assignment"), samplerKind: "ddim" as const };
    expect(samplerHelp({ steps: "50" }, config)).toMatch(/^Eta is 0/);
    expect(samplerHelp({ steps: "50" }, config)).not.toContain("ancestral");
    expect(samplerHelp({ steps: "1000" }, config)).toContain("ancestral");
  });

  it("tells samplers apart in a row: by name, spacing and eta", () => {
    const evaluation = madeEvaluation();
    const words = (sampler: Sampler) =>
      samplerWords({ ...evaluation, request: { ...evaluation.request, sampler } });
    const all = [
      words({ kind: "ddim", timesteps: 5, eta: 0, spacing: "even" }),
      words({ kind: "ddim", timesteps: 5, eta: 0, spacing: "logSnr" }),
      words({ kind: "ddim", timesteps: 5, eta: 0.5, spacing: "even" }),
      words({ kind: "heun", timesteps: 5, spacing: "even" }),
    ];
    expect(new Set(all).size).toBe(4);
    expect(all[0]).toBe("DDIM");
  });

  it("tells the guidance of a network with classes", () => {
    expect(samplingWords(madeEvaluation("asked", [3, 7, 4, 1]))).toMatch(
      /5 steps.*guidance 2.*seed/,
    );
  });

  it("tells the images it was compared with, where they are not MNIST", () => {
    const evaluation = madeEvaluation();
    const other = {
      ...evaluation,
      result: { ...evaluation.result, dataset: { id: "files", name: "letters.zip" } },
    };
    expect(samplingWords(other)).toContain("letters.zip");
    expect(samplingWords(evaluation)).not.toContain("MNIST");
  });
});

describe("a comparison of samplers", () => {
  it("tells network, guidance and seed; the network once there is a point of it", () => {
    const { request, result } = madeEvaluation("asked", [3, 7, 4, 1]);
    const { sampler: _, ...compared } = request;
    const names = { run: null, stored: { ...NO_STORED_RUNS, runs: [] } };
    const measured = { ...result, source: { kind: "file", fileName: "a.safetensors" } } as const;
    const comparison = { request: compared, measured, points: [] };
    expect(comparisonWords(comparison, names)).toMatch(/^a\.safet.*: 4 .*guidance 2, seed 2\./);
    expect(comparisonWords({ ...comparison, measured: null }, names)).toMatch(/^4 samples/);
  });

  it.each([
    [null, false],
    [1, false],
    [2, true],
  ])("with guidance %s says that it takes two passes for a prediction: %s", (guidance, isTwice) => {
    const { sampler: _, ...request } = { ...madeEvaluation().request, guidance };
    const words = comparisonWords(
      { request, measured: null, points: [] },
      { run: null, stored: NO_STORED_RUNS },
    );
    expect(words.includes("two passes")).toBe(isTwice);
  });
});

describe("the figures in words", () => {
  it("tell the entropy beside the largest there is", () => {
    const classCounts = new Array(10).fill(1);
    expect(entropyWords({ classEntropy: 3.2873, classCounts })).toMatch(/^3\.29\b.*3\.32 bits/);
    expect(entropyWords({ classEntropy: 1, classCounts: [2, 1, 1, 0] })).toMatch(/^1\.00 of 2\.00/);
  });

  it.each([
    [0.01234, "0.0123"],
    [5.034, "5.03"],
    [99.96, "100"],
    [1234.5, "1,235"],
  ])("tell a Fréchet distance of %s as %s", (distance, words) => {
    expect(frechetWords(distance)).toBe(words);
  });

  it("tell bits per dimension and their parts, which add up, and a dash of a network without", () => {
    const { likelihood } = madeEvaluation().result;
    if (!likelihood) throw new Error("It has none.");
    expect(likelihoodWords(likelihood)).toBe("2.13 ± 0.06");
    expect(likelihoodWords(null)).toBe("–");
    expect(partsWords(likelihood)).toMatch(
      / 2 test images: 1\.25 bits .* 0\.75 .* 0\.13 in the prior\.$/,
    );
    // Of each timestep, from t = 1 on.
    const [series] = likelihoodPlot(likelihood).series;
    expect(series).toMatchObject({ xs: [1, Math.sqrt(18)], values: [0.5, 0.25 / 8] });
  });

  it("tell how many are copies, and the test images' distance, known of MNIST's or measured", () => {
    const words = (
      numCopies: number,
      count: number,
      id: string,
      testMedianDistance: number | null = null,
    ) => {
      const nearest = { numCopies, medianDistance: 0.1612, minDistance: 0.05 };
      const { figures } = madeEvaluation().result;
      return nearestWords({
        figures: { ...figures, count, nearest },
        dataset: { id, name: "" },
        testMedianDistance,
      });
    };
    expect(words(0, 1256, "mnist")).toMatch(/^0 of 1,256 .*0\.029.*0\.161.*0\.155/);
    expect(words(1, 20, "files")).toMatch(/^1 of 20 .*0\.029.*0\.161(?!.*0\.155)/);
    expect(words(1, 20, "files", 0.21)).toMatch(/^1 of 20 .*0\.029.*0\.161.*0\.210/);
  });
});
