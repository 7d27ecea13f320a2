import { basename, dirname, join } from "node:path";
import { ENCODERS } from "../../runtime/files/exportRun.ts";
import { type FormatOf, RUN_FORMATS, type RunFormat } from "../../runtime/files/runFormats.ts";
import { CommandError, idOption, newFile, type Options, typedOptions } from "./options.ts";
import { endOnFault, startNodeBackend } from "./parts/nodeBackend.ts";
import { replaceFile } from "./parts/outputFiles.ts";
import { readNetwork } from "./parts/savedNetwork.ts";

export const OPTIONS = {
  weights: { type: "string", help: "a run, or a weights file" },
  format: {
    type: "string",
    default: "float16",
    get help() {
      const lines = Object.entries(RUN_FORMATS).map(
        ([id, { of, help }]) =>
          `\n    ${id.padEnd(10)} ${help}${of === "run" ? " (from a run)" : ""}`,
      );
      return `one of those below${lines.join("")}\n   `;
    },
  },
  out: {
    type: "string",
    help: "the file; where a format makes several, what their names begin with (default run or weights)",
  },
} as const satisfies Options;

/**
 * `npm run export`: a run, or its network's moving average, or weights where there is none, in one of
 * `RUN_FORMATS`.
 */
export async function run(args: string[]): Promise<number> {
  const options = typedOptions(args, OPTIONS);
  const format = idOption("format", options.format, Object.keys(RUN_FORMATS) as RunFormat[]);
  const { of, extension } = RUN_FORMATS[format];
  const path = newFile("out", options.out ?? `${of}.${extension}`);
  const files = await filesOf(options.weights, format, basename(path, `.${extension}`));
  // Several files keep the names that tell them apart.
  const paths = files.map(({ fileName }) =>
    files.length === 1 ? path : newFile("out", join(dirname(path), fileName)),
  );
  files.forEach(({ bytes }, i) => {
    replaceFile(paths[i] as string, bytes);
    process.stderr.write(`${bytes.length} bytes are in ${paths[i]}\n`);
  });
  return 0;
}

async function filesOf(weights: string | undefined, format: RunFormat, name: string) {
  const { config, facts, denoiser, contents } = await readNetwork(weights);
  if (format in ENCODERS.run) {
    if (contents) return ENCODERS.run[format as FormatOf<"run">](contents, name, () => {});
    throw new CommandError(
      `Expected a run for --format ${format}, but ${weights} has weights alone.`,
    );
  }
  // The denoiser's values are a tensor.
  await startNodeBackend("wasm", endOnFault);
  const values = await denoiser("ema").values.data<"float32">();
  const encode = ENCODERS.weights[format as FormatOf<"weights">];
  return encode({ config, values, facts: facts("ema") }, name, () => {});
}
