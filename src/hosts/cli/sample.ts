import { extname } from "node:path";
import { encodeIdxImages } from "../../engine/data/idx.ts";
import { digitsPng } from "../../runtime/files/digitsPng.ts";
import {
  CommandError,
  newFile,
  type Options,
  SAMPLING_OPTIONS,
  textLabels,
  typedOptions,
} from "./options.ts";
import { drawDigits, namingFor } from "./parts/drawDigits.ts";
import { replaceFile } from "./parts/outputFiles.ts";
import { readNetwork } from "./parts/savedNetwork.ts";
import { beginsWithNumber, START_OPTIONS, startOption } from "./parts/startOptions.ts";
import { StatusLine } from "./parts/statusLine.ts";
import { DATA_OPTION, readImages } from "./parts/trainingImages.ts";

export const OPTIONS = {
  ...SAMPLING_OPTIONS,
  ...START_OPTIONS,
  ...DATA_OPTION,
  count: {
    type: "string",
    help: "digits (default 100, or as many as --text has; of --invert one for each class asked for)",
  },
  out: {
    type: "string",
    default: "samples.png",
    help: "by its ending: .png one picture of all, .idx as MNIST's own files",
  },
} as const satisfies Options;

const DEFAULT_COUNT = 100;

/** A text stands in rows of its own length. */
const ENCODERS = new Map<string, (pixels: Uint8Array, columns: number | undefined) => Uint8Array>([
  [".idx", encodeIdxImages],
  [".png", (pixels, columns) => digitsPng({ pixels, ...(columns && { columns }) })],
]);

/** `npm run sample`: draws digits from a network into a file, from noise or from an image. */
export async function run(args: string[]): Promise<number> {
  const options = typedOptions(args, OPTIONS);
  const encode = ENCODERS.get(extname(options.out));
  if (!encode) throw new CommandError(`Expected --out with .idx or .png, got ${options.out}.`);
  const path = newFile("out", options.out);
  const line = new StatusLine();
  const { text } = options;
  const network = await readNetwork(options.weights);
  const isNumbered = beginsWithNumber(options);
  if (options.data && !isNumbered) {
    throw new CommandError(
      "Expected --data together with --image or --invert and the number of an image, got it without.",
    );
  }
  const heldOut = isNumbered ? (await readImages(options.data)).validation : undefined;
  const naming = namingFor(network);
  const start = startOption(options, network.config, { heldOut, naming });
  const { classes } = network.config;
  const columns = text && classes > 0 ? textLabels(text, classes, naming).length : undefined;
  const defaultCount = columns ?? start?.count ?? DEFAULT_COUNT;
  const typed = { ...options, ...start?.sampling, count: options.count ?? `${defaultCount}` };
  const { pixels, count } = await drawDigits(typed, { network, line, start });
  replaceFile(path, encode(pixels, columns));
  line.print(`${count} ${naming.noun}s are in ${path}`);
  return 0;
}
