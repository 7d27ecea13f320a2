import { ActionIcon, Group, Text, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { namingOf } from "../../../engine/data/datasets.ts";
import { capitalized, counted, formatMegabytes } from "../../../runtime/format.ts";
import type { StoredRun } from "../../../runtime/run/events.ts";
import { MAX_NAME_LENGTH, visibleName } from "../../../runtime/runName.ts";
import { useApp, useAppState, useThrottledRun } from "../../shared/AppContext.ts";
import { BusyButton } from "../../shared/BusyButton.tsx";
import { PencilIcon } from "../../shared/icons.tsx";
import { ImageGrid } from "../../shared/images/ImageGrid.tsx";
import { FileActionButton } from "../../shared/parts/FileActionButton.tsx";
import { FileProgress, StoredRunProgress } from "../../shared/parts/FileProgress.tsx";
import { ViewLink } from "../../shared/parts/ViewLink.tsx";
import { figures, formatOrigin, runState, standing } from "../../shared/runs/runFacts.ts";
import { formatAgo, formatTime, formatWhen } from "../../shared/runs/when.ts";
import { useNow } from "../../shared/useNow.ts";
import { ACTIONS } from "../../state/actions.ts";
import { isActiveRun, isShownRun } from "../../state/slices/run.ts";
import {
  isReadable,
  type ReadableRun,
  type StoredRunsState,
} from "../../state/slices/storedRuns.ts";
import { Deletable, RunActions } from "./RunActions.tsx";
import classes from "./Runs.module.css";

/** The runs that are stored in this browser, and all that can be done with them (`RunActions.tsx`). */
export default function RunsView() {
  const stored = useAppState((state) => state.stored);
  const resumeReason = useAppState(ACTIONS.resumeRun.disabledReason);
  const loading = useAppState(({ weights }) => weights.loading);
  const listRef = useRef<HTMLUListElement>(null);
  const runs = stored.runs ?? [];
  return (
    <section className={classes.view} aria-label="Saved runs">
      <h2>Saved runs</h2>
      <Group justify="space-between" gap="xs" wrap="nowrap" mb="xs">
        <Text size="sm" c="dimmed" lh={1.35} aria-live="polite">
          {summaryWords(stored)}{" "}
          {stored.runs?.length === 0 && <ViewLink view="evolution">See an example run</ViewLink>}{" "}
          <StoredRunProgress /> <FileProgress key={loading} />
        </Text>
        <FileActionButton action={ACTIONS.importRun} accept=".safetensors">
          {(props) => (
            <BusyButton {...props} size="compact-sm" flex="none" isBusy={loading !== null} />
          )}
        </FileActionButton>
      </Group>
      {runs.length > 0 && resumeReason !== null && (
        <Text size="xs" lh={1.35} mb="xs" px={10} py={6} role="note" className="box">
          {resumeReason}
        </Text>
      )}
      {/* It takes the focus when the row that had it is deleted. */}
      <ul ref={listRef} className={classes.list} tabIndex={-1} aria-label="Runs">
        {runs.map((run) => (
          <RunItem key={run.runId} run={run} onDelete={() => listRef.current?.focus()} />
        ))}
      </ul>
    </section>
  );
}

const INTERVAL_MS = 1000;

interface RunItemProps {
  run: StoredRun;
  /** Takes the focus, which goes with the row. */
  onDelete: () => void;
}

/** A run in the list; of one that cannot be read there is only what is wrong with it. */
function RunItem({ run, onDelete }: RunItemProps) {
  const isImported = useAppState(({ stored }) => stored.importedId === run.runId);
  const itemRef = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isImported) itemRef.current?.scrollIntoView({ block: "nearest" });
  }, [isImported]);
  const isOpen = useAppState((state) => isShownRun(state, run.runId));
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
          label={`${capitalized(namingOf(run.dataset).noun)}s of its newest preview`}
          className={classes.picture}
          pixels={run.picture.pixels}
          count={8}
          columns={4}
        />
      ) : (
        <div className={`placeholder ${classes.picture}`}>
          {isWhole ? "No preview yet" : "Not readable"}
        </div>
      )}
      <div>
        {isWhole ? <Facts run={run} isOpen={isOpen} /> : <Problem {...run} />}
        <Deletable runId={run.runId} onDelete={onDelete}>
          {isWhole && <RunActions run={run} />}
        </Deletable>
      </div>
    </li>
  );
}

function Facts({ run, isOpen }: { run: ReadableRun; isOpen: boolean }) {
  const status = useAppState((state) =>
    isActiveRun(state, run.runId) ? (state.run?.status ?? "preparing") : null,
  );
  const { state, words } = runState(run, status);
  const nowMs = useNow();
  const live = useThrottledRun(INTERVAL_MS);
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
        {formatOrigin(run)}. Made <Time ms={run.createdMs}>{formatWhen(run.createdMs, nowMs)}</Time>
        , saved <Time ms={run.savedMs}>{formatAgo(run.savedMs, nowMs)}</Time>
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

type NamedRun = Pick<ReadableRun, "runId" | "name">;

/** A run's name; the pencil beside it makes a field of it. */
function RunName({ run }: { run: NamedRun }) {
  const [state, setState] = useState<"editing" | "edited" | null>(null);
  if (state === "editing") return <NameField run={run} onDone={() => setState("edited")} />;
  return (
    <>
      <Text component="h3" size="sm" fw={600} lh={1.35} className={classes.name}>
        {run.name}
      </Text>
      <ActionIcon
        ref={state === "edited" ? focusIfNone : null}
        size={24}
        variant="subtle"
        color="gray"
        c="dimmed"
        aria-label="Rename"
        title="Rename"
        onClick={() => setState("editing")}
      >
        <PencilIcon />
      </ActionIcon>
    </>
  );
}

/** Enter and leaving it save, Escape does not. */
function NameField({ run, onDone }: { run: NamedRun; onDone: () => void }) {
  const { client } = useApp();
  const [text, setText] = useState(run.name);
  const isDone = useRef(false);
  const end = (name: string | null) => {
    // The field loses the focus once more when it goes.
    if (isDone.current) return;
    isDone.current = true;
    if (name !== null && name !== run.name) client.renameRun(run.runId, name);
    onDone();
  };
  return (
    <form
      style={{ flex: 1 }}
      onSubmit={(event) => {
        event.preventDefault();
        end(visibleName(text));
      }}
    >
      <TextInput
        ref={selectAll}
        aria-label="Name"
        maxLength={MAX_NAME_LENGTH}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={() => end(visibleName(text))}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          // It means nothing else then.
          event.preventDefault();
          end(null);
        }}
      />
    </form>
  );
}

/** As a `ref`, this selects the text once, when the field appears. */
function selectAll(field: HTMLInputElement | null): void {
  field?.select();
}

/** As a `ref`, this takes the focus of a field that is gone, unless the person went on to something else. */
function focusIfNone(button: HTMLButtonElement | null): void {
  if (document.activeElement?.matches("body") ?? true) button?.focus();
}

/** How many there are and how large they are, or what is being done with one of them. */
function summaryWords(stored: StoredRunsState): string {
  const { runs, trouble, importedId, exporting, opening } = stored;
  if (runs === null) return trouble ?? "Reading the stored runs…";
  if (runs.length === 0) return "No runs yet. Every run you train is kept in this browser.";
  const opened = runs.find(({ runId }) => runId === opening);
  if (opened) return `Opening “${opened.name}”…`;
  const exported = runs.find(({ runId }) => exporting.includes(runId));
  if (exported) return `Exporting “${exported.name}”…`;
  const bytes = runs.filter(isReadable).reduce((sum, { totalBytes }) => sum + totalBytes, 0);
  const all = `${counted(runs.length, "run")}, ${formatMegabytes(bytes)} in this browser.`;
  const imported = runs.find(({ runId }) => runId === importedId);
  return imported ? `“${imported.name}” was imported. ${all}` : all;
}
