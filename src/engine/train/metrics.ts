/**
 * The table of the numbers that a training run reports: how they are named, stored, exported and drawn. An entry is reported
 * under its name where it is computed: of a step among the `scalars` of `session.ts`, of an epoch in its `#endEpoch`, of
 * validation in `validation.ts`, of samples among the `QualityFigures`. One that is computed `from` others is drawn only.
 */
import { LIVE_IMAGES } from "../config/hyperparameters/training.ts";
import type { RunConfig } from "../config/hyperparameters.ts";
import { type ClassFigures, CONFIDENT, maxClassEntropy } from "../quality/figures.ts";

/** How the numbers of a chart are written; three digits when left out. */
export type NumberFormat = "loss" | "share" | "shortest" | "ms" | "bytes";

interface Look {
  format?: NumberFormat;
  /** Whether a log axis can be chosen; the axis starts at 0 otherwise. */
  isLog?: true;
  /** The axis goes at least up to this. */
  reaches?: number;
  /** The page's explanation of how to read it. */
  note?: string;
}

/** A chart of several metrics with one axis, or of a list. */
export interface SharedChart extends Look {
  /** In the list of charts. */
  label: string;
  /** Above the chart; its label when left out. */
  title?: string;
  /** What its curves are named after at their ends, for a list. */
  listOf?: string;
}

const BY_LAYER = { isLog: true, note: "layerNorms", listOf: "layer" } as const;

/** The shared charts, by their names in addresses. */
export const CHARTS = {
  loss: { label: "Loss", format: "loss", isLog: true, note: "loss" },
  /** Drawn from `bucketLosses` of each epoch. */
  timestepLoss: {
    label: "Loss by timestep",
    title: "Validation loss by timestep",
    format: "loss",
    isLog: true,
    note: "bucketLines",
    listOf: "t",
  },
  /** Drawn from `classLosses` of each epoch. */
  classLoss: {
    label: "Loss by class",
    title: "Validation loss by class",
    format: "loss",
    isLog: true,
    note: "classLines",
    listOf: "class",
  },
  /** Drawn from the norms of the few steps that have them. */
  layerGradNorm: { ...BY_LAYER, label: "Gradient norm by layer" },
  layerWeightNorm: { ...BY_LAYER, label: "Weight norm by layer" },
  quality: { label: "Quality", format: "share", reaches: 1, note: "epochQuality" },
} as const satisfies Record<string, SharedChart>;

export interface Metric extends Look {
  /** Which reports have it; "samples" means the `quality` of an epoch. */
  of: "step" | "epoch" | "samples";
  /** Names its curve among others. */
  label: string;
  help: string;
  /** The shared chart it is drawn in; left out for a chart of its own, null for none. */
  chart?: keyof typeof CHARTS | null;
  /** Title of its own chart; its label when left out. */
  title?: string;
  /** Names its curve in files and its own chart in addresses; the last part of its id when left out. */
  key?: string;
  /** Its tag in TensorBoard, null for none; the id in lower case when left out: `step_ms`, `quality/mean_confidence`. */
  tag?: string | null;
  /** Its column in CSV; made of the tag when left out: `quality_mean_confidence`. */
  column?: string;
  /** For a noisy metric, the key of its moving average. */
  smoothedKey?: string;
  /** For a noisy metric, the name of its mean over the last hundred steps, by which a sweep compares runs; lower is better. */
  meanLabel?: string;
  /** It depends on time, so the first step of a run also counts the compilation of kernels. */
  isTimed?: true;
  /** Drawn beside others only where a run has it. */
  isOptional?: true;
  /** The epoch mean of the first metric in its chart: drawn in its color, and not compared between runs. */
  isMean?: true;
  /** Few steps have it. Drawn in the color of the next metric in its chart, which it stands in for until there is that. */
  isLive?: true;
  /** Drawn as a share of this. */
  whole?: (report: object) => number;
  /** A comparison of runs also shows its last and its best value. */
  best?: "lowest" | "highest";
  /** Computes it from the other metrics of a report, which does not have it itself. */
  from?: (report: Readonly<Record<string, number>>, config: RunConfig) => number;
}

/** By their names in reports and storage, in the order of charts and columns. Metrics that are not in the table are kept, too. */
export const METRICS = {
  loss: {
    of: "step",
    label: "training",
    help: "The mean loss of a step's batch, before its update.",
    chart: "loss",
    tag: "loss/step",
    column: "loss",
    smoothedKey: "smoothed",
    meanLabel: "Training loss, mean at the end",
  },
  trainLoss: {
    of: "epoch",
    label: "epoch mean",
    help: "The mean training loss over the images of an epoch.",
    chart: "loss",
    key: "train",
    tag: "loss/train",
    column: "train_loss",
    isMean: true,
  },
  liveLoss: {
    of: "step",
    isLive: true,
    isOptional: true,
    label: "live validation",
    help: `The mean loss over ${LIVE_IMAGES} of the validation images, always the same with the same noise, after a step: it jumps less than the loss of a step.`,
    chart: "loss",
    key: "live",
    tag: "loss/live_validation",
    column: "live_validation_loss",
    title: "Live validation loss",
    format: "loss",
    best: "lowest",
  },
  validationLoss: {
    of: "epoch",
    label: "full validation",
    help: "The mean loss over all validation images, after an epoch.",
    chart: "loss",
    key: "validation",
    tag: "loss/validation",
    column: "validation_loss",
    title: "Validation loss",
    format: "loss",
    best: "lowest",
  },
  "quality.count": {
    of: "samples",
    label: "samples",
    help: "How many samples were measured.",
    chart: null,
    tag: null,
  },
  "quality.meanConfidence": {
    of: "samples",
    label: "mean confidence",
    help: "How sure the classifier is of the digits that it sees in samples, on average.",
    chart: "quality",
  },
  "quality.shareConfident": {
    of: "samples",
    label: `share above ${CONFIDENT}`,
    help: `The share of samples of which the classifier is surer than ${CONFIDENT}.`,
    chart: "quality",
  },
  "quality.readAsAsked": {
    of: "samples",
    label: "read as asked",
    help: "The share of samples that the classifier reads as the digit they were asked to be.",
    chart: "quality",
    title: "Read as asked",
    isOptional: true,
    format: "share",
    best: "highest",
  },
  "quality.frechetDistance": {
    of: "samples",
    label: "distance",
    title: "Fréchet distance on classifier features",
    help: "How far the classifier's features of samples are from those of test images (Heusel et al. 2017).",
    note: "epochDistance",
    best: "lowest",
  },
  "quality.classEntropy": {
    of: "samples",
    label: "spread of digits",
    help: "How evenly samples fall on the classes, such as the ten digits: 0 where all are of one class, as noise may be, 1 where they are even (Shannon 1948).",
    chart: "quality",
    key: "classSpread",
    whole: evenEntropy,
  },
  "quality.nearest.minDistance": {
    of: "samples",
    label: "least distance",
    help: "How far the sample nearest to a training image is from it.",
    chart: null,
    tag: null,
  },
  "quality.nearest.medianDistance": {
    of: "samples",
    label: "median distance",
    help: "How far samples are from their nearest training images, the median.",
    chart: null,
    tag: "quality/median_nearest_distance",
  },
  "quality.nearest.numCopies": {
    of: "samples",
    label: "copies",
    help: "How many samples are as good as copies of a training image.",
    chart: null,
    tag: null,
  },
  gradNorm: {
    of: "step",
    label: "gradient norm",
    help: "The length of the gradient of all weights together, before Gradient clip scales longer ones down to its value.",
    isLog: true,
    note: "gradNorm",
    key: "gradientNorm",
    tag: "gradient_norm",
    smoothedKey: "gradientNormSmoothed",
  },
  learningRate: {
    of: "step",
    label: "learning rate",
    help: "How far a step moves the weights, after warm-up and decay.",
    format: "shortest",
  },
  stepMs: {
    of: "step",
    label: "step time",
    help: "How long a step took; the first one of a run also compiles its programs.",
    format: "ms",
    smoothedKey: "stepMsSmoothed",
    isTimed: true,
  },
  imagesPerSecond: {
    of: "step",
    label: "images per second",
    help: "How many training images went through the network in a second.",
    smoothedKey: "imagesPerSecondSmoothed",
    isTimed: true,
    tag: null,
    from: ({ stepMs = 0 }, config) => (stepMs > 0 ? imagesPerSecond(stepMs, config) : Number.NaN),
  },
  // A run does not record which of the two it was.
  memoryBytes: {
    of: "step",
    label: "memory",
    help: "Graphics memory that is taken, in use or kept for the next step; without a graphics device, all tensors of the leading thread.",
    format: "bytes",
  },
} as const satisfies Record<string, Metric>;

type IdsOf<M> = { [Id in keyof typeof METRICS]: (typeof METRICS)[Id] extends M ? Id : never };
/** The metrics of a step or of an epoch, each of which a report may have or not. */
export type MetricValues<Of extends Metric["of"]> = Partial<
  Record<IdsOf<{ of: Of }>[keyof typeof METRICS], number>
>;

/** Images that steps of this length take in a second. */
export function imagesPerSecond(
  stepMs: number,
  { batchSize, gradientAccumulation }: Pick<RunConfig, "batchSize" | "gradientAccumulation">,
): number {
  return (1000 * batchSize * gradientAccumulation) / stepMs;
}

/** A metric of the table, or an unknown one under the name that reports give it. */
export interface NamedMetric extends Omit<Metric, "help"> {
  /** Where it is in a report. */
  path: readonly string[];
  key: string;
  /** Null for one that is not in the table. */
  help: string | null;
}

interface Reports {
  steps: readonly object[];
  epochs: readonly object[];
}

/** Numbers in reports that are no metrics: which report it is, and when it ended. */
const NO_METRICS = ["step", "epoch", "wallTimeMs"];

/** All metrics of the table in its order, then the unknown ones in the reports of some runs. */
export function metricsOf(...runs: readonly Reports[]): NamedMetric[] {
  const metrics = Object.entries<Metric>(METRICS).map(([id, metric]): NamedMetric => {
    const path = metric.of === "samples" ? id.split(".") : [id];
    return { ...metric, path, key: metric.key ?? (path.at(-1) as string) };
  });
  const idOf = (of: Metric["of"], path: readonly string[]) => [of === "step", ...path].join();
  const known = new Set(metrics.map(({ of, path }) => idOf(of, path)));
  const keys = new Set([...Object.keys(CHARTS), ...metrics.map(({ key }) => key)]);
  const add = (of: Metric["of"], path: string[]) => {
    let key = path.at(-1) as string;
    if (known.has(idOf(of, path)) || NO_METRICS.includes(key)) return;
    while (keys.has(key)) key = `${of} ${key}`;
    keys.add(key);
    known.add(idOf(of, path));
    metrics.push({ of, path, key, label: key, help: null });
  };
  for (const { steps, epochs } of runs) {
    for (const path of pathsIn(steps)) add("step", path);
    for (const path of pathsIn(epochs)) add(path.length > 1 ? "samples" : "epoch", path);
  }
  return metrics;
}

/** The paths of all numbers in reports, including those within groups, each once. */
function pathsIn(reports: readonly object[]): string[][] {
  const names = new Set<string>();
  const groups = new Map<string, object[]>();
  /** Names in the report before, if it has no groups: most of the hundreds of thousands of reports have the same. */
  let before: readonly string[] = [];
  for (const report of reports) {
    let [numNames, numSame] = [0, 0];
    for (const name in report) if (name === before[numNames++]) numSame++;
    if (numSame === numNames && numSame === before.length) continue;
    before = Object.keys(report);
    for (const [name, value] of Object.entries(report as Record<string, unknown>)) {
      if (typeof value === "number") names.add(name);
      else if (typeof value === "object" && value !== null && !Array.isArray(value)) {
        const members = groups.get(name) ?? [];
        members.push(value);
        groups.set(name, members);
        before = [];
      }
    }
  }
  const within = [...groups].flatMap(([name, members]) =>
    pathsIn(members).map((path) => [name, ...path]),
  );
  return [...Array.from(names, (name) => [name]), ...within];
}

/** The value of a metric in a report; undefined if it has none. */
export function numberIn(report: object, { path }: Pick<NamedMetric, "path">): number | undefined {
  let value: unknown = report;
  for (const name of path) value = (value as Record<string, unknown> | undefined)?.[name];
  return typeof value === "number" ? value : undefined;
}

/** The entropy of samples that are spread evenly over the classes that a report has. */
function evenEntropy({ quality }: { quality?: ClassFigures }): number {
  return quality ? maxClassEntropy(quality) : Number.NaN;
}

/** Names it in TensorBoard; null for none. */
export function tagOf({ path, tag = path.map(inLowerCase).join("/") }: NamedMetric): string | null {
  return tag;
}

/** Its name in tables. */
export function columnOf(metric: NamedMetric): string {
  return metric.column ?? (tagOf(metric) ?? metric.key).replaceAll("/", "_");
}

/** `stepMs` as `step_ms`. */
function inLowerCase(name: string): string {
  return name.replaceAll(/(?<=[a-z\d])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
