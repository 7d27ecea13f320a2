import { writeFileSync } from "node:fs";
import { extname } from "node:path";
import { encodeIdxImages } from "../../engine/data/idx.ts";
import { digitsPng } from "../../runtime/files/digitsPng.ts";
import { CommandError, newFile, type Options, SAMPLING_OPTIONS, typedOptions } from "./options.ts";
import { drawDigits } from "./parts/drawDigits.ts";
import { StatusLine } from "./parts/statusLine.ts";

export const OPTIONS = {
  ...SAMPLING_OPTIONS,
  count: { type: "string", default: "100", help: "digits" },
  out: {
    type: "string",
    default: "samples.png",
    help: "by its ending: .png one picture of all, .idx as MNIST's own files",
  },
} as const satisfies Options;

const ENCODERS = new Map<string, (pixels: Uint8Array) => Uint8Array>([
  [".idx", encodeIdxImages],
  [".png", (pixels) => digitsPng({ pixels })],
]);

/**
 * `npm run sample`: draws digits from a network into a file.
 *
 * @returns the exit status
 * @throws CommandError, or FormatError for a file that is no network
 */
export async function run(args: string[]): Promise<number> {
  const options = typedOptions(args, OPTIONS);
  const encode = ENCODERS.get(extname(options.out));
  if (!encode) throw new CommandError(`Expected --out with .idx or .png, got ${options.out}.`);
  const path = newFile("out", options.out);
  const line = new StatusLine();
  const { pixels, count } = await drawDigits(options, line);
  writeFileSync(path, encode(pixels));
  line.print(`${count} digits are in ${path}`);
  return 0;
}
