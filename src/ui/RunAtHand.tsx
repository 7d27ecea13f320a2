import { Button, Text } from "@mantine/core";
import { isActive } from "../store/run.ts";
import type { AppState } from "../store/state.ts";
import { type ReadableRun, unfinishedRun } from "../store/storedRuns.ts";
import { useApp, useAppState } from "./AppContext.ts";
import { formatAgo, formatLoss } from "./format.ts";
import { PlayIcon } from "./icons.tsx";
import { onFirstClick } from "./onFirstClick.ts";
import classes from "./ResumeRun.module.css";
import { epochWords, stepWords } from "./runFacts.ts";
import { useNow } from "./useNow.ts";

/** The run that stands unfinished: where it stands, and one click to train it on. */
export function ResumeRun() {
  const { client } = useApp();
  const run = useAppState(resumable);
  const isOpening = useAppState(({ stored }) => stored.opening !== null);
  const cannot = useAppState(
    ({ backend, stored }) => backend.status === "failed" || stored.isTrainingElsewhere,
  );
  const nowMs = useNow();
  if (!run) return null;
  return (
    <section className={classes.card} aria-label="Unfinished run">
      <Text size="xs" fw={600} lh={1.35} truncate title={run.name} className={classes.line}>
        {run.name}
      </Text>
      <Text size="xs" c="dimmed" lh={1.35} className={classes.line}>
        Step {stepWords(run)}, epoch {epochWords(run)}
      </Text>
      <Text size="xs" c="dimmed" lh={1.35}>
        {lastWords(run, nowMs)}
      </Text>
      <Button
        size="compact-sm"
        leftSection={<PlayIcon />}
        loading={isOpening}
        disabled={cannot}
        onClick={onFirstClick(() =>
          client.continueRun({ runId: run.runId, learningRateFactor: 1 }),
        )}
      >
        Resume
      </Button>
    </section>
  );
}

/** The one that a click on Resume would train on; null while another is trained, or will be. */
export function resumable(state: AppState): ReadableRun | null {
  const { run, stored, trainRequested, continueRequested } = state;
  if (isActive(run) || trainRequested || continueRequested) return null;
  return unfinishedRun(stored, run);
}

/** `validation 0.0512, 5 min ago` */
function lastWords({ lastValidationLoss, savedMs }: ReadableRun, nowMs: number): string {
  const loss = lastValidationLoss === null ? "" : `validation ${formatLoss(lastValidationLoss)}, `;
  return loss + formatAgo(savedMs, nowMs);
}
