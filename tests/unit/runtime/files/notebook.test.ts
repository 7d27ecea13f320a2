import { beforeAll, describe, expect, it } from "vitest";
import { HYPERPARAMETERS, type RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import { FormatError } from "../../../../src/engine/formats/formatError.ts";
import { decodeSafetensors } from "../../../../src/engine/formats/safetensors/safetensors.ts";
import { initialValues } from "../../../../src/engine/nn/parameters.ts";
import { toStateDict } from "../../../../src/engine/nn/stateDict.ts";
import { createUnet } from "../../../../src/engine/nn/unet.ts";
import { STREAMS } from "../../../../src/engine/random.ts";
import { encodeCheckpoint } from "../../../../src/runtime/files/checkpointFile.ts";
import { runAsNotebook } from "../../../../src/runtime/files/notebook/notebook.ts";
import { IN_NOTEBOOK } from "../../../../src/runtime/files/notebook/notebookProblem.ts";
import type { WholeRun } from "../../../../src/runtime/storage/records.ts";
import { CONFIG, wholeRun } from "./wholeRun.ts";

const { parameters } = createUnet(CONFIG);
const [start, trained, averaged] = [CONFIG.seed, 8, 9].map((seed) =>
  initialValues(parameters, seed),
) as [Float32Array, Float32Array, Float32Array];
let contents: WholeRun;

beforeAll(() => {
  const optimizerState = { mean: start, square: start };
  const bytes = encodeCheckpoint(CONFIG, {
    step: 3,
    numEpochs: 1,
    lossSum: 0,
    optimizerState,
    values: trained,
    ema: averaged,
  });
  contents = wholeRun(bytes, bytes);
});

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
const withConfig = (changes: Partial<RunConfig>): WholeRun => ({
  ...contents,
  record: { ...contents.record, config: { ...CONFIG, ...changes } },
});

describe("a run as a notebook", () => {
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

  /** The names in a table of the notebook: those of its entries stand alone, four spaces in. */
  const entriesOf = (table: string) => {
    const [, body = ""] = new RegExp(`^${table} = {\n(.*?)^}`, "ms").exec(written().python) ?? [];
    return Array.from(body.matchAll(/^ {4}"(\w+)": (.*?),?$/gm), ([, name, value]) => [
      name,
      value,
    ]);
  };

  it.each([
    ["objective", "OBJECTIVES"],
    ["betaSchedule", "BETA_SCHEDULES"],
    ["lossWeight", "LOSS_WEIGHTS"],
    ["timestepSampling", "TIMESTEP_SAMPLINGS"],
    ["optimizer", "OPTIMIZERS"],
    ["lrDecay", "LR_DECAYS"],
  ] as const)("has the entries of its tables in Python: %s", (name, table) => {
    expect(entriesOf(table).map(([entry]) => entry)).toEqual(IN_NOTEBOOK[name]);
  });

  it("draws from the streams of random numbers that training draws from", () => {
    const streams = Object.fromEntries(entriesOf("STREAMS").map(([name, n]) => [name, Number(n)]));
    expect(Object.keys(streams)).toHaveLength(7);
    expect(STREAMS).toMatchObject(streams);
  });

  it("has every setting that training follows", () => {
    const { python } = written();
    const left = Object.keys(HYPERPARAMETERS).filter((name) => !python.includes(`"${name}"`));
    const refused = [
      "noiseSigma",
      "muonMomentum",
      "muonRateFactor",
      "distilFrom",
      "distilGuidance",
      "phaseSteps",
      // Only images are trained on, by a U-Net.
      ...["architecture", "width", "depth", "points", "numPoints"],
    ];
    const withoutEffect = [
      ...["validationNoise", "validateEvery", "previewEvery", "previewTimesteps", "evaluateEvery"],
      ...["samplingTimesteps", "samplerKind", "stepSpacing", "ddimEta", "interpolationNoise"],
      ...["checkpointMinutes", "patience", "minGain", "precision"],
    ];
    expect(left.toSorted()).toEqual([...refused, ...withoutEffect].toSorted());
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
    ["Muon", { optimizer: "muon" }, /cannot train with the optimizer Muon\./],
  ])("is refused for %s, which the package lacks", (_, changes, message) => {
    expect(() => runAsNotebook(withConfig(changes), "run")).toThrow(FormatError);
    expect(() => runAsNotebook(withConfig(changes), "run")).toThrow(message);
  });
});
