import { Anchor } from "@mantine/core";
import { useState } from "react";
import { HYPERPARAMETERS } from "../../../engine/config/hyperparameters.ts";
import { configOfRun, variedNames } from "../../../engine/config/sweep.ts";
import { formatCount, formatDuration, formatSetting } from "../../../runtime/format.ts";
import { type Sweep, type SweepRun, stateWords } from "../../../runtime/run/sweep.ts";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { ImageGrid } from "../../shared/images/ImageGrid.tsx";
import { goToView } from "../../state/address.ts";
import { LAZY_ACTIONS } from "../../state/lazyActions.ts";
import { isReadable } from "../../state/slices/storedRuns.ts";
import classes from "./Sweep.module.css";
import { useSweepState } from "./state/sweepQueue.ts";
import { formatFigure, shownFigures } from "./sweepFigures.ts";

export interface PointedProps {
  sweep: Sweep;
  /** The run under the pointer. */
  pointed: number | null;
  onPoint: (index: number | null) => void;
}

interface Column {
  label: string;
  /** Sorted by it; text where it is no number. */
  value: (index: number) => number | string | undefined;
  words: (index: number) => string;
}

/** All runs with what they reached, sorted by the column that was clicked. */
export function SweepTable({ sweep, pointed, onPoint }: PointedProps) {
  const [sorting, setSorting] = useState<{ column: number; isDown: boolean } | null>(null);
  const task = useSweepState((state) => state.task);
  const columns = columnsOf(sweep, task?.index ?? null);
  const indices = [...sweep.runs.keys()];
  const sorted = sorting ? sortedBy(indices, columns[sorting.column], sorting.isDown) : indices;
  return (
    <div className={classes.scrolled}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Run</th>
            {columns.map(({ label }, i) => {
              const isSorted = sorting?.column === i;
              const order = sorting?.isDown ? "descending" : "ascending";
              return (
                <th key={label} scope="col" aria-sort={isSorted ? order : undefined}>
                  <button
                    type="button"
                    className={classes.sort}
                    onClick={() => setSorting({ column: i, isDown: isSorted && !sorting.isDown })}
                  >
                    {label}
                    <span aria-hidden="true">{isSorted ? (sorting.isDown ? " ▾" : " ▴") : ""}</span>
                  </button>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {sorted.map((index) => (
            <tr
              key={index}
              data-pointed={pointed === index || undefined}
              data-current={task?.index === index || undefined}
              onMouseEnter={() => onPoint(index)}
              onMouseLeave={() => onPoint(null)}
            >
              <th scope="row">
                <RunLink index={index} run={sweep.runs[index] as SweepRun} />
              </th>
              {columns.map(({ label, words }) => (
                <td key={label} title={label === "State" ? titleOf(sweep, index) : undefined}>
                  {words(index)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function titleOf({ runs }: Sweep, index: number): string | undefined {
  return runs[index]?.failure ?? undefined;
}

/** Its newest digits, and its number, which opens it. */
function RunLink({ index, run }: { index: number; run: SweepRun }) {
  const app = useApp();
  const stored = useAppState(({ stored }) => stored.runs?.find(({ runId }) => runId === run.runId));
  const readable = stored && isReadable(stored) ? stored : null;
  const reason = useAppState((state) =>
    readable ? LAZY_ACTIONS.openRun.disabledReason(state) : null,
  );
  const name = `Run ${index + 1}`;
  if (!readable) {
    const isGone = run.runId !== null && run.results.length > 0;
    return <span title={isGone ? "It is no longer stored" : undefined}>{name}</span>;
  }
  return (
    <span className={classes.run}>
      {readable.picture && (
        <ImageGrid
          label={`Digits of run ${index + 1}`}
          className={classes.picture}
          pixels={readable.picture.pixels}
          count={4}
          columns={4}
        />
      )}
      <Anchor
        component="button"
        type="button"
        size="xs"
        disabled={reason !== null}
        title={reason ?? `Open “${readable.name}”`}
        onClick={() => {
          LAZY_ACTIONS.openRun.perform(app, readable);
          goToView("train");
          app.store.setState({ view: "train" });
        }}
      >
        {name}
      </Anchor>
    </span>
  );
}

function columnsOf(sweep: Sweep, current: number | null): Column[] {
  const { plan, runs } = sweep;
  const newest = (index: number) => runs[index]?.results.at(-1);
  const settings = variedNames(plan).map((name): Column => {
    const settingOf = (index: number) => configOfRun(plan, plan.runs[index] ?? {})[name];
    return {
      label: HYPERPARAMETERS[name].label,
      value: (index) => {
        const value = settingOf(index);
        return typeof value === "number" ? value : String(value);
      },
      words: (index) => formatSetting(settingOf(index)),
    };
  });
  const state = (index: number) => (index === current ? "training" : stateWords(sweep, index));
  return [
    ...settings,
    { label: "State", value: state, words: state },
    {
      label: "Steps",
      value: (index) => newest(index)?.step,
      words: (index) => formatCount(newest(index)?.step ?? 0),
    },
    {
      label: "Time",
      value: (index) => newest(index)?.trainedMs,
      words: (index) => (newest(index) ? formatDuration(newest(index)?.trainedMs ?? 0) : "–"),
    },
    ...shownFigures(sweep).map((figure) => ({
      label: figure.label,
      value: (index: number) => newest(index)?.figures[figure.id],
      words: (index: number) => formatFigure(figure, newest(index)?.figures[figure.id]),
    })),
  ];
}

/** Runs without a value come last, either way. */
function sortedBy(indices: number[], column: Column | undefined, isDown: boolean): number[] {
  if (!column) return indices;
  const { value } = column;
  return indices.sort((a, b) => {
    const [first, second] = [value(a), value(b)];
    if (first === undefined || second === undefined) {
      return Number(first === undefined) - Number(second === undefined);
    }
    const order =
      typeof first === "number" && typeof second === "number"
        ? first - second
        : String(first).localeCompare(String(second), "en", { numeric: true });
    return isDown ? -order : order;
  });
}
