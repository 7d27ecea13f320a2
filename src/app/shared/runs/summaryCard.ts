/** What a run's summary card says: its budget, its device and what it reached. Pure. */
import { entryWith, isUsed, type RunConfig } from "../../../engine/config/hyperparameters.ts";
import {
  PRESETS,
  type PresetName,
  presetConfig,
  presetOfRun,
  settingsChangedFrom,
} from "../../../engine/config/presets.ts";
import { classRows } from "../../../engine/config/snapshotSteps.ts";
import { configToQuery } from "../../../engine/config/url.ts";
import { pickImages } from "../../../engine/data/imageOrder.ts";
import { samplerEntry } from "../../../engine/diffusion/samplers.ts";
import { takesPoints } from "../../../engine/nn/architectures.ts";
import { metricsOf, numberIn } from "../../../engine/train/metrics.ts";
import { digitsOf } from "../../../runtime/files/picture.ts";
import {
  counted,
  formatCount,
  formatDuration,
  formatRunSetting,
  formatShare,
} from "../../../runtime/format.ts";
import type { Picture, Snapshot } from "../../../runtime/storage/records.ts";
import type { Evaluation } from "../../state/slices/evaluation.ts";
import type { Run } from "../../state/slices/run.ts";
import type { ReadableRun } from "../../state/slices/storedRuns.ts";
import { isTrainedModel } from "../../state/trainedModels.ts";
import { formatOf } from "../charts/series/charts.ts";
import { wallTimeMs } from "../charts/series/runSeries.ts";
import { formatEpoch, formatStep } from "./runFacts.ts";

interface CardRow {
  name: string;
  value: string;
}

export interface SummaryCard {
  title: string;
  budget: CardRow[];
  figures: CardRow[];
  /** In sentences: what the card would say besides, and how to get it. */
  missing: string[];
  /** Opens the page with the run's settings, and with the model of the page that it began with. */
  link: string;
  /** Null where none were drawn. */
  digits: Picture | null;
  /** Training losses, each the mean of as many steps, at most 100. */
  losses: number[];
}

export type CardHistory = Pick<Run, "steps" | "epochs"> & { snapshots: readonly Snapshot[] };

interface CardOptions {
  /** As it stands now. */
  run: ReadableRun;
  history: CardHistory;
  /** Measurements of this visit, the newest last. */
  evaluations: readonly Evaluation[];
  /** The page's address without parameters. */
  pageUrl: string;
}

export function summaryCard({ run, history, evaluations, pageUrl }: CardOptions): SummaryCard {
  const measured = measuredRows(run, evaluations);
  const newest = history.snapshots.at(-1);
  const preset = presetOfRun(run);
  const query = configToQuery(preset, run.config);
  const began = run.startedFrom?.fileName ?? "";
  if (isTrainedModel(began)) query.set("model", began);
  const card = {
    title: run.name,
    budget: budgetRows(run, history, preset),
    figures: [...metricRows(history), ...measured],
    link: `${pageUrl}?${query}`,
    losses: meanLosses(history.steps),
    digits: newest ? someDigits(digitsOf(newest), run.config) : run.picture,
  };
  const isMeasured = measured.length > 0 || history.epochs.some(({ quality }) => quality);
  return {
    ...card,
    missing: formatMissing(run, history, { isMeasured, hasDigits: !!card.digits }),
  };
}

function meanLosses(steps: Run["steps"]): number[] {
  const finite = steps.map(({ loss }) => loss).filter(Number.isFinite);
  const size = Math.ceil(finite.length / 100);
  return Array.from({ length: Math.ceil(finite.length / size) || 0 }, (_, i) => {
    const part = finite.slice(i * size, (i + 1) * size);
    return part.reduce((sum, loss) => sum + loss, 0) / part.length;
  });
}

/** As many as can be seen well in a small picture: two of each of ten classes, or 16. */
function someDigits({ count, pixels }: Picture, config: RunConfig): Picture {
  const { perClass = 0 } = classRows(count, config) ?? {};
  const places = Array.from({ length: count }, (_, i) => i)
    .filter((place) => perClass === 0 || place % perClass < 2)
    .slice(0, perClass === 0 ? 16 : 20);
  return { count: places.length, pixels: pickImages(pixels, places) };
}

/** The card as plain text, to be pasted anywhere. */
export function formatSummaryCard({ title, budget, figures, missing, link }: SummaryCard): string {
  const lines = (rows: CardRow[]) => rows.map(({ name, value }) => `${name}: ${value}`);
  const parts = [[title], lines(budget), lines(figures), missing, [`Settings: ${link}`]];
  return parts
    .filter((part) => part.length > 0)
    .map((part) => part.join("\n"))
    .join("\n\n");
}

/** The settings with an effect that are not as in a preset, in words. */
export function changedSettings(preset: PresetName, config: RunConfig) {
  const names = settingsChangedFrom(preset, config).filter((name) => isUsed(name, config));
  return names.map((name) => ({
    label: entryWith(name, config).label,
    value: formatRunSetting(name, config),
    presetValue: formatRunSetting(name, presetConfig(preset)),
  }));
}

function budgetRows(run: ReadableRun, history: CardHistory, preset: PresetName): CardRow[] {
  const { config, dataset, startedFrom } = run;
  const changes = changedSettings(preset, config).map(({ label, value }) => `${label} ${value}`);
  const stepsMs = history.steps.reduce((sum, { stepMs }) => sum + (Number(stepMs) || 0), 0);
  const wholeMs = wallTimeMs(history);
  const data = `${dataset.name}, ${formatCount(dataset.numTrain)} to train on`;
  return [
    { name: "Preset", value: PRESETS[preset].label },
    { name: takesPoints(config) ? "Points" : "Images", value: data },
    { name: "Network", value: counted(run.numParameters, "parameter") },
    ...(startedFrom ? [{ name: "Started from", value: startedFrom.fileName }] : []),
    { name: "Steps", value: formatStep(run) },
    { name: config.distilFrom > 0 ? "Phase" : "Epoch", value: formatEpoch(run) },
    ...(stepsMs > 0 ? [{ name: "Training time", value: formatDuration(stepsMs) }] : []),
    ...(wholeMs > 0
      ? [{ name: "Wall time", value: `${formatDuration(wholeMs)}, with pauses and stops` }]
      : []),
    ...(run.device === undefined ? [] : [{ name: "Device", value: run.device }]),
    ...(changes.length > 0 ? [{ name: "Changed", value: changes.join(", ") }] : []),
  ];
}

/** Rows of the metrics that have a best value: the last value, and the best where it is another. */
function metricRows({ steps, epochs }: CardHistory): CardRow[] {
  return metricsOf().flatMap((metric) => {
    const { of, label, title = label, best, isLive } = metric;
    // A live validation stands in for the full one until there is that.
    if (!best || (isLive && epochs.length > 0)) return [];
    const reports: readonly object[] = of === "step" ? steps : epochs;
    const values = reports.flatMap((report) => {
      const value = numberIn(report, metric);
      return Number.isFinite(value) ? [value as number] : [];
    });
    const last = values.at(-1);
    if (last === undefined) return [];
    const words = formatOf(metric).format;
    const bestOf = best === "lowest" ? Math.min : Math.max;
    const reached = values.reduce((most, value) => bestOf(most, value));
    const besides = words(reached) === words(last) ? "" : ` (${best} ${words(reached)})`;
    return [{ name: title, value: words(last) + besides }];
  });
}

/** The newest measurement of a run's samples in Quality; null where there is none of this visit. */
export function newestMeasurement(runId: string, evaluations: readonly Evaluation[]) {
  const isOwn = ({ result: { source } }: Evaluation) =>
    source.kind === "run" && source.runId === runId;
  return evaluations.findLast(isOwn) ?? null;
}

/** `256 samples in 10 steps of DPM-Solver++(2M) with guidance 1.5 after 600 training steps` */
export function formatMeasured({ request, result }: Evaluation): string {
  const { figures, trainedSteps, objective } = result;
  const { kind, timesteps } = request.sampler;
  const sampler = samplerEntry(kind, objective).label;
  const drawn = timesteps === undefined ? sampler : `${counted(timesteps, "step")} of ${sampler}`;
  const guided = request.guidance === null ? "" : ` with guidance ${request.guidance}`;
  const after = trainedSteps === null ? "" : ` after ${counted(trainedSteps, "training step")}`;
  const latest = request.weights === "raw" ? ", latest weights" : "";
  return `${counted(figures.count, "sample")} in ${drawn}${guided}${after}${latest}`;
}

function measuredRows({ runId }: ReadableRun, evaluations: readonly Evaluation[]): CardRow[] {
  const own = newestMeasurement(runId, evaluations);
  if (!own) return [];
  const { figures, frechetFloor } = own.result;
  const { frechetDistance, meanConfidence, shareConfident, readAsAsked } = figures;
  return [
    { name: "Fréchet distance", value: frechetDistance.toFixed(3) },
    ...(meanConfidence === undefined
      ? []
      : [{ name: "Mean confidence", value: meanConfidence.toFixed(3) }]),
    ...(shareConfident === undefined
      ? []
      : [{ name: "Confidence above 0.9", value: formatShare(shareConfident) }]),
    ...(readAsAsked === undefined
      ? []
      : [{ name: "Read as asked", value: formatShare(readAsAsked) }]),
    { name: "Training images", value: `Fréchet distance ${frechetFloor.distance.toFixed(3)}` },
    { name: "Measured", value: formatMeasured(own) },
  ];
}

function formatMissing(
  { config, device, dataset }: ReadableRun,
  { steps, epochs }: CardHistory,
  { isMeasured, hasDigits }: { isMeasured: boolean; hasDigits: boolean },
): string[] {
  const words = [
    steps.length === 0 && "No history of its steps is stored, so its time is not known.",
    device === undefined && "Its device is not known: earlier versions did not record it.",
    epochs.length === 0 &&
      dataset.numValidation > 0 &&
      "No full validation yet: it comes at the end of an epoch.",
    !isMeasured &&
      !takesPoints(config) &&
      "Its samples are not measured yet: open the run and press Measure in Quality.",
    !hasDigits && "No preview is drawn yet, so there is no picture to show.",
  ];
  return words.filter((sentence) => sentence !== false);
}
