import { readFileSync } from "node:fs";
import { ENCODERS } from "../../runtime/files/exportRun.ts";
import { isMeasurement } from "../../runtime/files/readReport.ts";
import type { Measurement } from "../../runtime/files/reportChoices.ts";
import { formatMegabytes } from "../../runtime/format.ts";
import { CommandError, existingFile, newFile, type Options, typedOptions } from "./options.ts";
import { replaceFile } from "./parts/outputFiles.ts";
import { readNetwork } from "./parts/savedNetwork.ts";

export const OPTIONS = {
  weights: { type: "string", help: "a run" },
  out: { type: "string", default: "run.html", help: "the page" },
  title: { type: "string", help: "its heading (default the name of the run)" },
  text: { type: "string", help: "below the heading, with an empty line between paragraphs" },
  figures: {
    type: "string",
    help: "of its samples: a file that npm run evaluate wrote with --json",
  },
  "no-weights": { type: "boolean", help: "without the network, so that no digits can be drawn" },
} as const satisfies Options;

/** `npm run report`: a run as one web page. */
export async function run(args: string[]): Promise<number> {
  const options = typedOptions(args, OPTIONS);
  const path = newFile("out", options.out);
  const { contents } = await readNetwork(options.weights);
  if (!contents) {
    throw new CommandError(`Expected a run for a page, but ${options.weights} has weights alone.`);
  }
  const { title, text, figures, "no-weights": isWithout } = options;
  const measured = figures === undefined ? undefined : readFigures(figures);
  const choices = { title, text, measured, hasWeights: isWithout ? false : undefined };
  const [page] = await ENCODERS.run.page(contents, contents.record.name, () => {}, choices);
  if (!page) throw new Error("Expected a page.");
  replaceFile(path, page.bytes);
  process.stderr.write(`${formatMegabytes(page.bytes.length)} are in ${path}\n`);
  return 0;
}

/** @throws CommandError when there are none in the file */
function readFigures(option: string): Measurement {
  const path = existingFile("figures", option);
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // Not even JSON.
  }
  if (isMeasurement(parsed)) return parsed;
  throw new CommandError(
    `Expected --figures with what npm run evaluate writes with --json, but ${path} has something else, or is of an older version. Measure the run again.`,
  );
}
