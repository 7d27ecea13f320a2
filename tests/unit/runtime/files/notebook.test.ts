import { beforeAll, describe, expect, it } from "vitest";
import { HYPERPARAMETERS, type RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import { type DatasetIdentity, identityOf } from "../../../../src/engine/data/datasets.ts";
import { pointData } from "../../../../src/engine/data/points.ts";
import { FormatError } from "../../../../src/engine/formats/formatError.ts";
import { decodeSafetensors } from "../../../../src/engine/formats/safetensors/safetensors.ts";
import { ARCHITECTURES } from "../../../../src/engine/nn/architectures.ts";
import { networkParameters } from "../../../../src/engine/nn/networkBlocks.ts";
import { initialValues } from "../../../../src/engine/nn/parameters.ts";
import { toStateDict } from "../../../../src/engine/nn/stateDict.ts";
import { createUnet } from "../../../../src/engine/nn/unet.ts";
import { STREAMS } from "../../../../src/engine/random.ts";
import { encodeCheckpoint } from "../../../../src/runtime/files/checkpointFile.ts";
import { runAsNotebook } from "../../../../src/runtime/files/notebook/notebook.ts";
import { IN_NOTEBOOK } from "../../../../src/runtime/files/notebook/notebookProblem.ts";
import type { WholeRun } from "../../../../src/runtime/storage/records.ts";
import { CONFIG, wholeRun } from "./wholeRun.ts";

const POINTS_CONFIG: RunConfig = {
  ...CONFIG,
  architecture: "perceptron",
  width: 8,
  depth: 3,
  classes: 2,
  numPoints: 50,
  objective: "flow",
};
const { parameters } = createUnet(CONFIG);
const [start, averaged] = [CONFIG.seed, 9].map((seed) => initialValues(parameters, seed)) as [
  Float32Array,
  Float32Array,
];
let contents: WholeRun;
let ofPoints: WholeRun;

beforeAll(() => {
  contents = runOf(CONFIG);
  ofPoints = runOf(POINTS_CONFIG);
});

/** A run at step 3, with weights of seed 8 and their moving average of seed 9. */
function runOf(config: RunConfig): WholeRun {
  const network = networkParameters(config);
  const valuesOf = (seed: number) => initialValues(network, seed);
  const bytes = encodeCheckpoint(config, {
    step: 3,
    numEpochs: 1,
    lossSum: 0,
    optimizerState: { mean: valuesOf(0), square: valuesOf(0) },
    values: valuesOf(8),
    ema: valuesOf(9),
  });
  const run = wholeRun(bytes, bytes);
  return { ...run, record: { ...run.record, config } };
}

interface Cell {
  cell_type: "markdown" | "code";
  id: string;
  source: string[];
  execution_count?: null;
  outputs?: unknown[];
}

function written(run = contents) {
  const [notebook, weights] = runAsNotebook(run, "My run 1");
  const json = JSON.parse(new TextDecoder().decode(notebook?.bytes));
  const cells = json.cells as Cell[];
  const { tensors, metadata } = decodeSafetensors(weights?.bytes ?? new Uint8Array());
  const python = cells
    .filter(({ cell_type }) => cell_type === "code")
    .map(({ source }) => source.join(""))
    .join("\n");
  return {
    json,
    cells,
    tensors,
    metadata,
    python,
    names: [notebook?.fileName, weights?.fileName],
  };
}

/** The run with other settings of training: the network is the same. */
const withConfig = (changes: Partial<RunConfig>, run = contents): WholeRun => ({
  ...run,
  record: { ...run.record, config: { ...run.record.config, ...changes } },
});

/** The names in a table of a notebook, with what follows in the line: those of its entries stand alone, four spaces in. */
function entriesOf(python: string, table: string) {
  const [, body = ""] = new RegExp(`^${table} = {\n(.*?)^}`, "ms").exec(python) ?? [];
  return Array.from(body.matchAll(/^ {4}"(\w+)": (.*?),?$/gm), ([, name, value]) => [name, value]);
}

const TABLES = [
  ["objective", "OBJECTIVES"],
  ["betaSchedule", "BETA_SCHEDULES"],
  ["lossWeight", "LOSS_WEIGHTS"],
  ["timestepSampling", "TIMESTEP_SAMPLINGS"],
  ["optimizer", "OPTIMIZERS"],
  ["lrDecay", "LR_DECAYS"],
] as const;

/** Settings of networks, optimizers and objectives that no notebook has. */
const REFUSED = [
  "noiseSigma",
  "muonMomentum",
  "muonRateFactor",
  "distilFrom",
  "reflowSteps",
  "distilGuidance",
  "phaseSteps",
];

/** Settings of what is measured and saved meanwhile, and of samplers: training does not follow them. */
const WITHOUT_EFFECT = [
  ...["validationNoise", "validateEvery", "previewEvery", "previewTimesteps", "evaluateEvery"],
  ...["samplerKind", "stepSpacing", "ddimEta", "interpolationNoise"],
  ...["checkpointMinutes", "patience", "minGain", "precision"],
];

describe("a run as a notebook", () => {
  it("says what its set calls the images, and names its classes", () => {
    const ofSet = (dataset: DatasetIdentity) => {
      const labeled = runOf({ ...CONFIG, classes: 3 });
      const record = { ...labeled.record, dataset: { ...labeled.record.dataset, ...dataset } };
      const { metadata, cells } = written({ ...labeled, record });
      const names = JSON.parse(metadata.dataset ?? "").classNames;
      return { names, text: cells.flatMap(({ source }) => source).join("") };
    };
    const own = ofSet({ id: "files", name: "Pets", classNames: ["cat", "dog"] });
    expect(own.names).toEqual(["cat", "dog", "2"]);
    expect(own.text).toContain("the images that it draws");
    expect(ofSet(identityOf("fashion")).names).toEqual(["T-shirt", "trousers", "pullover"]);
    const digits = ofSet(identityOf("mnist"));
    expect(digits.names).toBeUndefined();
    expect(digits.text).toContain("the digits that it draws");
  });

  it("is one of nbformat 4.5, which names the file beside it", () => {
    const { json, cells, names, python } = written();
    expect(names).toEqual(["my-run-1.ipynb", "my-run-1-notebook.safetensors"]);
    expect(json).toMatchObject({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec: {} } });
    expect(new Set(cells.map(({ id }) => id)).size).toBe(cells.length);
    for (const { id, cell_type, source, ...rest } of cells) {
      expect(id).toMatch(/^[a-zA-Z0-9-_]{1,64}$/);
      expect(source.slice(0, -1).every((line) => line.endsWith("\n"))).toBe(true);
      const isCode = cell_type === "code";
      expect(rest).toEqual({
        metadata: {},
        ...(isCode && { execution_count: null, outputs: [] }),
      });
    }
    expect(python).toContain('safe_open("my-run-1-notebook.safetensors", "pt")');
    expect(JSON.stringify(cells)).not.toMatch(/undefined|\[object|{{|# %%/);
    expect(cells.map(({ cell_type }) => cell_type)).toContain("markdown");
  });

  it("has the exported weights, those that the run began with, and its losses beside it", () => {
    const { tensors, metadata } = written();
    for (const [prefix, values] of [
      ["weights.", averaged],
      ["start.", start],
    ] as const) {
      for (const [name, expected] of toStateDict(parameters, values)) {
        const tensor = tensors.get(prefix + name);
        expect(tensor?.shape).toEqual(expected.shape);
        expect(tensor?.values).toEqual(expected.values);
      }
    }
    const { steps, epochs } = contents.history;
    expect(tensors.get("history.loss")?.values).toEqual(
      Float32Array.from(steps, ({ loss }) => loss),
    );
    expect(tensors.get("history.epochStep")?.values).toEqual(
      Float32Array.from(epochs, ({ step }) => step),
    );
    expect(JSON.parse(metadata.config as string)).toEqual(CONFIG);
    const { dataset, step, stepsPerEpoch } = contents.record;
    const { id, name } = dataset;
    expect(JSON.parse(metadata.dataset as string)).toEqual({ id, name });
    expect(metadata).toMatchObject({ step: `${step}`, stepsPerEpoch: `${stepsPerEpoch}` });
  });

  it("of weights of a file lacks those that the run began with", () => {
    const startedFrom = { fileName: "other.safetensors", trainedSteps: 5 };
    const { tensors } = written({ ...contents, record: { ...contents.record, startedFrom } });
    expect([...tensors.keys()].some((name) => name.startsWith("start."))).toBe(false);
  });

  it("is the same for every run, but for its name and its file", () => {
    const { python } = written(
      withConfig({ objective: "x0", offsetNoise: 0.1, lossWeight: "none" }),
    );
    expect(python).toBe(written().python);
  });

  it.each(TABLES)("has the entries of its tables in Python: %s", (name, table) => {
    const names = entriesOf(written().python, table).map(([entry]) => entry);
    expect(names).toEqual(IN_NOTEBOOK.images[name]);
  });

  it("draws from the streams of random numbers that training draws from", () => {
    const entries = entriesOf(written().python, "STREAMS");
    const streams = Object.fromEntries(entries.map(([name, n]) => [name, Number(n)]));
    expect(Object.keys(streams)).toHaveLength(7);
    expect(STREAMS).toMatchObject(streams);
  });

  it("has every setting that training follows", () => {
    const { python } = written();
    const left = Object.keys(HYPERPARAMETERS).filter((name) => !python.includes(`"${name}"`));
    // Only images are trained on, by a U-Net.
    const ofPoints = ["architecture", "width", "depth", "points", "ownPoints", "numPoints"];
    const expected = [...REFUSED, ...ofPoints, ...WITHOUT_EFFECT, "samplingTimesteps"];
    expect(left.toSorted()).toEqual(expected.toSorted());
  });

  it.each([
    ["MNIST", "MNIST"],
    ["Quick, 25 Nov, 14:07 (2) – “größer” 🙂", "Quick, 25 Nov, 14:07 (2) – “größer” 🙂"],
    ["a\n\n```\nimport os\n```\n# b", "` a ''' import os ''' # b `"],
    ["![](https://example.org/a.png)", "` ![](https://example.org/a.png) `"],
    ["see www.example.org", "` see www.example.org `"],
    ["<img src=x>", "` <img src=x> `"],
    ["$\\href{a}{b}$", "` $\\href{a}{b}$ `"],
    ["*b*_c_~d~|e&amp;f", "` *b*_c_~d~|e&amp;f `"],
  ])("shows the name %j as it is, in one line", (name, shown) => {
    const { cells } = written({
      ...contents,
      record: { ...contents.record, name },
    });
    const lines = cells
      .filter(({ cell_type }) => cell_type === "markdown")
      .flatMap(({ source }) => source.map((line) => line.trimEnd()));
    expect(lines[0]).toBe(`# ${shown}`);
  });

  it.each<[string, Partial<RunConfig>, RegExp]>([
    ["flow", { objective: "flow" }, /cannot train with the objective flow\./],
    ["a distillation", { distilFrom: 8 }, /has no distillation\. Export its weights/],
    ["a reflow", { objective: "flow", reflowSteps: 8 }, /not on what another network draws/],
    ["Muon", { optimizer: "muon" }, /cannot train with the optimizer Muon\./],
  ])("is refused for %s, which the package lacks", (_, changes, message) => {
    expect(() => runAsNotebook(withConfig(changes), "run")).toThrow(FormatError);
    expect(() => runAsNotebook(withConfig(changes), "run")).toThrow(message);
  });
});

describe("a run of points as a notebook", () => {
  it("has the weights of its network, and its points, beside it", () => {
    const { tensors, python } = written(ofPoints);
    const network = networkParameters(POINTS_CONFIG);
    for (const [prefix, seed] of [
      ["weights.", 9],
      ["start.", POINTS_CONFIG.seed],
    ] as const) {
      const state = toStateDict(network, initialValues(network, seed));
      const names = [...tensors.keys()].filter((name) => name.startsWith(prefix));
      expect(names.toSorted()).toEqual([...state.keys()].map((name) => prefix + name).toSorted());
      for (const [name, { shape, values }] of state) {
        expect(tensors.get(prefix + name)).toMatchObject({ shape, values });
      }
    }
    const { images, labels } = pointData(POINTS_CONFIG).train;
    expect(tensors.get("train.points")).toMatchObject({ shape: [50, 2], values: images });
    expect(tensors.get("train.labels")).toMatchObject({ shape: [50], values: labels });
    expect(new Set(labels).size).toBe(2);
    expect(python).toContain("class PlaneNet(nn.Module)");
    expect(python).not.toContain("denoising_diffusion_pytorch");
  });

  it("of images has none", () => {
    const names = [...written().tensors.keys()];
    expect(names.some((name) => name.startsWith("train."))).toBe(false);
  });

  it("is the same for every run, but for its name and its file", () => {
    const changes = { objective: "v", lossWeight: "none", guidance: 2, timesteps: 50 } as const;
    expect(written(withConfig(changes, ofPoints)).python).toBe(written(ofPoints).python);
  });

  it.each(TABLES)("has the entries of its tables in Python: %s", (name, table) => {
    const names = entriesOf(written(ofPoints).python, table).map(([entry]) => entry);
    expect(names).toEqual(IN_NOTEBOOK.points[name]);
  });

  it("clips to the bound of points", () => {
    const [, bound] = /^BOUND = (\d+)/m.exec(written(ofPoints).python) ?? [];
    expect(Number(bound)).toBe(ARCHITECTURES.perceptron.bound);
  });

  it("has every setting that training follows", () => {
    const { python } = written(ofPoints);
    const left = Object.keys(HYPERPARAMETERS).filter((name) => !python.includes(`"${name}"`));
    // The points come along, and a perceptron has none of the settings of a U-Net.
    const ofImages = ["dim", "dimMults", "attnHeads", "attnDimHead", "selfCondition", "dropout"];
    const generated = ["architecture", "points", "ownPoints", "numPoints"];
    const expected = [...REFUSED, ...WITHOUT_EFFECT, ...ofImages, "offsetNoise", ...generated];
    expect(left.toSorted()).toEqual(expected.toSorted());
  });

  it.each<[string, Partial<RunConfig>, RegExp]>([
    ["one noise level", { objective: "oneLevel" }, /the objective image at one noise level\./],
    ["a distillation", { distilFrom: 8 }, /has no distillation\. Export its weights/],
    ["a reflow", { objective: "flow", reflowSteps: 8 }, /not on what another network draws/],
    ["Muon", { optimizer: "muon" }, /cannot train with the optimizer Muon\./],
  ])("is refused for %s", (_, changes, message) => {
    expect(() => runAsNotebook(withConfig(changes, ofPoints), "run")).toThrow(FormatError);
    expect(() => runAsNotebook(withConfig(changes, ofPoints), "run")).toThrow(message);
  });

  it("is made whatever sampler the run draws with", () => {
    const run = withConfig({ objective: "v", samplerKind: "heun" }, ofPoints);
    expect(runAsNotebook(run, "run")).toHaveLength(2);
  });
});
