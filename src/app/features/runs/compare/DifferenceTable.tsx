import { Text } from "@mantine/core";
import {
  HYPERPARAMETERS,
  type HyperparameterName,
} from "../../../../engine/config/hyperparameters.ts";
import { metricsOf, numberIn } from "../../../../engine/train/metrics.ts";
import { formatCount, formatDuration, formatRunSetting } from "../../../../runtime/format.ts";
import { formatOf } from "../../../shared/charts/series/charts.ts";
import { wallTimeMs } from "../../../shared/charts/series/runSeries.ts";
import classes from "./CompareView.module.css";
import { type ComparedRun, tellingNames } from "./comparedRuns.ts";
import { RunSwatch } from "./RunSwatch.tsx";

/** The settings in which the runs differ, and the results of each. */
export function DifferenceTable({ runs }: { runs: readonly ComparedRun[] }) {
  const settings = differingSettings(runs);
  const names = tellingNames(runs.map(({ name }) => name));
  return (
    <section className={classes.differences} aria-label="Differences">
      <table>
        <thead>
          <tr>
            <th scope="col">
              <span className="visuallyHidden">Setting or result</span>
            </th>
            {runs.map(({ runId, place, name }, i) => (
              <th key={runId} scope="col" title={name}>
                <RunSwatch place={place} /> {names[i]}
              </th>
            ))}
          </tr>
        </thead>
        <Rows title="Settings that differ" rows={settings} numRuns={runs.length} />
        <Rows title="Results" rows={results(runs)} numRuns={runs.length} />
      </table>
      {settings.length === 0 && runs.length > 1 && (
        <Text size="sm" c="dimmed">
          All settings are the same.
        </Text>
      )}
    </section>
  );
}

function Rows({ title, rows, numRuns }: { title: string; rows: DifferenceRow[]; numRuns: number }) {
  if (rows.length === 0) return null;
  return (
    <tbody>
      <tr>
        <th scope="rowgroup" colSpan={numRuns + 1} className={classes.group}>
          {title}
        </th>
      </tr>
      {rows.map(({ label, values }) => (
        <tr key={label}>
          <th scope="row">{label}</th>
          {values.map((value, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a column is a run.
            <td key={index}>{value}</td>
          ))}
        </tr>
      ))}
    </tbody>
  );
}

/** A setting or a result of several runs. */
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
