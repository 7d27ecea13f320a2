import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { HYPERPARAMETERS } from "../../engine/config/hyperparameters.ts";
import {
  DEFAULT_PRESET,
  PRESETS,
  type PresetName,
  settingsChangedFrom,
} from "../../engine/config/presets.ts";
import {
  type Budget,
  type Changes,
  checkedPlan,
  configOfRun,
  gridOf,
  lossSettings,
  parseAxis,
  parseRun,
  rounds,
  SweepError,
  type SweepPlan,
  variedNames,
} from "../../engine/config/sweep.ts";
import { type NamedDataset, numClasses } from "../../engine/data/dataset.ts";
import { datasetEntry } from "../../engine/data/datasets.ts";
import { sweepCsv } from "../../runtime/files/sweepCsv.ts";
import { described } from "../../runtime/files/trainedImages.ts";
import { formatCount, formatSetting } from "../../runtime/format.ts";
import { readSweep, SWEEP_FORMAT } from "../../runtime/run/readSweep.ts";
import {
  datasetReason,
  FIGURES,
  formatRun,
  formatState,
  newSweep,
  nextTask,
  resultOf,
  type Sweep,
  type SweepResult,
  seedCount,
  seedGroups,
  withResult,
  withRun,
} from "../../runtime/run/sweep.ts";
import { CommandError, countOption, fromCaller, type Options, typedOptions } from "./options.ts";
import { INTERRUPTED, watchInterrupt } from "./parts/interrupt.ts";
import { replaceFile, withLockedFile } from "./parts/outputFiles.ts";
import { newRun, type RunStart, resumedRun } from "./parts/runStart.ts";
import { StatusLine } from "./parts/statusLine.ts";
import { deviceOption, startTrainer, TRAINING_OPTIONS } from "./parts/trainer.ts";
import { readImages } from "./parts/trainingImages.ts";

/** What a sweep is, and not only how it is computed. */
const PLAN_OPTIONS = {
  preset: {
    type: "string",
    help: `settings to begin with: ${Object.keys(PRESETS).join(", ")} (default ${DEFAULT_PRESET})`,
  },
  config: {
    type: "string",
    multiple: true,
    help: "name=value of a setting that all runs have; may be given again",
  },
  vary: {
    type: "string",
    multiple: true,
    help: "name=values of a setting, such as seed=0-4 or objective=v,x0; given again, all combinations are trained",
  },
  run: {
    type: "string",
    multiple: true,
    help: '"name=value name=value" of one run, in place of --vary; given again for each',
  },
  steps: { type: "string", help: "of each run" },
  minutes: { type: "string", help: "in place of --steps: time for the training steps of each run" },
  halving: {
    type: "string",
    help: "train all runs for a part of the budget, then go on with the best one of so many (successive halving)",
  },
} as const satisfies Options;

export const OPTIONS = {
  ...TRAINING_OPTIONS,
  ...PLAN_OPTIONS,
  data: {
    type: "string",
    multiple: true,
    get help() {
      return `${TRAINING_OPTIONS.data.help}; an earlier sweep goes on with its own`;
    },
  },
  out: {
    type: "string",
    default: "sweep",
    help: "a folder for the runs and their table; with that of an earlier sweep, this goes on",
  },
} as const satisfies Options;

const BETTER =
  "The Fréchet distance is: --config evaluateEvery=1 measures it after every epoch, and halving needs an epoch in the first round.";

/** `npm run sweep`: trains many runs that differ in some settings into a folder, and prints their table. */
export async function run(args: string[]): Promise<number> {
  const options = typedOptions(args, OPTIONS);
  const folder = fromCaller(options.out);
  // Refuses a folder that is no sweep's, beside which a lock has no place.
  storedIn(folder);
  return withLockedFile(folder, () => sweepIn(folder, options));
}

async function sweepIn(folder: string, options: TypedOptions): Promise<number> {
  const device = deviceOption(options);
  const before = storedIn(folder);
  const isPlanned = Object.keys(PLAN_OPTIONS).some((name) => name in options);
  const isBundled = before && datasetEntry(before.dataset).bundled !== null;
  if (isBundled && options.data && options.data.join() !== before.dataset.id) {
    throw new CommandError(
      `Expected --data ${before.dataset.id} of the sweep in ${folder}, got ${options.data.join(" ")}. To go on with it leave --data out; for a new one name another folder with --out.`,
    );
  }
  if (before && !isBundled && !options.data) {
    throw new CommandError(
      `Expected --data with the images of the sweep in ${folder}, which are “${before.dataset.name}”.`,
    );
  }
  const dataset = await readImages(options.data ?? (before ? [before.dataset.id] : undefined));
  const images = described(dataset, { classes: numClasses(dataset) });
  const reason = before && datasetReason(before, images);
  if (reason) throw new CommandError(reason);
  const planned = isPlanned || !before ? planOf(options, dataset) : null;
  if (before && planned && JSON.stringify(before.plan) !== JSON.stringify(planned)) {
    throw new CommandError(
      `Expected the options of the sweep in ${folder}, got others. To go on with it leave them out; for a new one name another folder with --out.`,
    );
  }
  let sweep = before ?? newSweep(planned as SweepPlan, images);
  mkdirSync(folder, { recursive: true });
  const keep = (changed: Sweep) => {
    sweep = changed;
    const stored = { format: SWEEP_FORMAT, sweep };
    replaceFile(join(folder, "sweep.json"), `${JSON.stringify(stored, null, 1)}\n`);
    replaceFile(join(folder, "sweep.csv"), sweepCsv(sweep));
  };
  keep(sweep);

  const line = new StatusLine();
  if (nextTask(sweep) === null) line.print("All runs of this sweep are trained already.");
  const train = await startTrainer(device, line);
  const interrupt = watchInterrupt(line);
  for (let task = nextTask(sweep); task; task = nextTask(sweep)) {
    const { index, round, budget } = task;
    line.print(formatPlace(sweep, index, round));
    const path = join(folder, `run-${index + 1}.safetensors`);
    const trained = await withLockedFile(path, () => {
      const isBegun = existsSync(path);
      const start = isBegun ? resumedRun(path, [], dataset) : startOf(sweep.plan, index, dataset);
      keep(withRun(sweep, index, () => ({ runId: start.identity.runId })));
      return train({ ...start, path, images: dataset, budget }, interrupt);
    });
    if (trained.status === "paused") break;
    const end = trained.status as SweepResult["end"];
    const withFailure = withRun(sweep, index, () => ({ failure: trained.failure }));
    keep(withResult(withFailure, index, resultOf(end, trained.history, budget)));
    if (interrupt.isAsked) break;
  }
  interrupt.end();
  console.log(tableText(sweep));
  const incomparable = lossSettings(sweep.plan).map((name) => HYPERPARAMETERS[name].label);
  if (incomparable.length > 0) {
    line.print(
      `Losses with different ${incomparable.join(", ")} are not to be compared. ${BETTER}`,
    );
  }
  line.print(`The table and the runs are in ${folder}`);
  if (nextTask(sweep) === null) return 0;
  line.print(`Go on with: npm run sweep -- --out ${folder}`);
  return INTERRUPTED;
}

type TypedOptions = ReturnType<typeof typedOptions<typeof OPTIONS>>;

/** @throws CommandError where what was typed is no plan */
function planOf(options: TypedOptions, dataset: NamedDataset): SweepPlan {
  const { preset, config = [], vary = [], run = [], halving } = options;
  if (vary.length > 0 === run.length > 0) {
    const got = run.length > 0 ? "both" : "neither";
    throw new CommandError(
      `Expected --vary name=values or --run "name=value name=value", got ${got}.`,
    );
  }
  const { identity } = newRun({ preset, changes: config, weights: null, images: dataset });
  try {
    const plan: SweepPlan = {
      preset: identity.preset,
      base: identity.config,
      runs: run.length > 0 ? run.map(parseRun) : gridOf(axesOf(vary)),
      budget: budgetOption(options),
      halving: halving === undefined ? null : countOption("halving", halving, 2),
    };
    return checkedPlan(plan, { numClasses: numClasses(dataset), numTrain: dataset.train.count });
  } catch (error) {
    throw error instanceof SweepError ? new CommandError(error.message) : error;
  }
}

function axesOf(vary: readonly string[]): Changes[][] {
  const names = vary.map((text) => text.split("=")[0] ?? "");
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new CommandError(`Expected --vary ${twice} once.`);
  return vary.map((text, i) => parseAxis(names[i] ?? "", text.split("=").slice(1).join("=")));
}

function budgetOption({ steps, minutes }: TypedOptions): Budget {
  if ((steps === undefined) === (minutes === undefined)) {
    const got = steps === undefined ? "neither" : "both";
    throw new CommandError(`Expected --steps or --minutes of each run, got ${got}.`);
  }
  if (steps !== undefined) return { steps: countOption("steps", steps) };
  const number = Number(minutes);
  if (number > 0) return { minutes: number };
  throw new CommandError(`Expected --minutes above 0, got ${minutes}.`);
}

/** Null where there is no sweep yet. @throws CommandError for a folder that has something else */
function storedIn(folder: string): Sweep | null {
  const path = join(folder, "sweep.json");
  if (!existsSync(path)) {
    if (!existsSync(dirname(folder))) {
      throw new CommandError(
        `Expected --out in a folder that is there. Make ${dirname(folder)} first.`,
      );
    }
    if (!existsSync(folder) || readdirSync(folder).length === 0) return null;
    throw new CommandError(
      `Expected a new or empty folder for --out, or one of a sweep, but ${folder} has other files. Name another.`,
    );
  }
  const sweep = readSweep(readFileSync(path, "utf8"));
  if (sweep) return sweep;
  throw new CommandError(
    `Expected the state of a sweep in ${path}, which is damaged or of another version. Name a new folder with --out.`,
  );
}

function startOf(plan: SweepPlan, index: number, dataset: NamedDataset): RunStart {
  const changes = plan.runs[index] ?? {};
  const config = configOfRun(plan, changes);
  const changed = settingsChangedFrom(plan.preset as PresetName, config);
  const typed = changed.map((name) => `${name}=${config[name]}`);
  const start = newRun({ preset: plan.preset, changes: typed, weights: null, images: dataset });
  return { ...start, identity: { ...start.identity, name: formatRun(changes) } };
}

function formatPlace({ plan }: Sweep, index: number, round: number): string {
  const { length } = rounds(plan);
  const ofRounds = length > 1 ? `, round ${round + 1} of ${length}` : "";
  return `Run ${index + 1} of ${plan.runs.length}${ofRounds}: ${formatRun(plan.runs[index] ?? {})}`;
}

/** A line for each run, then mean and standard deviation over seeds. */
function tableText(sweep: Sweep): string {
  const { plan, runs } = sweep;
  const names = variedNames(plan);
  const figures = FIGURES.filter(({ id }) =>
    runs.some(({ results }) => results.some((result) => id in result.figures)),
  );
  const settingsOf = (index: number, without?: string) => {
    const config = configOfRun(plan, plan.runs[index] ?? {});
    return names.map((name) => (name === without ? "" : formatSetting(config[name])));
  };
  const number = (value: number | undefined) => (value === undefined ? "–" : value.toFixed(4));
  const rows = runs.map(({ results }, index) => {
    const newest = results.at(-1);
    return [
      `${index + 1}`,
      ...settingsOf(index),
      formatState(sweep, index),
      formatCount(newest?.step ?? 0),
      ...figures.map(({ id }) => number(newest?.figures[id])),
    ];
  });
  const labels = figures.map(({ label }) => label);
  const groups = seedGroups(sweep).map((group) => [
    "mean",
    ...settingsOf(group.indices[0] ?? 0, "seed"),
    `${seedCount(group)} seeds`,
    "",
    ...figures.map(({ id }) => {
      const spread = group.figures[id];
      const beside = Number.isNaN(spread?.deviation) ? "" : ` ± ${number(spread?.deviation)}`;
      return spread ? `${number(spread.mean)}${beside}` : "–";
    }),
  ]);
  return aligned([["run", ...names, "state", "steps", ...labels], ...rows, ...groups]);
}

function aligned(rows: readonly string[][]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const lines = rows.map((row) => row.map((text, i) => text.padEnd(widths[i] ?? 0)).join("  "));
  return lines.map((text) => text.trimEnd()).join("\n");
}
