import { Button, Text } from "@mantine/core";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { AppState } from "../store/state.ts";
import { isReadable, type ReadableRun } from "../store/storedRuns.ts";
import { takeSettings } from "../store/takeSettings.ts";
import type { StoredRun } from "../worker/protocol.ts";
import { useApp, useAppState, useThrottledState } from "./AppContext.ts";
import { ConfirmDelete, DeleteButton } from "./DeleteRun.tsx";
import { ExportRun } from "./ExportRun.tsx";
import { formatAgo, formatTime, formatWhen } from "./format.ts";
import { PlayIcon } from "./icons.tsx";
import { onFirstClick } from "./onFirstClick.ts";
import { RunName } from "./RunName.tsx";
import { RunPicture } from "./RunPicture.tsx";
import classes from "./Runs.module.css";
import { figures, originWords, runState, standing } from "./runFacts.ts";
import { useNow } from "./useNow.ts";
import { isTrained, whyNotOpen, whyNotResume } from "./whyNotRun.ts";

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
      {isWhole ? (
        <RunPicture picture={run.picture} />
      ) : (
        <div className={classes.noPicture}>Not readable</div>
      )}
      <div className={classes.words}>
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
    isTrained(state, run.runId) ? (state.run?.status ?? "preparing") : null,
  );
  const { state, words } = runState(run, status);
  const isOpen = useAppState(({ run: shown }) => shown?.runId === run.runId);
  const nowMs = useNow();
  const live = useThrottledState(selectRun, INTERVAL_MS);
  return (
    <>
      <div className={classes.head}>
        <RunName run={run} />
        {isOpen && <span className={classes.open}>Open</span>}
        <span className={classes.state} data-state={state}>
          {words}
        </span>
      </div>
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
  const { client } = useApp();
  const [isAsked, setIsAsked] = useState(false);
  const [isKept, setIsKept] = useState(false);
  const isBusy = useAppState((state) => isTrained(state, runId));
  if (isAsked && !isBusy) {
    return (
      <ConfirmDelete
        onDelete={() => {
          setIsAsked(false);
          onDelete();
          client.deleteRun(runId);
        }}
        onKeep={() => {
          setIsAsked(false);
          setIsKept(true);
        }}
      />
    );
  }
  return (
    <div className={classes.actions}>
      {children}
      <DeleteButton
        whyNot={isBusy ? "It is being trained: stop it first" : null}
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
  const { store, client } = useApp();
  const { runId } = run;
  const isBusy = useAppState((state) => isTrained(state, runId));
  // Nothing is left to open, unless digits are generated with weights that were loaded since.
  const isShown = useAppState((state) => state.run?.runId === runId && !state.weights.isSampled);
  const opening = useAppState(({ stored }) => stored.opening);
  const whyNoOpen = useAppState(whyNotOpen);
  const whyNoResume = useAppState(whyNotResume);
  if (isBusy) return <ExportRun runId={runId} />;
  return (
    <>
      {!isShown && (
        <Button
          size="compact-xs"
          variant={run.isFinished ? "filled" : "default"}
          loading={opening === runId}
          aria-busy={opening === runId}
          disabled={whyNoOpen !== null}
          title={whyNoOpen ?? "Show its losses and digits, and draw more of them"}
          onClick={onFirstClick(() => client.openRun(runId))}
        >
          Open
        </Button>
      )}
      {!run.isFinished && (
        <Button
          size="compact-xs"
          leftSection={<PlayIcon />}
          disabled={whyNoResume !== null}
          title={whyNoResume ?? "Train it on from where it stands"}
          onClick={onFirstClick(() => {
            onResume();
            client.continueRun({ runId, learningRateFactor: 1 });
          })}
        >
          Resume
        </Button>
      )}
      <Button
        size="compact-xs"
        variant="default"
        disabled={whyNoOpen !== null}
        title={whyNoOpen ?? "Take its settings into the form, for another run"}
        onClick={() => store.setState((state) => takeSettings(state, run))}
      >
        Duplicate settings
      </Button>
      <ExportRun runId={runId} />
    </>
  );
}
