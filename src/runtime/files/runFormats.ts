/**
 * The one table of what a run can be exported as. The menus of the page, the worker's messages and the
 * command `export` are derived from it; the encoders stand in `runtime/files/exportRun.ts`, and the compiler
 * holds that each format has one.
 */
import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import { notebookProblem } from "./notebook/notebookProblem.ts";

/** What people take a run away for. */
export type Purpose = "pytorch" | "share" | "continue" | "data";

interface RunFormatEntry {
  /** What it is made of: all that is stored of a run, or the weights of a network alone. */
  of: "run" | "weights";
  purpose: Purpose;
  label: string;
  /** What comes, and what it is for. */
  help: string;
  /** Ending of the file's name, or of the first of several. */
  extension: string;
  /** Why a run cannot be exported in this format, in a sentence for the person; null when it can. Left out where all can. */
  problem?(config: RunConfig): string | null;
}

export const RUN_FORMATS = {
  run: {
    of: "run",
    purpose: "continue",
    label: "Checkpoint",
    help: "The whole run in one .safetensors file, to continue here or elsewhere",
    extension: "safetensors",
  },
  tfevents: {
    of: "run",
    purpose: "data",
    label: "TensorBoard",
    help: "A .tfevents file: losses and previews",
    extension: "tfevents",
  },
  csv: {
    of: "run",
    purpose: "data",
    label: "CSV",
    help: "Two tables: every step, every epoch",
    extension: "csv",
  },
  json: {
    of: "run",
    purpose: "data",
    label: "JSON",
    help: "Settings, every step and every epoch",
    extension: "json",
  },
  notebook: {
    of: "run",
    purpose: "pytorch",
    label: "Jupyter notebook",
    help: "The run in PyTorch: read it, repeat it, train further. An .ipynb file, and its weights beside it.",
    extension: "ipynb",
    problem: notebookProblem,
  },
  page: {
    of: "run",
    purpose: "share",
    label: "Web page",
    help: "One .html file that opens anywhere: curves, evolution, and the network itself to draw with",
    extension: "html",
  },
  float32: {
    of: "weights",
    purpose: "pytorch",
    label: "float32",
    help: "One safetensors file, exact. For PyTorch, and to load here again.",
    extension: "safetensors",
  },
  float16: {
    of: "weights",
    purpose: "pytorch",
    label: "float16",
    help: "One safetensors file of half the size, rounded to three digits. For PyTorch, and to load here again.",
    extension: "safetensors",
  },
  tfjs: {
    of: "weights",
    purpose: "pytorch",
    label: "TensorFlow.js",
    help: "A model.json and its .bin file, for tf.io.",
    extension: "model.json",
  },
} as const satisfies Record<string, RunFormatEntry>;

export interface ExportedFile {
  fileName: string;
  bytes: Uint8Array<ArrayBuffer>;
}

export type RunFormat = keyof typeof RUN_FORMATS;
/** The formats of a run, or of weights. */
export type FormatOf<Of extends RunFormatEntry["of"]> = {
  [F in RunFormat]: (typeof RUN_FORMATS)[F]["of"] extends Of ? F : never;
}[RunFormat];

export function formatsOf<Of extends RunFormatEntry["of"]>(of: Of) {
  const all = Object.entries<RunFormatEntry>(RUN_FORMATS).filter(([, format]) => format.of === of);
  return all.map(([id, format]) => ({ id: id as FormatOf<Of>, ...format }));
}
