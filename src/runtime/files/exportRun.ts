import { plainFileName } from "../../engine/formats/plainFileName.ts";
import type { OnFraction } from "../run/progress.ts";
import type { WholeRun } from "../storage/records.ts";
import { digitsOf } from "./picture.ts";
import type { ReportChoices } from "./reportChoices.ts";
import { encodeRunFile } from "./runFile.ts";
import type { ExportedFile, FormatOf } from "./runFormats.ts";
import { encodeWeights, type WeightsFile } from "./weightsFile.ts";

/**
 * @param name what the files are named after
 * @param choices of a web page
 */
type Encoder<Subject> = (
  subject: Subject,
  name: string,
  onFraction: OnFraction,
  choices?: ReportChoices,
) => ExportedFile[] | Promise<ExportedFile[]>;

const asHistory =
  (encode: "historyAsTfevents" | "historyAsCsv" | "historyAsJson"): Encoder<WholeRun> =>
  async ({ record, history, snapshots }, name, onFraction) => {
    const frames = snapshots.map((snapshot) => ({ ...snapshot, ...digitsOf(snapshot) }));
    const exported = { name, config: record.config, ...history, frames };
    return (await import("./historyExport.ts"))[encode](exported, onFraction);
  };

const safetensors = (fileName: string, bytes: ExportedFile["bytes"]): ExportedFile[] => [
  { fileName: `${fileName}.safetensors`, bytes },
];

/**
 * The encoders of `RUN_FORMATS`. Those of whole runs and weights are loaded from the start, so that these
 * can be saved also when the server is gone; the others when they are needed.
 */
export const ENCODERS: {
  run: Record<FormatOf<"run">, Encoder<WholeRun>>;
  weights: Record<FormatOf<"weights">, Encoder<Omit<WeightsFile, "dtype">>>;
} = {
  run: {
    run: (contents, name) => safetensors(plainFileName(name), encodeRunFile(contents)),
    tfevents: asHistory("historyAsTfevents"),
    csv: asHistory("historyAsCsv"),
    json: asHistory("historyAsJson"),
    notebook: async (contents, name) =>
      (await import("./notebook/notebook.ts")).runAsNotebook(contents, name),
    page: async (contents, name, _, choices) => {
      const { default: template } = await import("virtual:report");
      return (await import("./report.ts")).runAsReport(contents, name, { ...choices, template });
    },
  },
  weights: {
    float32: (weights, name) => safetensors(name, encodeWeights({ ...weights, dtype: "F32" })),
    float16: (weights, name) =>
      safetensors(`${name}-float16`, encodeWeights({ ...weights, dtype: "F16" })),
    tfjs: async (weights, baseName) =>
      (await import("./tfjsArtifacts.ts")).encodeTfjsArtifacts({ ...weights, baseName }),
  },
};
