import { NEEDED_TO_SAMPLE } from "../../engine/config/fromJson.ts";
import { DEFAULT_PRESET, PRESETS } from "../../engine/config/presets.ts";
import { CommandError, fromCaller, newFile, type Options, typedOptions } from "./options.ts";
import { INTERRUPTED, watchInterrupt } from "./parts/interrupt.ts";
import { withLockedFile } from "./parts/outputFiles.ts";
import { newRun, resumedRun } from "./parts/runStart.ts";
import { readStartWeights } from "./parts/savedNetwork.ts";
import { StatusLine } from "./parts/statusLine.ts";
import { deviceOption, startTrainer, TRAINING_OPTIONS } from "./parts/trainer.ts";
import { readImages } from "./parts/trainingImages.ts";

export const OPTIONS = {
  ...TRAINING_OPTIONS,
  preset: {
    type: "string",
    help: `settings to begin with: ${Object.keys(PRESETS).join(", ")} (default ${DEFAULT_PRESET})`,
  },
  epochs: {
    type: "string",
    help: "passes over the training images; the same as --config epochs=N",
  },
  config: {
    type: "string",
    multiple: true,
    help: "name=value of any setting, by its name in the page's address; may be given again",
  },
  resume: { type: "string", help: "a run of this command or of the page to go on with" },
  weights: { type: "string", help: "a weights file, or a run, that a new run begins with" },
  out: {
    type: "string",
    help: "the run's file, which the page can load (default run.safetensors, or that of --resume)",
  },
  minutes: { type: "string", help: "save and stop after this many minutes" },
} as const satisfies Options;

/** `npm run train`: trains a run, as the page does, into a file. */
export async function run(args: string[]): Promise<number> {
  const options = typedOptions(args, OPTIONS);
  const device = deviceOption(options);
  const path = outputPath(options);
  // From before the file is read: else it might be another command's by then.
  return withLockedFile(path, () => trainInto(path, device, options));
}

async function trainInto(
  path: string,
  device: ReturnType<typeof deviceOption>,
  options: ReturnType<typeof typedOptions<typeof OPTIONS>>,
): Promise<number> {
  const minutes =
    options.minutes === undefined ? Number.POSITIVE_INFINITY : Number(options.minutes);
  if (!(minutes > 0)) throw new CommandError(`Expected --minutes above 0, got ${options.minutes}.`);
  checkOneStart(options);
  const changes = [
    ...(options.config ?? []),
    ...(options.epochs === undefined ? [] : [`epochs=${options.epochs}`]),
  ];

  const weights = options.weights ? await readStartWeights(options.weights) : null;
  const images = await readImages(options.data);
  const start = options.resume
    ? resumedRun(options.resume, changes, images)
    : newRun({ preset: options.preset, changes, weights, images });
  const line = new StatusLine();
  const train = await startTrainer(device, line);
  const { config } = start.identity;
  if (start.warning !== null) line.print(start.warning);
  if (weights && !weights.hasSettings) {
    line.print(
      `${weights.fileName} does not say how it was trained: check ${NEEDED_TO_SAMPLE.map((name) => `${name} ${config[name]}`).join(", ")}. --config sets them.`,
    );
  }
  const interrupt = watchInterrupt(line);
  const endMs = performance.now() + 60_000 * minutes;
  const { step, status, hasStoppedEarly, failure } = await train(
    { ...start, path, images, endMs },
    interrupt,
  );
  interrupt.end();
  if (failure !== null) return 1;
  line.print(`step ${step} is in ${path}`);
  if (status !== "paused") {
    const isOld = start.contents?.record.step === step;
    const wayOn = hasStoppedEarly
      ? "a larger patience (--config patience=…)"
      : "more --epochs than it had";
    if (isOld) line.print(`This run had ended before. With ${wayOn} it goes on.`);
    return 0;
  }
  line.print(`Go on with: npm run train -- --resume ${path}`);
  return interrupt.isAsked ? INTERRUPTED : 0;
}

/** @throws CommandError where settings come from more than one option */
function checkOneStart(options: { preset?: string; weights?: string; resume?: string }): void {
  const given = (["resume", "weights", "preset"] as const).filter((name) => options[name]);
  if (given.length < 2) return;
  const [first, second] = given.map((name) => `--${name}`);
  throw new CommandError(`Expected ${first} without ${second}: the file has its own settings.`);
}

/** @throws CommandError where another file than that of --resume would be overwritten */
function outputPath({ out, resume }: { out?: string; resume?: string }): string {
  const isSame = resume && (!out || fromCaller(out) === fromCaller(resume));
  return isSame ? fromCaller(resume) : newFile("out", out ?? "run.safetensors");
}
