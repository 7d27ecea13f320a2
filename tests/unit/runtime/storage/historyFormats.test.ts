import { describe, expect, it } from "vitest";
import { FormatError } from "../../../../src/engine/formats/formatError.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type StoredTensor,
} from "../../../../src/engine/formats/safetensors/safetensors.ts";
import {
  historyFromTensors,
  historyTensors,
} from "../../../../src/runtime/storage/historyTensors.ts";
import type { History } from "../../../../src/runtime/storage/records.ts";
import {
  historyFromJson,
  historyToJson,
  historyUpTo,
} from "../../../../src/runtime/storage/storedHistory.ts";
import { epochReport, qualityFigures, stepReport } from "../../engine/train/exampleHistory.ts";

const LAST = { step: 1000, numEpochs: 100 };

const notCut = () => expect.fail("A row was cut.");

/** What comes back of a history, and how many of its values do not. */
const FORMATS = {
  JSON: (history: History) => historyFromJson(historyToJson(history)),
  tensors: (history: History) => {
    const bytes = encodeSafetensors({ tensors: new Map(historyTensors(history)) });
    return historyFromTensors(decodeSafetensors(bytes).tensors, LAST, notCut);
  },
};

describe.each(Object.entries(FORMATS))("a metric history as %s", (name, written) => {
  const read = (history: History) => {
    let numLeftOut = 0;
    const comesBack = historyUpTo([written(history)], LAST, () => numLeftOut++);
    expect(numLeftOut).toBe(0);
    return comesBack;
  };

  it("comes back as it was, with and without the memory of its steps, quality and losses by class of its epochs", () => {
    const quality = qualityFigures();
    const classLosses = [0.5, Number.NaN, 0.25];
    const history = {
      steps: [stepReport(1), { ...stepReport(2), memoryBytes: 343_324 }],
      epochs: [epochReport(1), epochReport(2, { quality, classLosses }), epochReport(3)],
    };
    expect(read(history)).toEqual(history);
  });

  it("comes back with the norms by layer of the steps that have them, and without where none has", () => {
    const live = {
      liveLoss: 0.5,
      bucketLosses: [0.5, 0.25],
      blockGradNorms: [0.5, 2],
      blockWeightNorms: [3, 4.25],
    };
    const ofBefore = { layerGradNorms: [0.75], layerWeightNorms: [1.5] };
    const history = {
      steps: [{ ...stepReport(1), ...ofBefore }, { ...stepReport(2), ...live }, stepReport(3)],
      epochs: [],
    };
    expect(read(history)).toEqual(history);
  });

  it("comes back with the confusion matrix of the epochs that have one", () => {
    const confusion = Array.from({ length: 10 }, (_, asked) =>
      Array.from({ length: 10 }, (_, read) => 10 * asked + read),
    );
    const epochs = [
      epochReport(1),
      epochReport(2, { quality: qualityFigures() }),
      epochReport(3, { quality: qualityFigures({ readAsAsked: 0.75, confusion }) }),
    ];
    expect(read({ steps: [], epochs })).toEqual({ steps: [], epochs });
  });

  it.each([
    ["too few rows", [[1]]],
    ["a share", [...new Array(9).fill(new Array(10).fill(1)), new Array(10).fill(0.5)]],
  ])("comes back without a confusion matrix of %s, which counts as left out", (_, confusion) => {
    const epochs = [epochReport(1, { quality: qualityFigures({ confusion }) })];
    let numLeftOut = 0;
    const left = historyUpTo([written({ steps: [], epochs })], LAST, () => numLeftOut++);
    expect(left.epochs).toEqual([epochReport(1, { quality: qualityFigures() })]);
    expect(numLeftOut).toBe(1);
  });

  it("comes back with the live validations of a few of its steps", () => {
    const live = { liveLoss: 0.3, bucketLosses: [0.5, 0.1] };
    const steps = [1, 2, 3, 4].map((step) => {
      return step % 2 === 0 ? { ...stepReport(step), ...live } : stepReport(step);
    });
    expect(read({ steps, epochs: [epochReport(1)] })).toEqual({ steps, epochs: [epochReport(1)] });
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
  it("are read up to the checkpoint, however many rows and numbers in a list a file has", () => {
    const column = (...shape: number[]): StoredTensor => {
      const length = shape.reduce((product, size) => product * size);
      return { dtype: "U8", shape, values: new Uint8Array(length).fill(1) };
    };
    const tensors = new Map([
      ["history.steps.loss", column(5000)],
      ["history.epochs.bucketLosses", column(7, 1000)],
    ]);
    let numCut = 0;
    const last = { step: 3, numEpochs: 2 };
    const { steps, epochs } = historyFromTensors(tensors, last, (numRows) => (numCut += numRows));
    expect(steps).toEqual([{ loss: 1 }, { loss: 1 }, { loss: 1 }]);
    expect(epochs.map((row) => Object(row).bucketLosses.length)).toEqual([257, 257]);
    expect(numCut).toBe(5000 - 3 + 7 - 2);
  });

  it("are of float64, a column for each figure under its name", () => {
    const quality = qualityFigures();
    const columns = new Map(
      historyTensors({
        steps: [stepReport(1), stepReport(2)],
        epochs: [epochReport(1, { quality })],
      }),
    );
    expect(columns.get("history.steps.loss")).toEqual({
      dtype: "F64",
      shape: [2],
      values: Float64Array.of(1, 0.5),
    });
    expect(columns.get("history.epochs.bucketLosses")?.shape).toEqual([1, 10]);
    expect(columns.get("history.epochs.quality.nearest.medianDistance")?.shape).toEqual([1]);
    expect([...columns.values()].every(({ dtype }) => dtype === "F64")).toBe(true);
  });

  it("have no column of what is neither a number nor a list or group of them", () => {
    const odd = { ...stepReport(1), note: "text", none: null, isGood: true };
    const names = (steps: History["steps"]) =>
      historyTensors({ steps, epochs: [] }).map(([n]) => n);
    expect(names([odd])).toEqual(names([stepReport(1)]));
  });

  it("are read whatever names they have", () => {
    const column: StoredTensor = { dtype: "F64", shape: [1], values: Float64Array.of(3) };
    const names = ["quality", "quality.count", "__proto__", "quality.__proto__"];
    const tensors = new Map(names.map((name) => [`history.epochs.${name}`, column]));
    const { epochs } = historyFromTensors(tensors, LAST, notCut);
    expect(epochs).toEqual([{ quality: { count: 3 } }]);
  });

  it.each([
    ["columns that are not equally long", [3], 3],
    ["a column of no values", [2, 0], 0],
    ["rows beyond any memory", [2 ** 53 - 1, 0], 0],
    ["a scalar", [], 1],
    ["a list of lists", [2, 1, 1], 2],
  ])("are refused with %s", (_, shape, length) => {
    const column = (rows: number[], numValues: number): StoredTensor => ({
      dtype: "F64",
      shape: rows,
      values: new Float64Array(numValues),
    });
    for (const of of ["history.steps.", "history.epochs."]) {
      const tensors = new Map([
        [`${of}a`, column(shape, length)],
        [`${of}b`, column([2], 2)],
      ]);
      expect(() => historyFromTensors(tensors, LAST, notCut)).toThrow(
        /to have a row for each of \d+/,
      );
    }
  });
});

describe("a history in which anything may stand", () => {
  type Fields = Record<string, unknown>;
  const step = (changes: Fields = {}): Fields => ({ ...stepReport(1), ...changes });
  const epoch = (changes: Fields = {}): Fields => ({ ...epochReport(1), ...changes });
  /** What is read of it, and how many values and reports are left out. */
  const read = (steps: unknown[], epochs: unknown[] = []) => {
    let numLeftOut = 0;
    const history = historyUpTo([{ steps, epochs }], LAST, () => numLeftOut++);
    return { ...history, numLeftOut };
  };

  it.each<[string, unknown, number]>([
    ["no number", { loss: "0.5" }, 1],
    ["JSON's null, which is NaN", { loss: null }, 0],
    ["beyond float32", { loss: 3.5e38 }, 1],
    ["smaller than any figure", { loss: -1e-101 }, 1],
  ])("has NaN for a figure that is %s", (_, changes, numLeftOut) => {
    const expected = { steps: [step({ loss: Number.NaN })], epochs: [], numLeftOut };
    expect(read([step(changes as Fields)])).toEqual(expected);
  });

  it.each([0, -1e-100, 3.4e38, Number.POSITIVE_INFINITY])("has the figure %d", (loss) => {
    expect(read([step({ loss })])).toEqual({ steps: [step({ loss })], epochs: [], numLeftOut: 0 });
  });

  it("has no duration that no clock tells, nor one before its start", () => {
    for (const stepMs of [-1, 1e-7, 9e15, "80"]) {
      expect(read([step({ stepMs })])).toMatchObject({ steps: [{ stepMs: Number.NaN }] });
      expect(read([step({ stepMs })]).numLeftOut).toBe(1);
    }
    for (const stepMs of [0, 1e-6, Number.NaN]) {
      expect(read([step({ stepMs })])).toMatchObject({ steps: [{ stepMs }], numLeftOut: 0 });
    }
  });

  it("has NaN for a figure that a step lacks", () => {
    const { gradNorm: _, ...without } = step();
    const expected = { steps: [step({ gradNorm: Number.NaN })], epochs: [], numLeftOut: 0 };
    expect(read([without])).toEqual(expected);
  });

  it("leaves out what is at no step, and has each once, as it was told last", () => {
    const places = [0, -1, 1.5, "2", null, undefined, LAST.step + 1, Number.NaN];
    const steps = [
      ...[3, 2, 3].map((at, i) => step({ step: at, loss: i + 1 })),
      ...places.map((at) => step({ step: at })),
      ...[null, 7, "step", []],
    ];
    const { steps: kept, numLeftOut } = read(steps);
    expect(kept.map(({ step, loss }) => [step, loss])).toEqual([
      [2, 2],
      [3, 3],
    ]);
    expect(numLeftOut).toBe(1 + places.length + 4);
    expect(read([step({ step: LAST.step })]).steps).toHaveLength(1);
  });

  it("has the time of the report before where one tells none", () => {
    const times = [-1, 50, null, "60", 8.65e15, 70];
    const steps = times.map((wallTimeMs, i) => step({ step: i + 1, wallTimeMs }));
    const read6 = read(steps);
    expect(read6.steps.map(({ wallTimeMs }) => wallTimeMs)).toEqual([50, 50, 50, 50, 50, 70]);
    expect(read6.numLeftOut).toBe(4);
    expect(read([step({ wallTimeMs: null })]).steps[0]?.wallTimeMs).toBe(0);
  });

  it("leaves out epochs that end no later than the one before, or after the last step", () => {
    const ends = [20, 20, 40, 30, "50", LAST.step, LAST.step + 1];
    const epochs = ends.map((at, i) => epoch({ epoch: i + 1, step: at }));
    const { epochs: kept, numLeftOut } = read([], epochs);
    expect(kept.map(({ epoch, step }) => [epoch, step])).toEqual([
      [1, 20],
      [3, 40],
      [6, LAST.step],
    ]);
    expect(numLeftOut).toBe(4);
  });

  it("has as many losses by timestep in each epoch as the newest that has any, or none", () => {
    const losses = [[1, 2], [1, 2, 3], [3, "4", null], [5, 6, 7], [null, null, null], undefined];
    const epochs = losses.map((bucketLosses, i) =>
      epoch({ epoch: i + 1, step: i + 1, bucketLosses }),
    );
    const { epochs: kept, numLeftOut } = read([], epochs);
    expect(kept.map(({ bucketLosses }) => bucketLosses)).toEqual([
      ...[[], [1, 2, 3], [3, Number.NaN, Number.NaN], [5, 6, 7], [], []],
    ]);
    expect(numLeftOut).toBe(2);
    const [most, tooMany] = [100, 101].map((length) => new Array(length).fill(0.5));
    expect(read([], [epoch({ bucketLosses: most })]).epochs[0]?.bucketLosses).toEqual(most);
    expect(read([], [epoch({ bucketLosses: tooMany })])).toMatchObject({
      epochs: [{ bucketLosses: [] }],
      numLeftOut: 1,
    });
  });

  it("keeps the norms by layer of steps that have as many as the newest, at most 32", () => {
    const lists = [undefined, [1], [1, "2"], [3, 4], "no list"];
    const steps = lists.map((layerGradNorms, i) => ({ ...stepReport(i + 1), layerGradNorms }));
    const { steps: kept, numLeftOut } = read(steps, []);
    expect(kept.map(({ layerGradNorms }) => layerGradNorms)).toEqual([
      ...[undefined, undefined, [1, Number.NaN], [3, 4], undefined],
    ]);
    expect(numLeftOut).toBe(2);
    const [most, tooMany] = [32, 33].map((length) => new Array(length).fill(0.5));
    const withNorms = (layerWeightNorms: unknown) => [{ ...stepReport(1), layerWeightNorms }];
    expect(read(withNorms(most), []).steps[0]?.layerWeightNorms).toEqual(most);
    expect(read(withNorms(tooMany), []).numLeftOut).toBe(1);
  });

  it("keeps the losses by class as those by timestep, and leaves them out where there are none", () => {
    const losses = [undefined, [1, 2], [1, null, "3"], [null, null, null], [4, 5, 6]];
    const epochs = losses.map((classLosses, i) =>
      epoch({ epoch: i + 1, step: i + 1, classLosses }),
    );
    const { epochs: kept, numLeftOut } = read([], epochs);
    expect(kept.map(({ classLosses }) => classLosses)).toEqual([
      ...[undefined, undefined, [1, Number.NaN, Number.NaN], undefined, [4, 5, 6]],
    ]);
    expect(kept.map((one) => "classLosses" in one)).toEqual([false, false, true, false, true]);
    expect(numLeftOut).toBe(2);
    const [most, tooMany] = [256, 257].map((length) => new Array(length).fill(0.5));
    expect(read([], [epoch({ classLosses: most })])).toMatchObject({
      epochs: [{ classLosses: most }],
      numLeftOut: 0,
    });
    expect(read([], [epoch({ classLosses: tooMany })]).numLeftOut).toBe(1);
  });

  it.each<[string, unknown, number]>([
    ["nothing", null, 0],
    ["the NaN that stands in a file's column", { count: Number.NaN }, 0],
    ["a number", 7, 1],
    ["no count", { ...qualityFigures(), count: 0 }, 1],
    ["one class", { ...qualityFigures(), classCounts: [4] }, 1],
    ["more classes than labels", { ...qualityFigures(), classCounts: new Array(257).fill(1) }, 1],
    ["no classes", { ...qualityFigures(), classCounts: null }, 1],
    ["no distances", { ...qualityFigures(), nearest: null }, 1],
    ["a distance in their place", { ...qualityFigures(), nearest: 0.5 }, 1],
  ])("has no measurement where %s stands for it", (_, quality, numLeftOut) => {
    const expected = { steps: [], epochs: [epochReport(1)], numLeftOut };
    expect(read([], [epoch({ quality })])).toEqual(expected);
  });

  it("has NaN for the figures of a measurement that are none, and leaves out unknown ones", () => {
    const whole = qualityFigures();
    const nearest = { ...whole.nearest, minDistance: "0", unknown: "near" };
    const quality = { ...whole, frechetDistance: null, nearest, unknown: {} };
    const expected = qualityFigures({
      frechetDistance: Number.NaN,
      nearest: { ...whole.nearest, minDistance: Number.NaN },
    });
    const { epochs, numLeftOut } = read([], [epoch({ quality, unknown: [1], later: 3 })]);
    expect(epochs).toEqual([epoch({ quality: expected, later: 3 })]);
    expect(numLeftOut).toBe(4);
  });
});

it("a text without steps or epochs is no history", () => {
  for (const half of [{ steps: [] }, { epochs: [] }, []]) {
    expect(() => historyFromJson(JSON.stringify(half))).toThrow(FormatError);
  }
});
