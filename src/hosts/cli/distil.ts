import { defaultFrom, distillationConfig } from "../../engine/config/distillation.ts";
import type { HyperparameterName } from "../../engine/config/hyperparameters.ts";
import { nextRunConfig } from "../../engine/config/presets.ts";
import { CommandError, countOption, type Options, typedOptions } from "./options.ts";
import { readStartWeights } from "./parts/savedNetwork.ts";
import { OPTIONS as TRAIN_OPTIONS, run as train } from "./train.ts";

const { backend, data, out, minutes, threads } = TRAIN_OPTIONS;

export const OPTIONS = {
  backend,
  data,
  weights: { type: "string", help: "the network to distil: a weights file or a run" },
  from: {
    type: "string",
    help: "its sampling steps, a power of two (default 32, of a student those that it was made for)",
  },
  to: {
    type: "string",
    help: "those of the last student, a smaller power of two (default at most 4)",
  },
  steps: { type: "string", default: "700", help: "training steps a phase" },
  rate: { type: "string", default: "0.001", help: "learning rate at the beginning of a phase" },
  guidance: {
    type: "string",
    help: "that the students learn to do without (default that of the network's settings)",
  },
  out,
  minutes,
  threads,
} as const satisfies Options;

/**
 * `npm run distil`: trains students of a network, each with half as many sampling steps as the one before
 * (Salimans and Ho 2022). The run's file goes on with `npm run train -- --resume`.
 */
export async function run(args: string[]): Promise<number> {
  const { steps, rate, guidance, ...typed } = typedOptions(args, OPTIONS);
  const { from: typedFrom, to: typedTo, ...passedOn } = typed;
  if (!passedOn.weights)
    throw new CommandError("Expected --weights FILE, a weights file or a run.");
  const weights = await readStartWeights(passedOn.weights);
  const trained = nextRunConfig(weights);
  const from = typedFrom ?? String(defaultFrom(weights, trained));
  const first = countOption("from", from, 2);
  const to = typedTo ?? String(Math.min(4, first / 2));
  const last = countOption("to", to);
  const numPhases = Math.log2(first / last);
  if (!Number.isInteger(Math.log2(last)) || !Number.isInteger(numPhases) || numPhases < 1) {
    throw new CommandError(
      `Expected --from and a smaller --to that are powers of two, such as 32 and 4, got ${from} and ${to}.`,
    );
  }
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
