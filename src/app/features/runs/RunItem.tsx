import { Button, Group, Text } from "@mantine/core";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { formatAgo, formatTime, formatWhen } from "../../../runtime/format.ts";
import type { StoredRun } from "../../../runtime/run/events.ts";
import { useApp, useAppState, useThrottledState } from "../../shared/AppContext.ts";
import { PlayIcon } from "../../shared/icons.tsx";
import { ImageGrid } from "../../shared/images/ImageGrid.tsx";
import { ExportRun } from "../../shared/runs/ExportRun.tsx";
import classes from "../../shared/runs/Runs.module.css";
import { figures, originWords, runState, standing } from "../../shared/runs/runFacts.ts";
import { useAction } from "../../shared/useAction.ts";
import { useNow } from "../../shared/useNow.ts";
import { ACTIONS } from "../../state/actions.ts";
import { isTraining } from "../../state/slices/run.ts";
import { isReadable, type ReadableRun } from "../../state/slices/storedRuns.ts";
import type { AppState } from "../../state/state.ts";
import { ConfirmDelete, DeleteButton } from "./DeleteRun.tsx";
import { RunName } from "./RunName.tsx";

const INTERVAL_MS = 1000;
const selectRun = (state: AppState) => state.run;

interface RunItemProps {
  run: StoredRun;
  onResume: () => void;
  /** Takes the focus, which goes with the row. */
  onDelete: () => void;
}

/** A run in the list; of one that cannot be read there is only what is wrong with it. */
export function RunItem({ run, onResume, onDelete }: RunItemProps) {
  const isImported = useAppState(({ stored }) => stored.importedId === run.runId);
  const itemRef = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isImported) itemRef.current?.scrollIntoView({ block: "nearest" });
  }, [isImported]);
  const isOpen = useAppState((state) => state.run?.runId === run.runId);
  const isWhole = isReadable(run);
  return (
    <li
      ref={itemRef}
      className={classes.item}
      aria-label={run.name}
      aria-current={isOpen || undefined}
      data-imported={isImported || undefined}
    >
      {isWhole && run.picture ? (
        <ImageGrid
          label="Digits of its newest preview"
          className={classes.picture}
          pixels={run.picture.pixels}
          count={8}
          columns={4}
        />
      ) : (
        <div className={classes.noPicture}>{isWhole ? "No preview yet" : "Not readable"}</div>
      )}
      <div>
        {isWhole ? <Facts run={run} /> : <Problem {...run} />}
        <Actions runId={run.runId} onDelete={onDelete}>
          {isWhole && <RunActions run={run} onResume={onResume} />}
        </Actions>
      </div>
    </li>
  );
}

function Facts({ run }: { run: ReadableRun }) {
  const status = useAppState((state) =>
    isTraining(state, run.runId) ? (state.run?.status ?? "preparing") : null,
  );
  const { state, words } = runState(run, status);
  const isOpen = useAppState(({ run: shown }) => shown?.runId === run.runId);
  const nowMs = useNow();
  const live = useThrottledState(selectRun, INTERVAL_MS);
  return (
    <>
      <Group gap={4} mih={26} wrap="nowrap">
        <RunName run={run} />
        {isOpen && <span className={classes.open}>Open</span>}
        <span className={classes.state} data-state={state}>
          {words}
        </span>
      </Group>
      <Text size="xs" c="dimmed" lh={1.35}>
        {originWords(run)}. Made <Time ms={run.createdMs}>{formatWhen(run.createdMs, nowMs)}</Time>,
        saved <Time ms={run.savedMs}>{formatAgo(run.savedMs, nowMs)}</Time>
      </Text>
      <dl className={classes.figures}>
        {figures(standing(run, live)).map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function Time({ ms, children }: { ms: number; children: string }) {
  return (
    <time dateTime={new Date(ms).toISOString()} title={formatTime(ms)}>
      {children}
    </time>
  );
}

function Problem({ name, problem }: { name: string; problem: string }) {
  return (
    <>
      <Text component="h3" size="sm" fw={600} lh={1.35} className={classes.name}>
        {name}
      </Text>
      <Text size="xs" lh={1.35} className={classes.problem}>
        {problem}
      </Text>
    </>
  );
}

/** A run's buttons, of which Delete is every run's. */
function Actions(props: { runId: string; onDelete: () => void; children: ReactNode }) {
  const { runId, onDelete, children } = props;
  const app = useApp();
  const [isAsked, setIsAsked] = useState(false);
  const [isKept, setIsKept] = useState(false);
  const { disabled, title, children: label } = useAction(ACTIONS.deleteRun, runId);
  if (isAsked && !disabled) {
    return (
      <ConfirmDelete
        onDelete={() => {
          setIsAsked(false);
          onDelete();
          ACTIONS.deleteRun.perform(app, runId);
        }}
        onKeep={() => {
          setIsAsked(false);
          setIsKept(true);
        }}
      />
    );
  }
  return (
    <div className={`row ${classes.actions}`}>
      {children}
      <DeleteButton
        disabled={disabled}
        title={title}
        label={label}
        isKept={isKept}
        onClick={() => {
          setIsAsked(true);
          setIsKept(false);
        }}
      />
    </div>
  );
}

function RunActions({ run, onResume }: { run: ReadableRun; onResume: () => void }) {
  const { runId } = run;
  const isBusy = useAppState((state) => isTraining(state, runId));
  // Nothing is left to open, unless digits are generated with weights that were loaded since.
  const isShown = useAppState((state) => state.run?.runId === runId && !state.weights.isSampled);
  const opening = useAppState(({ stored }) => stored.opening);
  const open = useAction<[ReadableRun]>(ACTIONS.openRun, run);
  const resume = useAction<[ReadableRun]>(ACTIONS.resumeRun, run);
  const duplicate = useAction<[ReadableRun]>(ACTIONS.duplicateSettings, run);
  if (isBusy) return <ExportRun runId={runId} />;
  return (
    <>
      {!isShown && (
        <Button
          {...open}
          size="compact-xs"
          variant={run.isFinished ? "filled" : "default"}
          loading={opening === runId}
          aria-busy={opening === runId}
        />
      )}
      {!run.isFinished && (
        <Button
          {...resume}
          size="compact-xs"
          leftSection={<PlayIcon />}
          onClick={(event) => {
            onResume();
            resume.onClick(event);
          }}
        />
      )}
      <Button {...duplicate} size="compact-xs" variant="default" />
      <ExportRun runId={runId} />
    </>
  );
}
