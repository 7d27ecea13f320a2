import { UnstyledButton } from "@mantine/core";
import { Fragment, useState } from "react";
import type { Sweep, SweepRun } from "../../../../runtime/run/sweep.ts";
import { useApp, useAppState, useThrottledRun } from "../../../shared/AppContext.ts";
import { ImageGrid } from "../../../shared/images/ImageGrid.tsx";
import { LinkButton } from "../../../shared/parts/LinkButton.tsx";
import { ACTIONS } from "../../../state/actions.ts";
import { goToView } from "../../../state/address.ts";
import { paceOf } from "../../../state/slices/pace.ts";
import { isActive } from "../../../state/slices/run.ts";
import { isReadable } from "../../../state/slices/storedRuns.ts";
import { columnsOf, type Sorting, sortedRuns } from "./columns.ts";
import classes from "./Sweep.module.css";
import { useSweepState } from "./state/sweepQueue.ts";

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
          label={`Digits of run ${index + 1}`}
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
          goToView("train");
          app.store.setState({ view: "train" });
        }}
      >
        {name}
      </LinkButton>
    </span>
  );
}
