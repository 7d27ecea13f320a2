import type {
  Evaluation,
  SampleImages,
} from "../../../../../../src/app/state/slices/evaluation.ts";
import {
  type ClassFigures,
  classFigures,
  nearestFigures,
  type QualityFigures,
} from "../../../../../../src/engine/quality/figures.ts";

type MadeEvaluation = Evaluation & {
  result: { figures: QualityFigures; real: ClassFigures };
  images: SampleImages;
};

/**
 * Four samples, read as 3, 1, 4, 1; the second is a copy of a training image.
 *
 * @param asked the digits that a network with classes was asked for, with guidance 2; null without
 */
export function madeEvaluation(id = "made", asked: number[] | null = null): MadeEvaluation {
  const digits = [3, 1, 4, 1];
  const confidences = [0.875, 1, 0.5, 0.9375];
  const distances = [0.25, 0, 0.125, 0.25];
  const probabilities = digits.flatMap((digit, i) => {
    const confidence = confidences[i] as number;
    return Array.from({ length: 10 }, (_, k) => (k === digit ? confidence : (1 - confidence) / 9));
  });
  const grey = (level: number) => new Array<number>(784).fill(level);
  const real = classFigures(Float32Array.from(probabilities), 10, asked);
  return {
    request: {
      requestId: id,
      count: 4,
      seed: 2,
      network: { kind: "current" },
      weights: "ema",
      guidance: asked && 2,
      sampler: { kind: "ddim", timesteps: 5, eta: 0 },
    },
    result: {
      figures: {
        ...real,
        frechetDistance: 12.5,
        nearest: nearestFigures(Float64Array.from(distances)),
      },
      real,
      frechetFloor: { count: 4, numDraws: 16, distance: 1.5 },
      testMedianDistance: null,
      likelihood: {
        count: 2,
        bits: 2.125,
        standardError: 0.0625,
        prior: 0.125,
        terms: [
          { from: 0, to: 0, bits: 1.25 },
          { from: 1, to: 1, bits: 0.5 },
          { from: 2, to: 9, bits: 0.25 },
        ],
      },
      source: { kind: "run", runId: "run-1" },
      objective: "noise",
      trainedSteps: 1200,
      dataset: { id: "mnist", name: "MNIST" },
      distances: Float64Array.from(distances),
      digits: Uint8Array.from(digits),
      confidences: Float32Array.from(confidences),
      asked,
    },
    images: {
      pixels: Uint8Array.from([1, 2, 3, 4].flatMap(grey)),
      nearestPixels: Uint8Array.from([11, 12, 13, 14].flatMap(grey)),
    },
  };
}
