import { writeFileSync } from "node:fs";
import { ENCODERS } from "../../runtime/files/exportRun.ts";
import { formatMegabytes } from "../../runtime/format.ts";
import { CommandError, newFile, type Options, typedOptions } from "./options.ts";
import { readNetwork } from "./parts/savedNetwork.ts";

export const OPTIONS = {
  weights: { type: "string", help: "a run" },
  out: { type: "string", default: "run.html", help: "the page" },
  title: { type: "string", help: "its heading (default the name of the run)" },
  text: { type: "string", help: "below the heading, with an empty line between paragraphs" },
  "no-weights": { type: "boolean", help: "without the network, so that no digits can be drawn" },
} as const satisfies Options;

/**
 * `npm run report`: a run as one web page.
 *
 * @returns the exit status
 * @throws CommandError, or FormatError for a file that is no run, or a page that would be too large
 */
export async function run(args: string[]): Promise<number> {
  const options = typedOptions(args, OPTIONS);
  const path = newFile("out", options.out);
  const { contents } = await readNetwork(options.weights);
  if (!contents) {
    throw new CommandError(`Expected a run for a page, but ${options.weights} has weights alone.`);
  }
  const { title, text, "no-weights": isWithout } = options;
  const choices = { title, text, hasWeights: isWithout ? false : undefined };
  const [page] = await ENCODERS.run.page(contents, contents.record.name, () => {}, choices);
  if (!page) throw new Error("Expected a page.");
  writeFileSync(path, page.bytes);
  process.stderr.write(`${formatMegabytes(page.bytes.length)} are in ${path}\n`);
  return 0;
}
