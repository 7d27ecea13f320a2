import { describe, expect, it } from "vitest";
import {
  decodeSafetensors,
  encodeSafetensors,
  type StoredTensor,
} from "../../../src/formats/safetensors.ts";
import { type History, historyFromJson, historyToJson } from "../../../src/storage/historyJson.ts";
import { historyUpTo, inPieces } from "../../../src/storage/historyPieces.ts";
import { historyFromTensors, historyTensors } from "../../../src/storage/historyTensors.ts";
import { epochReport, qualityFigures, stepReport } from "../train/exampleHistory.ts";

const LAST = { step: 1000, numEpochs: 100 };

/** What comes back of a history, and how many of its values do not. */
const FORMATS = {
  JSON: (history: History) => historyFromJson(historyToJson(history)),
  tensors: (history: History) => {
    const bytes = encodeSafetensors({ tensors: new Map(historyTensors(history)) });
    return historyFromTensors(decodeSafetensors(bytes).tensors);
  },
};

describe.each(Object.entries(FORMATS))("a metric history as %s", (name, written) => {
  const read = (history: History) => {
    let numLeftOut = 0;
    const comesBack = historyUpTo([written(history)], LAST, () => numLeftOut++);
    expect(numLeftOut).toBe(0);
    return comesBack;
  };

  it("comes back as it was, with and without the memory of its steps and the quality of its epochs", () => {
    const quality = qualityFigures();
    const history = {
      steps: [stepReport(1), { ...stepReport(2), memoryBytes: 343_324 }],
      epochs: [epochReport(1), epochReport(2, { quality }), epochReport(3)],
    };
    expect(read(history)).toEqual(history);
  });

  it("comes back with every number to the last bit, and NaN", () => {
    const numbers = [0.1, 1 / 3, 2 ** 53 - 1, 1e-45, -0, Number.NaN];
    const steps = numbers.map((loss, i) => ({
      ...stepReport(i + 1),
      loss,
      learningRate: loss / 3,
    }));
    const bucketLosses = [...numbers.slice(0, 9).fill(0.1), Number.NaN];
    const epochs = [epochReport(1, { trainLoss: Number.NaN, bucketLosses })];
    // JSON has no -0.
    const expected =
      name === "JSON" ? steps.with(4, { ...stepReport(5), loss: 0, learningRate: 0 }) : steps;
    expect(read({ steps, epochs })).toEqual({ steps: expected, epochs });
  });

  it("comes back of no steps, of none but steps, and of epochs without validation", () => {
    const epochs = [1, 2].map((n) =>
      epochReport(n, { bucketLosses: [], validationLoss: Number.NaN }),
    );
    for (const history of [
      { steps: [], epochs: [] },
      { steps: [stepReport(1)], epochs: [] },
      { steps: [], epochs },
    ]) {
      expect(read(history)).toEqual(history);
    }
  });

  it("keeps figures that this version does not know, of steps, epochs and what was measured", () => {
    const quality = { ...qualityFigures(), kid: 0.25 };
    const more = { "loss/ema": 0.5, "quality of all": 2 };
    const history = {
      steps: [stepReport(1), { ...stepReport(2), "grad norm.max": 7 }],
      epochs: [{ ...epochReport(1, { quality }), ...more }],
    };
    expect(read(history)).toEqual(history);
  });
});

describe("the tensors of a history", () => {
  it("are of float64, a column for each figure under its name", () => {
    const quality = qualityFigures();
    const columns = new Map(
      historyTensors({
        steps: [stepReport(1), stepReport(2)],
        epochs: [epochReport(1, { quality })],
      }),
    );
    expect(columns.get("history.steps.loss")).toEqual({
      ...{ dtype: "F64", shape: [2], values: Float64Array.of(1, 0.5) },
    });
    expect(columns.get("history.epochs.bucketLosses")?.shape).toEqual([1, 10]);
    expect(columns.get("history.epochs.quality.nearest.medianDistance")?.shape).toEqual([1]);
    expect([...columns.values()].every(({ dtype }) => dtype === "F64")).toBe(true);
  });

  it.each([
    ["columns that are not equally long", [3], 3],
    ["a column of no values", [2, 0], 0],
    ["rows beyond any memory", [2 ** 53 - 1, 0], 0],
    ["a scalar", [], 1],
    ["a list of lists", [2, 1, 1], 2],
  ])("are refused with %s", (_, shape, length) => {
    const column = (rows: number[], numValues: number): StoredTensor => ({
      ...{ dtype: "F64", shape: rows, values: new Float64Array(numValues) },
    });
    for (const of of ["history.steps.", "history.epochs."]) {
      const tensors = new Map([
        [`${of}a`, column(shape, length)],
        [`${of}b`, column([2], 2)],
      ]);
      expect(() => historyFromTensors(tensors)).toThrow(/to have a row for each of \d+/);
    }
  });
});

describe("a long history that is stored", () => {
  it("is in pieces of at most 200,000 steps, which together are all of it", () => {
    const numSteps = 400_001;
    const steps = Array.from({ length: numSteps }, (_, i) => stepReport(i + 1));
    const history = { steps, epochs: [epochReport(1)] };
    const at = { step: numSteps + 9, numEpochs: 1 };
    const pieces = inPieces(history, at.step);
    expect(pieces.map((piece) => [piece.step, piece.steps.length])).toEqual([
      [200_000, 200_000],
      [400_000, 200_000],
      [at.step, 1],
    ]);
    const read = historyUpTo(pieces, at);
    expect([read.steps.length, read.epochs]).toEqual([numSteps, history.epochs]);
    expect(read.steps.every((step, i) => step === steps[i])).toBe(true);
    expect(inPieces({ steps: [], epochs: [] }, 0)).toEqual([{ step: 0, steps: [], epochs: [] }]);
  });
});
