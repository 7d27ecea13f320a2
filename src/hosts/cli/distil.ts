import { distillationConfig } from "../../engine/config/distillation.ts";
import type { HyperparameterName } from "../../engine/config/hyperparameters.ts";
import { nextRunConfig } from "../../engine/config/presets.ts";
import { CommandError, countOption, type Options, typedOptions } from "./options.ts";
import { readStartWeights } from "./parts/savedNetwork.ts";
import { OPTIONS as TRAIN_OPTIONS, run as train } from "./train.ts";

const { backend, data, out, minutes, threads } = TRAIN_OPTIONS;

export const OPTIONS = {
  ...{ backend, data },
  weights: { type: "string", help: "the weights file of the network to distil" },
  from: { type: "string", default: "32", help: "its sampling steps, a power of two" },
  to: { type: "string", default: "4", help: "those of the last student, a smaller power of two" },
  steps: { type: "string", default: "700", help: "training steps a phase" },
  rate: { type: "string", default: "0.001", help: "learning rate at the beginning of a phase" },
  guidance: {
    type: "string",
    help: "that the students learn to do without (default that of the network's settings)",
  },
  ...{ out, minutes, threads },
} as const satisfies Options;

/**
 * `npm run distil`: trains students of a network, each with half as many sampling steps as the one before
 * (Salimans and Ho 2022). The run's file goes on with `npm run train -- --resume`.
 *
 * @returns the exit status
 * @throws CommandError, or FormatError for a file that is no network
 */
export async function run(args: string[]): Promise<number> {
  const { from, to, steps, rate, guidance, ...passedOn } = typedOptions(args, OPTIONS);
  if (!passedOn.weights) throw new CommandError("Expected --weights FILE, a weights file.");
  const weights = await readStartWeights(passedOn.weights);
  const [first, last] = [countOption("from", from, 2), countOption("to", to)];
  const numPhases = Math.log2(first / last);
  if (!Number.isInteger(Math.log2(last)) || !Number.isInteger(numPhases) || numPhases < 1) {
    throw new CommandError(
      `Expected --from and a smaller --to that are powers of two, such as 32 and 4, got ${from} and ${to}.`,
    );
  }
  const trained = nextRunConfig(weights);
  const config = distillationConfig(trained, {
    from: first,
    to: last,
    phaseSteps: countOption("steps", steps),
    learningRate: Number(rate),
    guidance: guidance === undefined ? trained.guidance : Number(guidance),
  });
  const changes = (Object.keys(config) as HyperparameterName[])
    .filter((name) => config[name] !== trained[name])
    .flatMap((name) => ["--config", `${name}=${config[name]}`]);
  const options = Object.entries(passedOn).flatMap(([name, value]) => [`--${name}`, `${value}`]);
  return train([...options, ...changes]);
}
