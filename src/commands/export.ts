import { writeFileSync } from "node:fs";
import { encodeWeights } from "../train/weightsFile.ts";
import { CommandError } from "./commandError.ts";
import { endOnFault, startNodeBackend } from "./nodeBackend.ts";
import { type Options, typedOptions } from "./options.ts";
import { newFile } from "./paths.ts";
import { readNetwork } from "./savedNetwork.ts";

export const OPTIONS = {
  weights: { type: "string", help: "a run, or a weights file" },
  format: {
    type: "string",
    default: "float16",
    help: "float16 halves the file and rounds to 11 bits; or float32",
  },
  out: { type: "string", default: "weights.safetensors", help: "the weights file" },
} as const satisfies Options;

const DTYPES = new Map<string, "F16" | "F32">([
  ["float16", "F16"],
  ["float32", "F32"],
]);

/**
 * `npm run export`: the network of a run, its moving average where there is one, as a weights file.
 *
 * @returns the exit status
 * @throws CommandError, or FormatError for a file that is no network
 */
export async function run(args: string[]): Promise<number> {
  const { weights, format, out } = typedOptions(args, OPTIONS);
  const dtype = DTYPES.get(format);
  if (!dtype) throw new CommandError(`Expected --format float16 or float32, got ${format}.`);
  const path = newFile("out", out);
  const { config, facts, denoiser } = await readNetwork(weights);
  // Tensors have to be somewhere.
  await startNodeBackend("wasm", endOnFault);
  const values = await denoiser("ema").values.data<"float32">();
  writeFileSync(path, encodeWeights({ config, values, facts: facts("ema"), dtype }));
  process.stderr.write(`${values.length} parameters are in ${path}\n`);
  return 0;
}
