import { UnstyledButton } from "@mantine/core";
import { Fragment, useState } from "react";
import { HYPERPARAMETERS } from "../../../../engine/config/hyperparameters.ts";
import { configOfRun, rounds, variedNames } from "../../../../engine/config/sweep.ts";
import { namingOf } from "../../../../engine/data/datasets.ts";
import {
  capitalized,
  formatCount,
  formatDuration,
  formatSetting,
} from "../../../../runtime/format.ts";
import {
  FIGURES,
  formatState,
  rankedBy,
  type Sweep,
  type SweepRun,
  seedCount,
  seedGroups,
} from "../../../../runtime/run/sweep.ts";
import { useApp, useAppState, useThrottledRun } from "../../../shared/AppContext.ts";
import { formatOf } from "../../../shared/charts/series/charts.ts";
import { ImageGrid } from "../../../shared/images/ImageGrid.tsx";
import { DataTable } from "../../../shared/parts/DataTable.tsx";
import { LinkButton } from "../../../shared/parts/LinkButton.tsx";
import { ACTIONS } from "../../../state/actions.ts";
import { paceOf } from "../../../state/slices/pace.ts";
import { isActive } from "../../../state/slices/run.ts";
import { isReadable } from "../../../state/slices/storedRuns.ts";
import classes from "./Sweep.module.css";
import { useSweepState } from "./sweepQueue.ts";

const INTERVAL_MS = 500;

export interface PointedProps {
  sweep: Sweep;
  /** The run under the pointer. */
  pointed: number | null;
  onPoint: (index: number | null) => void;
}

/** All runs with what they reached, sorted by the column that was clicked. */
export function SweepTable({ sweep, pointed, onPoint }: PointedProps) {
  const [sorting, setSorting] = useState<Sorting | null>(null);
  const task = useSweepState((state) => state.task);
  const run = useThrottledRun(INTERVAL_MS);
  const step = (run && isActive(run) && paceOf(run)?.step) || 0;
  const columns = columnsOf(sweep, task && { index: task.index, step });
  return (
    <div style={{ overflowX: "auto" }}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Run</th>
            {columns.map(({ id, label }) => {
              const isSorted = sorting?.id === id;
              const order = sorting?.isDown ? "descending" : "ascending";
              return (
                <th key={id} scope="col" aria-sort={isSorted ? order : undefined}>
                  <UnstyledButton
                    fz="inherit"
                    onClick={() => setSorting({ id, isDown: isSorted && !sorting.isDown })}
                  >
                    {label}
                    <span aria-hidden="true">{isSorted ? (sorting.isDown ? " ▾" : " ▴") : ""}</span>
                  </UnstyledButton>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {sortedRuns(sweep, columns, sorting).map((index) => (
            <Fragment key={index}>
              <tr
                data-pointed={pointed === index || undefined}
                data-current={task?.index === index || undefined}
                onMouseEnter={() => onPoint(index)}
                onMouseLeave={() => onPoint(null)}
              >
                <th scope="row">
                  <RunLink index={index} run={sweep.runs[index] as SweepRun} />
                </th>
                {columns.map(({ id, words }) => (
                  <td key={id}>{words(index)}</td>
                ))}
              </tr>
              {sweep.runs[index]?.failure && (
                <tr className={classes.failure}>
                  <td colSpan={columns.length + 1}>
                    <div>{sweep.runs[index].failure}</div>
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Its newest digits, and its number, which opens it. */
function RunLink({ index, run }: { index: number; run: SweepRun }) {
  const app = useApp();
  const stored = useAppState(({ stored }) => stored.runs?.find(({ runId }) => runId === run.runId));
  const readable = stored && isReadable(stored) ? stored : null;
  const reason = useAppState((state) => (readable ? ACTIONS.openRun.disabledReason(state) : null));
  const name = `Run ${index + 1}`;
  if (!readable) {
    const isGone = run.runId !== null && run.results.length > 0;
    return <span title={isGone ? "It is no longer stored" : undefined}>{name}</span>;
  }
  return (
    <span className={classes.run}>
      {readable.picture && (
        <ImageGrid
          label={`${capitalized(namingOf(readable.dataset).noun)}s of run ${index + 1}`}
          className={classes.picture}
          pixels={readable.picture.pixels}
          count={4}
          columns={4}
        />
      )}
      <LinkButton
        disabled={reason !== null}
        title={reason ?? `Open “${readable.name}”`}
        onClick={() => {
          ACTIONS.openRun.perform(app, readable);
          app.store.setState({ view: "train" });
        }}
      >
        {name}
      </LinkButton>
    </span>
  );
}

/** Mean and standard deviation over seeds, a row for each combination of the other settings. */
export function SeedTable({ sweep }: { sweep: Sweep }) {
  const { plan } = sweep;
  const names = variedNames(plan).filter((name) => name !== "seed");
  const figures = shownFigures(sweep);
  const rows = seedGroups(sweep).map((group) => {
    const { indices, figures: spreads } = group;
    const config = configOfRun(plan, plan.runs[indices[0] ?? 0] ?? {});
    return [
      ...names.map((name) => formatSetting(config[name])),
      seedCount(group),
      ...figures.map((figure) => {
        const spread = spreads[figure.id];
        const mean = formatFigure(figure, spread?.mean);
        return spread && spread.count > 1
          ? `${mean} ± ${formatFigure(figure, spread.deviation)}`
          : mean;
      }),
    ];
  });
  return (
    <section style={{ overflowX: "auto" }} aria-labelledby="seeds">
      <h3 id="seeds">{seedTableWords(rounds(plan).length > 1)}</h3>
      <DataTable
        className={classes.table}
        columns={[
          ...names.map((name) => HYPERPARAMETERS[name].label),
          "Seeds",
          ...figures.map(({ label }) => label),
        ]}
        rows={rows}
      />
    </section>
  );
}

interface Column {
  /** Stays when columns come in before it. */
  id: string;
  label: string;
  /** Sorted by it; text where it is no number. */
  value: (index: number) => number | string | undefined;
  words: (index: number) => string;
}

export interface Sorting {
  /** The column that the rows are sorted by. */
  id: string;
  isDown: boolean;
}

/** @param current the run that is trained now, and how far it is */
export function columnsOf(sweep: Sweep, current: { index: number; step: number } | null): Column[] {
  const { plan, runs } = sweep;
  const newest = (index: number) => runs[index]?.results.at(-1);
  const settings = variedNames(plan).map((name): Column => {
    const settingOf = (index: number) => configOfRun(plan, plan.runs[index] ?? {})[name];
    return {
      id: name,
      label: HYPERPARAMETERS[name].label,
      value: (index) => {
        const value = settingOf(index);
        return typeof value === "number" ? value : String(value);
      },
      words: (index) => formatSetting(settingOf(index)),
    };
  });
  const stepOf = (index: number) => {
    const counted = newest(index)?.step;
    return index === current?.index ? Math.max(counted ?? 0, current.step) : counted;
  };
  const state = (index: number) =>
    index === current?.index ? "training" : formatState(sweep, index);
  return [
    ...settings,
    { id: "state", label: "State", value: state, words: state },
    {
      id: "steps",
      label: "Steps",
      value: stepOf,
      words: (index) => formatCount(stepOf(index) ?? 0),
    },
    {
      id: "time",
      label: "Time",
      value: (index) => newest(index)?.trainedMs,
      words: (index) => (newest(index) ? formatDuration(newest(index)?.trainedMs ?? 0) : "–"),
    },
    ...shownFigures(sweep).map((figure) => ({
      id: figure.id,
      label: figure.label,
      value: (index: number) => newest(index)?.figures[figure.id],
      words: (index: number) => formatFigure(figure, newest(index)?.figures[figure.id]),
    })),
  ];
}

/** Runs without a value come last, either way. */
export function sortedRuns(sweep: Sweep, columns: readonly Column[], sorting: Sorting | null) {
  const indices = [...sweep.runs.keys()];
  const column = columns.find(({ id }) => id === sorting?.id);
  if (!column || !sorting) return indices;
  return indices.sort((a, b) => {
    const [first, second] = [column.value(a), column.value(b)];
    if (first === undefined || second === undefined) {
      return Number(first === undefined) - Number(second === undefined);
    }
    const order =
      typeof first === "number" && typeof second === "number"
        ? first - second
        : String(first).localeCompare(String(second), "en", { numeric: true });
    return sorting.isDown ? -order : order;
  });
}

type Figure = (typeof FIGURES)[number];

/** The figures that at least one run has. */
export function shownFigures({ runs }: Sweep): Figure[] {
  return FIGURES.filter(({ id }) =>
    runs.some(({ results }) => results.some(({ figures }) => id in figures)),
  );
}

/** The first that runs are ranked by, or else of the others the last; null while there is none. */
export function mainFigure(sweep: Sweep): Figure | null {
  const shown = shownFigures(sweep);
  const ranks = rankedBy(sweep.plan).flatMap(
    (id) => shown.find((figure) => figure.id === id) ?? [],
  );
  return ranks[0] ?? shown.at(-1) ?? null;
}

export function formatFigure({ metric }: Figure, value: number | undefined): string {
  return value === undefined ? "–" : formatOf({ format: "loss", ...metric }).format(value);
}

function seedTableWords(isHalved: boolean): string {
  const after = isHalved ? ", after the first round, which all runs are in" : "";
  return `Mean ± standard deviation over seeds${after}`;
}
