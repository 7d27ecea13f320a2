/** One more entry in a table is all that one more metric takes. */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { compareSeries } from "../../src/app/features/runs/compare/CompareCharts.tsx";
import type { ComparedRun } from "../../src/app/features/runs/compare/comparedRuns.ts";
import { chartsOf } from "../../src/app/shared/charts/series/charts.ts";
import { chartSeries, runAxis } from "../../src/app/shared/charts/series/runSeries.ts";
import { NOTES } from "../../src/app/shared/explain/notes.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
} from "../../src/engine/formats/safetensors/safetensors.ts";
import { METRICS, metricsOf } from "../../src/engine/train/metrics.ts";
import type { EpochReport } from "../../src/engine/train/reports.ts";
import { type BegunStep, StepsInFlight } from "../../src/engine/train/stepsInFlight.ts";
import {
  historyAsCsv,
  historyAsJson,
  historyAsTfevents,
} from "../../src/runtime/files/historyExport.ts";
import type { ExportedFile } from "../../src/runtime/files/runFormats.ts";
import { historyFromTensors, historyTensors } from "../../src/runtime/storage/historyTensors.ts";
import { historyInPart, historyPart } from "../../src/runtime/storage/parts.ts";
import type { History } from "../../src/runtime/storage/records.ts";
import { historyUpTo } from "../../src/runtime/storage/storedHistory.ts";
import { runOfLosses } from "./app/shared/charts/exampleRun.ts";
import { readTfevents } from "./engine/formats/tfeventsReading.ts";
import { qualityFigures } from "./engine/train/exampleHistory.ts";
import { smallConfig, smallSession } from "./engine/train/smallRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe("one more metric of a step, of an epoch and of samples", () => {
  /** Not in the table, as one of a later version is not. */
  const unknown = { later: 7 };
  const made = {
    madeOfStep: { of: "step", label: "made of a step", help: "Made." },
    madeOfEpoch: { of: "epoch", label: "made of an epoch", help: "Made." },
    "quality.made": { of: "samples", label: "made of samples", help: "Made." },
  };
  let recorded: History;

  afterAll(() => {
    for (const id of Object.keys(made)) Reflect.deleteProperty(METRICS, id);
  });

  beforeAll(async () => {
    Object.assign(METRICS, made);
    const { add } = StepsInFlight.prototype;
    vi.spyOn(StepsInFlight.prototype, "add").mockImplementation(function (
      this: StepsInFlight,
      begun,
    ) {
      const madeOfStep = tf.scalar(begun.step / 2);
      add.call(this, { ...begun, scalars: { ...begun.scalars, madeOfStep } } as BegunStep);
    });
    const session = smallSession(
      { evaluateEvery: 1 },
      {
        // biome-ignore lint/correctness/useYield: it has nothing to tell meanwhile.
        async *evaluate() {
          return { ...qualityFigures(), ...unknown, made: 0.5 };
        },
      },
    );
    recorded = { steps: [], epochs: [] };
    for await (const report of session.run()) {
      if (report.type === "step") recorded.steps.push(report.step);
      if (report.type === "epoch") {
        recorded.epochs.push({ ...report.epoch, ...unknown, madeOfEpoch: 3 } as EpochReport);
      }
    }
    session.dispose();
  });

  it("is told by the session, read from the device with the loss", () => {
    expect(recorded.steps).toMatchObject([{ madeOfStep: 0.5 }, { madeOfStep: 1 }]);
    expect(recorded.epochs).toMatchObject([{ quality: { made: 0.5 } }]);
  });

  it("is stored and read back, and so is one that the table does not know", () => {
    const last = { step: 2, numEpochs: 1 };
    const [, bytes] = historyPart(2, recorded);
    expect(historyUpTo([historyInPart(bytes, last)], last)).toEqual(recorded);
  });

  it("is in a run's file and comes back from it", () => {
    const tensors = new Map(historyTensors(recorded));
    const read = decodeSafetensors(encodeSafetensors({ tensors })).tensors;
    const last = { step: 2, numEpochs: 1 };
    expect(historyUpTo([historyFromTensors(read, last, () => {})], last)).toEqual(recorded);
  });

  it("is exported under a name of its own", () => {
    const history = { name: "made", config: smallConfig(), ...recorded, frames: [] };
    const text = ({ bytes }: { bytes: Uint8Array }) => new TextDecoder().decode(bytes);
    const [steps, epochs] = historyAsCsv(history).map((file) =>
      text(file)
        .split("\r\n")
        .map((line) => line.split(",")),
    );
    const rowOf = (table: string[][] | undefined) =>
      Object.fromEntries(table?.[0]?.map((name, i) => [name, table[1]?.[i]]) ?? []);
    expect(rowOf(steps)).toMatchObject({ made_of_step: "0.5" });
    const row = rowOf(epochs);
    expect(row).toMatchObject({ made_of_epoch: "3", later: "7" });
    expect(row).toMatchObject({ quality_made: "0.5", quality_later: "7" });

    const [events] = historyAsTfevents(history);
    const values = readTfevents(events?.bytes as Uint8Array).flatMap((e) => e.summary?.value ?? []);
    const tags = Object.fromEntries(values.map(({ tag, simpleValue }) => [tag, simpleValue]));
    expect(tags).toMatchObject({ made_of_step: 1, made_of_epoch: 3, later: 7 });
    expect(tags).toMatchObject({ "quality/made": 0.5, "quality/later": 7 });
    const json = JSON.parse(text(historyAsJson(history)[0] as ExportedFile));
    expect(json).toMatchObject(JSON.parse(JSON.stringify(recorded)));
  });

  it("has a chart of its own on the page, with its label, and so has one that the table does not know", () => {
    const run = { ...runOfLosses([]), ...recorded };
    const drawing = { run, axis: runAxis(run, "epoch"), smoothing: 0.9 };
    const drawn = chartsOf(metricsOf(run)).map((chart) => [
      chart.title,
      chartSeries(chart, drawing).map(({ name, values }) => [name, values]),
    ]);
    expect(Object.fromEntries(drawn)).toMatchObject({
      "Made of a step": [["made of a step", [0.5, 1]]],
      "Made of an epoch": [["made of an epoch", [3]]],
      "Made of samples": [["made of samples", [0.5]]],
      Later: [["later", [7]]],
      "Samples later": [["samples later", [7]]],
    });
  });

  it("is compared between runs, under a name that an address may have", () => {
    const place = { place: 0, startedFrom: null, numParameters: 1, stepsPerEpoch: 2 };
    const run: ComparedRun = { ...runOfLosses([]), ...recorded, ...place, snapshots: [] };
    const other = { ...run, runId: "b", name: "Other", place: 1, steps: [], epochs: [] };
    const charts = chartsOf(metricsOf(other, run));
    const keys = charts.map(({ key }) => key);
    expect(keys.slice(-5)).toEqual(["madeOfStep", "madeOfEpoch", "made", "later", "samples later"]);
    const compared = charts.slice(-5).map((chart) => {
      return compareSeries([run, other], { chart, x: "step", smoothing: 0 })[0]?.values;
    });
    expect(compared).toEqual([[0.5, 1], [3], [0.5], [7], [7]]);
  });

  it("is drawn twenty times at most where the table does not know it", () => {
    // In the last step alone.
    const odd = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`odd${i}`, i]));
    const [few, many] = [recorded.steps, [...recorded.steps, { ...recorded.steps[0], ...odd }]].map(
      (steps) => chartsOf(metricsOf({ steps, epochs: [] })).length,
    ) as [number, number];
    expect(many - few).toBe(20);
  });
});

describe("the notes of charts", () => {
  it("are there", () => {
    const notes = chartsOf(metricsOf()).flatMap(({ note }) => note ?? []);
    expect(Object.keys(NOTES)).toEqual(expect.arrayContaining(notes));
  });
});
