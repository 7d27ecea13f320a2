import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lossCurve } from "../../../../src/app/features/results/evolution/trainingAxis.ts";
import { timestepLosses } from "../../../../src/app/features/runs/compare/CompareCharts.tsx";
import { results } from "../../../../src/app/features/runs/compare/DifferenceTable.tsx";
import { chartCsv, chartJson, tableRows } from "../../../../src/app/shared/charts/chartFiles.ts";
import { bucketRows, timestepRows } from "../../../../src/app/shared/charts/series/bucketRows.ts";
import { chartsOf } from "../../../../src/app/shared/charts/series/charts.ts";
import {
  blockSeries,
  bucketSeries,
  classSeries,
  layerSeries,
} from "../../../../src/app/shared/charts/series/groupSeries.ts";
import {
  chartSeries,
  lossSeries,
  runAxis,
} from "../../../../src/app/shared/charts/series/runSeries.ts";
import { tickFormat, wholeWindow } from "../../../../src/app/shared/plot/axes.ts";
import { plotOf } from "../../../../src/app/shared/plot/plot.ts";
import { SCALES, X_KINDS } from "../../../../src/app/state/slices/chartOptions.ts";
import { paceOf } from "../../../../src/app/state/slices/pace.ts";
import { runOf } from "../../../../src/app/state/slices/run.ts";
import { FormatError } from "../../../../src/engine/formats/formatError.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type WritableTensor,
} from "../../../../src/engine/formats/safetensors/safetensors.ts";
import { totalElements } from "../../../../src/engine/nn/parameters.ts";
import { createUnet } from "../../../../src/engine/nn/unet.ts";
import { metricsOf } from "../../../../src/engine/train/metrics.ts";
import { encodeCheckpoint } from "../../../../src/runtime/files/checkpointFile.ts";
import { ENCODERS } from "../../../../src/runtime/files/exportRun.ts";
import {
  type DecodedRun,
  decodeRunFile,
  encodeRunFile,
} from "../../../../src/runtime/files/runFile.ts";
import { formatLoss } from "../../../../src/runtime/format.ts";
import { openedRun } from "../../../../src/runtime/run/storedRun.ts";
import { checksumOf } from "../../../../src/runtime/storage/checkpoints.ts";
import { RECORD_FORMAT, type RunRecord } from "../../../../src/runtime/storage/records.ts";
import { inFull } from "../../../inFull.ts";
import { readTfevents } from "../../engine/formats/tfeventsReading.ts";
import { smallConfig } from "../../engine/train/smallRun.ts";

const [LAST_STEP, STEPS_PER_EPOCH, NUM_EPOCHS] = [6, 2, 3];
const CONFIG = smallConfig({ epochs: 3, emaDecay: 0 });
const flat = new Float32Array(totalElements(createUnet(CONFIG).parameters)).fill(0.1);
const CHECKPOINT = {
  step: LAST_STEP,
  numEpochs: NUM_EPOCHS,
  lossSum: 0,
  values: flat,
  ema: null,
  optimizerState: { mean: flat, square: flat },
};

const newest = encodeCheckpoint(CONFIG, CHECKPOINT);
const RECORD: RunRecord = {
  format: RECORD_FORMAT,
  runId: "a",
  name: "A",
  createdMs: 1,
  savedMs: 1,
  preset: "tiny",
  config: CONFIG,
  startedFrom: null,
  stepsPerEpoch: STEPS_PER_EPOCH,
  picture: null,
  dataset: { id: "mnist", name: "MNIST", numTrain: 8, numValidation: 3, checksum: 0 },
  numParameters: flat.length,
  isFinished: true,
  hasStoppedEarly: false,
  step: LAST_STEP,
  numEpochs: NUM_EPOCHS,
  totalBytes: 0,
  lastValidationLoss: null,
  bestValidationLoss: null,
  checkpoints: [
    {
      step: LAST_STEP,
      numEpochs: NUM_EPOCHS,
      savedMs: 1,
      validationLoss: null,
      numBytes: newest.length,
      checksum: checksumOf(newest),
    },
  ],
};

const FILE = decodeSafetensors(
  encodeRunFile({
    record: RECORD,
    checkpoints: [{ step: LAST_STEP, bytes: newest }],
    history: { steps: [], epochs: [] },
    snapshots: [],
  }),
);

/** What no training tells, and what it does tell at its edges. */
const oddNumber = fc.oneof(
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, -0, 0, 0.5),
  fc.constantFrom(1e300, -1e300, 3.4e38, -3.4e38, 1e-300, 5e-324, 2 ** 53, 8.64e15, 8.64e15 + 2),
  fc.double(),
  fc.integer(),
);

const oddValue = fc.oneof(
  { weight: 3, arbitrary: oddNumber },
  fc.constantFrom(null, "1", "", true, [], {}, [1], [null, "a"], { count: 1 }),
);

const place = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 8 }) }, oddValue);
const time = fc.oneof(fc.integer({ min: 1e12, max: 1e12 + 9 }), oddValue);
const figure = fc.oneof(fc.double({ min: 0, max: 2, noNaN: true }), oddValue);
const buckets = fc.oneof(
  fc.array(figure, { maxLength: 12 }),
  fc.array(figure, { minLength: 10, maxLength: 10 }),
  fc.constant(new Array<number>(1000).fill(0.5)),
  oddValue,
);

const step = fc.record(
  {
    step: place,
    loss: figure,
    gradNorm: figure,
    learningRate: figure,
    stepMs: figure,
    wallTimeMs: time,
    memoryBytes: figure,
    other: figure,
    layerGradNorms: buckets,
    layerWeightNorms: buckets,
    blockGradNorms: buckets,
    blockWeightNorms: buckets,
  },
  { requiredKeys: ["step"] },
);

const quality = fc.record(
  {
    count: figure,
    meanConfidence: figure,
    shareConfident: figure,
    classEntropy: figure,
    frechetDistance: figure,
    classCounts: buckets,
    confusion: buckets,
    nearest: fc.oneof(
      fc.record({ minDistance: figure, medianDistance: figure, numCopies: figure }),
      oddValue,
    ),
  },
  { requiredKeys: ["count", "classCounts", "nearest"] },
);

const epoch = fc.record(
  {
    epoch: place,
    step: place,
    trainLoss: figure,
    validationLoss: figure,
    wallTimeMs: time,
    bucketLosses: buckets,
    classLosses: buckets,
    quality: fc.oneof(quality, oddValue),
    "a.b": figure,
  },
  { requiredKeys: ["epoch", "step"] },
);

const listOf = (report: fc.Arbitrary<unknown>) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.array(fc.oneof({ weight: 9, arbitrary: report }, oddValue)) },
    oddValue,
  );

/** In a file of an earlier version. */
const asJson = fc
  .record({ steps: listOf(step), epochs: listOf(epoch) })
  .map((history): Map<string, WritableTensor> | string => JSON.stringify(history));

const STEP_NAMES = [
  "step",
  "loss",
  "gradNorm",
  "learningRate",
  "stepMs",
  "wallTimeMs",
  "memoryBytes",
  "layerGradNorms",
  "blockWeightNorms",
];

const EPOCH_NAMES = [
  ...["epoch", "step", "trainLoss", "validationLoss", "wallTimeMs"],
  ...["bucketLosses", "classLosses"],
  ...[
    "quality",
    "quality.count",
    "quality.classCounts",
    "quality.nearest.minDistance",
    "__proto__",
  ],
  ...["quality.meanConfidence", "quality.__proto__", "quality.nearest", "a.b"],
];

const column = (numRows: number, width: number | null): fc.Arbitrary<WritableTensor> => {
  const [length, shape] =
    width === null ? [numRows, [numRows]] : [numRows * width, [numRows, width]];
  const number = fc.oneof(fc.integer({ min: 1, max: 8 }), oddNumber);
  return fc
    .array(number, { minLength: length, maxLength: length })
    .map((values) => ({ dtype: "F64", shape, values: Float64Array.from(values) }));
};

const columnsOf = (prefix: string, names: readonly string[], numRows: number) =>
  fc
    .record(
      Object.fromEntries(
        names.map((name) => {
          const length = name.endsWith("Losses") || name.endsWith("Counts") ? 10 : null;
          const odd = fc.tuple(fc.constantFrom(0, 1, numRows), fc.constantFrom(null, 0, 1, 10));
          return [
            prefix + name,
            fc.oneof(
              { weight: 40, arbitrary: column(numRows, length) },
              odd.chain(([length, width]) => column(length, width)),
            ),
          ];
        }),
      ),
      { requiredKeys: [] },
    )
    .map(Object.entries);
const asTensors = fc
  .tuple(fc.nat(9), fc.nat(5))
  .chain(([numSteps, numEpochs]) =>
    fc
      .tuple(
        columnsOf("history.steps.", STEP_NAMES, numSteps),
        columnsOf("history.epochs.", EPOCH_NAMES, numEpochs),
      )
      .map(
        ([steps, epochs]): Map<string, WritableTensor> | string => new Map([...steps, ...epochs]),
      ),
  );

function imported(history: Map<string, WritableTensor> | string): DecodedRun | null {
  const own = FILE.tensors as ReadonlyMap<string, WritableTensor>;
  const inJson = typeof history === "string";
  const bytes = encodeSafetensors({
    tensors: inJson ? own : new Map([...own, ...history]),
    metadata: { ...FILE.metadata, ...(inJson ? { history } : {}) },
  });
  try {
    return decodeRunFile(decodeSafetensors(bytes), "new", () => {});
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    return null;
  }
}

async function expectExported(contents: DecodedRun) {
  const { record, history } = contents;
  const exported = (format: keyof typeof ENCODERS.run) =>
    ENCODERS.run[format](contents, record.name, () => {});
  const [run] = await exported("run");
  const again = decodeRunFile(decodeSafetensors(run?.bytes as Uint8Array), "again", () => {});
  expect(again.history).toEqual(history);
  expect(again.gaps ?? "").not.toContain("could not be read");

  const [events] = await exported("tfevents");
  for (const { wallTime, step } of readTfevents(events?.bytes as Uint8Array)) {
    expect(wallTime).toBeGreaterThanOrEqual(0);
    expect(step).toBeLessThanOrEqual(LAST_STEP);
  }
  const [steps, epochs] = (await exported("csv")).map(({ bytes }) =>
    new TextDecoder().decode(bytes),
  );
  expect(steps?.split("\r\n").length).toBe(history.steps.length + 2);
  expect(epochs?.split("\r\n")[0]?.split(",").length).toBeLessThan(200);
  const [json] = await exported("json");
  expect(JSON.parse(new TextDecoder().decode(json?.bytes)).steps).toHaveLength(
    history.steps.length,
  );
}

function expectDrawn({ record, history }: DecodedRun) {
  const contents = { checkpoint: CHECKPOINT, best: null, snapshotSteps: [], numLost: 0 };
  const kept = { record, changedMs: 0, parts: [] };
  const run = runOf(openedRun({ ...contents, kept, record, history }, "finished"));
  for (const kind of X_KINDS) {
    const axis = runAxis(run, kind);
    const drawing = { run, axis, smoothing: 0.95 };
    const charts = [
      lossSeries(drawing),
      bucketSeries(drawing),
      classSeries(drawing),
      layerSeries(drawing, "Grad"),
      blockSeries(drawing, "Weight", "init_conv"),
      ...chartsOf(metricsOf(run)).map((chart) => chartSeries(chart, drawing)),
    ];
    for (const series of charts) {
      for (const { xs, steps } of series) {
        expect(steps).toEqual(steps.toSorted((a, b) => a - b));
        expect(xs).toEqual(xs.toSorted((a, b) => a - b));
        expect(xs.every(Number.isFinite)).toBe(true);
      }
      expect(tableRows(series, 50).length).toBeLessThanOrEqual(60);
      chartCsv(series, kind);
      chartJson("Chart", series, kind);
      for (const scale of SCALES) {
        const plot = plotOf(series, {
          xKind: kind,
          xScale: scale,
          yScale: scale,
          window: wholeWindow(series, scale),
          fromZero: false,
          cutsSpikes: true,
          maxPoints: 100,
          numXTicks: 5,
          numYTicks: 5,
        });
        const { xTicks, yTicks, yDomain, window, curves } = plot;
        expect(xTicks.length + yTicks.length).toBeLessThan(100);
        const drawn = curves.flatMap(({ points }) => points.flatMap(({ x, y }) => [x, y]));
        const ends = [...yDomain, window.from, window.to];
        expect([...xTicks, ...yTicks, ...ends, ...drawn].every(Number.isFinite)).toBe(true);
        expect(yDomain[0]).toBeLessThan(yDomain[1]);
        const format = tickFormat(yTicks, scale);
        for (const tick of yTicks) expect(format(tick).length).toBeLessThan(60);
      }
    }
  }
  const pace = paceOf(run);
  expect(pace?.step).toBe(LAST_STEP);
  expect([pace?.stepsPerSecond ?? 0, pace?.leftMs ?? 0].every(Number.isFinite)).toBe(true);
  const compared = {
    ...run,
    place: 0,
    numParameters: 1,
    startedFrom: null,
    stepsPerEpoch: 2,
    snapshots: [],
  };
  for (const { values } of results([
    compared as unknown as Parameters<typeof results>[0][number],
  ])) {
    expect(values[0]?.length).toBeLessThan(60);
  }
  lossCurve(run.steps, [{ step: 0 }, { step: LAST_STEP }]);
  expect(bucketRows(run.epochs, 100).length).toBeLessThanOrEqual(100);
  const ofTimesteps = timestepLosses(
    [compared as unknown as Parameters<typeof timestepLosses>[0][number]],
    null,
  );
  expect(timestepRows(ofTimesteps.map(({ parts }) => parts)).length).toBeLessThanOrEqual(100);
  for (const { loss } of run.steps) formatLoss(loss);
}

/** Each takes some ms; the long form meets rarer ones. */
const numRuns = inFull ? 2000 : 40;
const TIMEOUT_MS = inFull ? 600_000 : 30_000;

describe.each([
  ["as JSON, of an earlier version", asJson],
  ["as tensors", asTensors],
])("whatever stands in a file as a history, %s,", (_, histories) => {
  it(
    "is refused in words, or exported and drawn",
    async () => {
      let numTaken = 0;
      await fc.assert(
        fc.asyncProperty(histories, async (history) => {
          const run = imported(history);
          if (!run) return;
          numTaken++;
          await expectExported(run);
          expectDrawn(run);
        }),
        { numRuns },
      );
      expect(numTaken).toBeGreaterThan(numRuns / 4);
    },
    TIMEOUT_MS,
  );
});
