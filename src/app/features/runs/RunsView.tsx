import { Group, Text } from "@mantine/core";
import { useRef } from "react";
import { useAppState } from "../../shared/AppContext.ts";
import { BusyButton } from "../../shared/BusyButton.tsx";
import { FileActionButton } from "../../shared/parts/FileActionButton.tsx";
import { FileProgress, StoredRunProgress } from "../../shared/parts/FileProgress.tsx";
import { ACTIONS } from "../../state/actions.ts";
import { RunItem } from "./RunItem.tsx";
import classes from "./Runs.module.css";
import { summaryWords } from "./text.ts";

/** The runs that are stored in this browser, and all that can be done with them. */
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
          {summaryWords(stored)} <StoredRunProgress /> <FileProgress key={loading} />
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
