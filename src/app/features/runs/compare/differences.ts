/** The settings in which runs differ, and their results. Pure. */
import {
  HYPERPARAMETERS,
  type HyperparameterName,
} from "../../../../engine/config/hyperparameters.ts";
import { metricsOf, numberIn } from "../../../../engine/train/metrics.ts";
import { formatCount, formatDuration, formatRunSetting } from "../../../../runtime/format.ts";
import { formatOf } from "../../../shared/charts/series/charts.ts";
import { wallTimeMs } from "../../../shared/charts/series/runSeries.ts";
import type { ComparedRun } from "./comparedRuns.ts";

export interface DifferenceRow {
  label: string;
  /** The value in each run, in words. */
  values: string[];
}

/** Only the settings, images and starting points that are not the same in all runs. */
export function differingSettings(runs: readonly ComparedRun[]): DifferenceRow[] {
  const names = Object.keys(HYPERPARAMETERS) as HyperparameterName[];
  const rows: DifferenceRow[] = [
    { label: "Images", values: runs.map(({ dataset }) => dataset.name) },
    {
      label: "Started from",
      values: runs.map(({ startedFrom }) => startedFrom?.fileName ?? "new weights"),
    },
    ...names.map((name) => ({
      label: HYPERPARAMETERS[name].label,
      values: runs.map(({ config }) => formatRunSetting(name, config)),
    })),
  ];
  return rows.filter(({ values }) => new Set(values).size > 1);
}

type RunWithResults = Pick<ComparedRun, "steps" | "epochs" | "numParameters">;

/** The results of each run; `–` where there is none. */
export function results(runs: readonly RunWithResults[]): DifferenceRow[] {
  const row = (label: string, value: (run: RunWithResults) => string | null) => ({
    label,
    values: runs.map((run) => value(run) ?? "–"),
  });
  return [
    row("Steps", ({ steps }) => formatCount(steps.at(-1)?.step ?? 0)),
    row("Epochs completed", ({ epochs }) => formatCount(epochs.length)),
    row("Parameters", ({ numParameters }) =>
      numParameters === null ? null : formatCount(numParameters),
    ),
    row("Wall time, with pauses", (run) => formatDuration(wallTimeMs(run))),
    ...metricsOf().flatMap((metric) => {
      const { of, label, title = label, best } = metric;
      const numbersOf = ({ steps, epochs }: RunWithResults) =>
        (of === "step" ? steps : epochs).flatMap((report) => numberIn(report, metric) ?? []);
      const isRecorded = of === "epoch" || runs.some((run) => numbersOf(run).length > 0);
      if (!best || !isRecorded) return [];
      const words = (value: number | undefined) =>
        Number.isFinite(value) ? formatOf(metric).format(value as number) : null;
      const bestOf = best === "lowest" ? Math.min : Math.max;
      return [
        row(`${title}, last`, (run) => words(numbersOf(run).at(-1))),
        row(`${title}, ${best}`, (run) => words(bestOf(...numbersOf(run).filter(Number.isFinite)))),
      ];
    }),
  ];
}
