/** The numbers that a training run reports, and how they are named, exported and drawn. */
import type { RunConfig } from "../config/hyperparameters.ts";
import { CONFIDENT, MAX_CLASS_ENTROPY } from "../quality/figures.ts";

/** How the numbers of a chart are written; with three digits when left out. */
export type NumberFormat = "loss" | "share" | "shortest" | "ms" | "bytes";

interface Look {
  format?: NumberFormat;
  /** Drawn on a log axis where the person chooses one; else, and when left out, from 0 up. */
  isLog?: true;
  /** The axis reaches to this at least. */
  reaches?: number;
  /** A note of the page that tells how to read it. */
  note?: string;
}

/** A chart in which several metrics share an axis, or lists. */
interface SharedChart extends Look {
  /** Where one chooses among charts. */
  label: string;
  /** Above the chart; its label when left out. */
  title?: string;
}

/** By name in addresses. */
export const CHARTS = {
  loss: { label: "Loss", format: "loss", isLog: true, note: "loss" },
  /** Of the list `bucketLosses` that each epoch has. */
  timestepLoss: {
    label: "Loss by timestep",
    title: "Validation loss by timestep",
    format: "loss",
    isLog: true,
    note: "bucketLines",
  },
  quality: { label: "Quality", format: "share", reaches: 1, note: "epochQuality" },
} as const satisfies Record<string, SharedChart>;

export interface Metric extends Look {
  /** Which reports tell it; of samples are those within the `quality` of an epoch. */
  of: "step" | "epoch" | "samples";
  /** Of its curve, beside others. */
  label: string;
  help: string;
  /** Left out for one of its own, null where it is drawn in none. */
  chart?: keyof typeof CHARTS | null;
  /** Where it stands alone; its label when left out. */
  title?: string;
  /** Of its curve in files and of its own chart in addresses; the last part of its id when left out. */
  key?: string;
  /** In TensorBoard, null where it is not exported; when left out the id in lower case: `step_ms`, `quality/mean_confidence`. */
  tag?: string | null;
  /** In CSV; the tag when left out, `quality_mean_confidence`. */
  column?: string;
  /** It jumps about: the key of its moving average. */
  smoothedKey?: string;
  /** It tells a time, in which that of a run's first step has the compilation of kernels. */
  isTimed?: true;
  /** The mean over an epoch of the first metric in its chart: in its color, and not compared between runs. */
  isMean?: true;
  /** Drawn as a share of this. */
  whole?: number;
  /** Of an epoch's: where runs are compared, the last and this one are told in numbers, too. */
  best?: "lowest" | "highest";
  /** Reports do not tell it: it follows from what they tell. */
  from?: (report: Readonly<Record<string, number>>, config: RunConfig) => number;
}

/** By their names in reports and storage, in the order of charts and columns. One that is not here is kept all the same. */
export const METRICS = {
  loss: {
    of: "step",
    label: "training",
    help: "The mean loss of a step's batch, before its update.",
    chart: "loss",
    tag: "loss/step",
    column: "loss",
    smoothedKey: "smoothed",
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
  validationLoss: {
    of: "epoch",
    label: "validation",
    help: "The mean loss over the validation images, after an epoch.",
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
    help: "How evenly samples fall on the ten digits: 0 where all are one digit, as noise may be, 1 where they are even (Shannon 1948).",
    chart: "quality",
    key: "classSpread",
    whole: MAX_CLASS_ENTROPY,
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
    label: "images a second",
    help: "How many training images went through the network in a second.",
    smoothedKey: "imagesPerSecondSmoothed",
    isTimed: true,
    tag: null,
    from: ({ stepMs = 0 }, config) => (stepMs > 0 ? imagesPerSecond(stepMs, config) : Number.NaN),
  },
  // Of which of the two, a run does not tell.
  memoryBytes: {
    of: "step",
    label: "memory",
    help: "Graphics memory that is taken, in use or kept for the next step; without a graphics device, all tensors of the leading thread.",
    format: "bytes",
  },
} as const satisfies Record<string, Metric>;

type IdsOf<M> = { [Id in keyof typeof METRICS]: (typeof METRICS)[Id] extends M ? Id : never };
/** Of the metrics of a step or of an epoch, those that it has told. */
export type Told<Of extends Metric["of"]> = Partial<
  Record<IdsOf<{ of: Of }>[keyof typeof METRICS], number>
>;

/** Images that steps of this length take in a second. */
export function imagesPerSecond(
  stepMs: number,
  { batchSize, gradientAccumulation }: Pick<RunConfig, "batchSize" | "gradientAccumulation">,
): number {
  return (1000 * batchSize * gradientAccumulation) / stepMs;
}

/** A metric of the table, or one that it does not know, under the name that it is told by. */
export interface NamedMetric extends Omit<Metric, "help"> {
  /** Where it is in a report. */
  path: readonly string[];
  key: string;
  /** Null of one that the table does not know. */
  help: string | null;
}

interface Reports {
  steps: readonly object[];
  epochs: readonly object[];
}

/** Which report it is and when it ended. */
const NO_METRICS = ["step", "epoch", "wallTimeMs"];

/** All metrics of the table, in its order, then what reports of any of some runs tell besides. */
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

/** Of all numbers in reports, also within groups, each once. */
function pathsIn(reports: readonly object[]): string[][] {
  const names = new Set<string>();
  const groups = new Map<string, object[]>();
  /** Of the report before, where it has no groups: mostly the next one has the same, of hundreds of thousands. */
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

/** What a report tells of a metric; undefined where it does not. */
export function numberIn(report: object, { path }: Pick<NamedMetric, "path">): number | undefined {
  let value: unknown = report;
  for (const name of path) value = (value as Record<string, unknown> | undefined)?.[name];
  return typeof value === "number" ? value : undefined;
}

export interface Chart extends Look {
  key: string;
  label: string;
  title: string;
  /** The main one first; none of a chart of lists. */
  metrics: readonly NamedMetric[];
}

/** Of the table. */
export function sharedChart(key: keyof typeof CHARTS): Chart {
  const chart: SharedChart = CHARTS[key];
  const metrics = metricsOf().filter((metric) => metric.chart === key);
  return { title: chart.label, ...chart, key, metrics };
}

/** So many that the table does not know get a chart: a file may have any number. */
const MAX_UNKNOWN = 20;

/** Those of the table, in its order, then those of what it does not know. */
export function chartsOf(metrics: readonly NamedMetric[]): Chart[] {
  const alone = metrics.filter(({ chart }) => chart === undefined);
  const numKnown = alone.filter(({ help }) => help !== null).length;
  return [
    ...(Object.keys(CHARTS) as (keyof typeof CHARTS)[]).map(sharedChart),
    ...alone.slice(0, numKnown + MAX_UNKNOWN).map((metric): Chart => {
      const label = `${metric.label[0]?.toUpperCase()}${metric.label.slice(1)}`;
      return { title: label, ...metric, label, metrics: [metric] };
    }),
  ];
}
