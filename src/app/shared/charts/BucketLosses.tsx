import { Group, Text } from "@mantine/core";
import type { CSSProperties, ReactNode } from "react";
import { epochWord, formatCount, formatLoss } from "../../../runtime/format.ts";
import { liveBefore } from "../../state/slices/run.ts";
import type { AppState } from "../../state/state.ts";
import { useAppState } from "../AppContext.ts";
import { DataTable } from "../parts/DataTable.tsx";
import classes from "./BucketLosses.module.css";
import {
  type BucketRow,
  bucketRows,
  epochsUpTo,
  formatBucket,
  formatChange,
} from "./series/bucketRows.ts";

// Slices that change once a validation, so that a step renders nothing here.
const selectEpochs = (state: AppState) => state.run?.epochs;
const selectConfig = (state: AppState) => state.run?.config;

/**
 * Validation loss by timestep: a table whose numbers have bars, on a linear scale from 0. Of the newest
 * epoch, or the newest up to a step, and of the first where the step is before its end; live before the first.
 */
export default function BucketLosses({ upToStep = null }: { upToStep?: number | null }) {
  const all = useAppState(selectEpochs);
  const epochs = all && epochsUpTo(all, upToStep);
  const live = useAppState((state) => liveBefore(state.run, upToStep));
  const config = useAppState(selectConfig);
  const newest = epochs?.at(-1);
  if (!epochs || !config || !(newest || live)) return null;
  const before = epochs.at(-2);
  const word = epochWord(config);
  const legend = (
    <Group gap={12}>
      <Legend kind="newest">
        {newest
          ? `validation, ${word} ${formatCount(newest.epoch)}`
          : `live validation, step ${formatCount(live?.step ?? 0)}`}
      </Legend>
      {before && (
        <Legend kind="before">
          {word} {formatCount(before.epoch)}
        </Legend>
      )}
    </Group>
  );
  return (
    <div className={`over column ${classes.view}`}>
      <div className={classes.rows}>
        <DataTable
          className={classes.table}
          caption={<span data-undrawn>Validation loss by timestep</span>}
          columns={["t", legend, ...(before ? ["change"] : [])]}
          rows={bucketRows(live ? [live] : epochs, config.timesteps).map((row) => [
            row.timesteps,
            <Bar key="bar" row={row} />,
            ...(before ? [formatChange(row)] : []),
          ])}
        />
      </div>
      <Text component="div" size="xs" c="dimmed" lh={1.35}>
        {formatBucket(config)}
      </Text>
    </div>
  );
}

function Legend({ kind, children }: { kind: "newest" | "before"; children: ReactNode }) {
  return (
    <span>
      <span className={classes.swatch} data-kind={kind} data-box />
      {children}
    </span>
  );
}

function Bar({ row }: { row: BucketRow }) {
  const lengths = {
    "--length": row.fraction,
    "--length-before": row.beforeFraction,
  } as CSSProperties;
  return (
    <Group gap={6} wrap="nowrap">
      <div className={classes.track} style={lengths}>
        <div className={classes.bar} data-box />
        {row.before !== null && <div className={classes.mark} data-box />}
      </div>
      <span>{row.loss === null ? "–" : formatLoss(row.loss)}</span>
    </Group>
  );
}
