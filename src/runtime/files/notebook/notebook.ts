/**
 * A run as a Jupyter notebook (nbformat 4.5), which has it again in PyTorch. The notebook is the same for every run of images,
 * `notebook.py`, which needs `denoising_diffusion_pytorch`, and for every run of points, `points.py`, which defines its network
 * itself. Both are cut at the lines that begin with `# %%`, and read settings and weights out of the safetensors file beside them.
 */

import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { className, identityIn, namingOf, ownNames } from "../../../engine/data/datasets.ts";
import { pointData } from "../../../engine/data/points.ts";
import { FormatError } from "../../../engine/formats/formatError.ts";
import { plainFileName } from "../../../engine/formats/plainFileName.ts";
import {
  encodeSafetensors,
  type WritableTensor,
} from "../../../engine/formats/safetensors/safetensors.ts";
import { takesPoints } from "../../../engine/nn/architectures.ts";
import { networkParameters } from "../../../engine/nn/networkBlocks.ts";
import { initialValues } from "../../../engine/nn/parameters.ts";
import { writableTensors } from "../../../engine/nn/stateDict.ts";
import type { WholeRun } from "../../storage/records.ts";
import { decodeCheckpoint } from "../checkpointFile.ts";
import type { ExportedFile } from "../runFormats.ts";
import ofImages from "./notebook.py?raw";
import { notebookProblem } from "./notebookProblem.ts";
import ofPoints from "./points.py?raw";

/**
 * The notebook, and beside it a safetensors file with the weights (`weights.`, the moving average where there
 * is one), those that the run began with (`start.`) unless they were of a file, the losses (`history.`), and of a run of
 * points these (`train.`), so that Python need not generate them.
 *
 * @param name of both files
 * @throws FormatError for a run that the notebook cannot train
 */
export function runAsNotebook(
  { record, checkpoints, history }: WholeRun,
  name: string,
): ExportedFile[] {
  const { config } = record;
  const problem = notebookProblem(config);
  if (problem !== null) {
    throw new FormatError(
      `Expected a run that a notebook can repeat. ${problem} Export its weights or its history instead.`,
    );
  }
  const baseName = plainFileName(name);
  const fileName = `${baseName}-notebook.safetensors`;
  const parameters = networkParameters(config);
  const { values, ema } = decodeCheckpoint(config, checkpoints.at(-1)?.bytes as Uint8Array);
  const hasStart = record.startedFrom === null;
  const numbers = (of: readonly number[]): WritableTensor => ({
    dtype: "F32",
    shape: [of.length],
    values: Float32Array.from(of),
  });
  const tensors = new Map<string, WritableTensor>([
    ...writableTensors(parameters, ema ?? values, { prefix: "weights." }),
    ...(hasStart
      ? writableTensors(parameters, initialValues(parameters, config.seed), { prefix: "start." })
      : []),
    ["history.step", numbers(history.steps.map(({ step }) => step))],
    ["history.loss", numbers(history.steps.map(({ loss }) => loss))],
    ["history.epochStep", numbers(history.epochs.map(({ step }) => step))],
    ["history.validationLoss", numbers(history.epochs.map((epoch) => epoch.validationLoss))],
    ...(takesPoints(config) ? trainingPoints(config) : []),
  ]);
  const naming = namingOf(record.dataset);
  const names = ownNames(naming);
  const nameOf = (_: unknown, label: number) => className(naming, label);
  const metadata = {
    format: "pt",
    config: JSON.stringify(config),
    dataset: JSON.stringify({
      ...identityIn(record.dataset),
      ...(names &&
        config.classes > 0 && { classNames: Array.from({ length: config.classes }, nameOf) }),
    }),
    step: String(record.step),
    stepsPerEpoch: String(record.stepsPerEpoch),
  };
  const notebook = {
    cells: cells(takesPoints(config) ? ofPoints : ofImages, {
      title: plain(record.name),
      file: fileName,
      noun: naming.noun,
      class: naming.noun === "digit" ? "digit" : "class",
    }).map(({ kind, text }, i) => ({
      cell_type: kind,
      id: `cell-${i}`,
      metadata: {},
      source: text.split(/(?<=\n)/),
      ...(kind === "code" && { execution_count: null, outputs: [] }),
    })),
    metadata: {
      kernelspec: { display_name: "Python 3", language: "python", name: "python3" },
      language_info: { name: "python" },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
  const json = new TextEncoder().encode(`${JSON.stringify(notebook, null, 1)}\n`);
  return [
    { fileName: `${baseName}.ipynb`, bytes: json },
    { fileName, bytes: encodeSafetensors({ tensors, metadata }) },
  ];
}

/** The points that a run trains on, `[N, 2]`, and their labels, `[N]`. */
function trainingPoints(config: RunConfig): [string, WritableTensor][] {
  const { images, labels, count } = pointData(config).train;
  return [
    ["train.points", { dtype: "F32", shape: [count, 2], values: Float32Array.from(images) }],
    ["train.labels", { dtype: "U8", shape: [count], values: labels }],
  ];
}

interface Cell {
  kind: "markdown" | "code";
  text: string;
}

type Word = "title" | "file" | "noun" | "class";

/** @param words stand in the place of their names in braces */
function cells(source: string, words: Record<Word, string>): Cell[] {
  const filled = source.replaceAll(/{{(title|file|noun|class)}}/g, (_, name: Word) => words[name]);
  const [, ...parts] = filled.split(/^# %%/m);
  return parts.map((part) => {
    const [marker = "", ...lines] = part.split("\n");
    const isMarkdown = marker.trim() === "[markdown]";
    const text = lines.map((line) => (isMarkdown ? line.replace(/^# ?/, "") : line)).join("\n");
    return { kind: isMarkdown ? "markdown" : "code", text: text.trim() };
  });
}

/**
 * A text of a run, which may come from a file, within Markdown: words as they are, anything else as code, in which
 * nothing is a picture, a link or a formula.
 */
function plain(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  const isOfWords =
    /^[\p{L}\p{M}\p{N}\p{So} ,.:;%'’"“”=+()–-]*$/u.test(line) && !/www\./i.test(line);
  return isOfWords ? line : `\` ${line.replaceAll("`", "'")} \``;
}
