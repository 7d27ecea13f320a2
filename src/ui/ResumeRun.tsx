import { Button, Text } from "@mantine/core";
import { isActive } from "../store/run.ts";
import type { AppState } from "../store/state.ts";
import { type ReadableRun, unfinishedRun } from "../store/storedRuns.ts";
import { useApp, useAppState } from "./AppContext.ts";
import { formatCount, formatLoss } from "./format.ts";
import { PlayIcon } from "./icons.tsx";
import { onFirstClick } from "./onFirstClick.ts";
import classes from "./ResumeRun.module.css";

/** The run that stands unfinished: where it stands, and one click to train it on. */
export function ResumeRun() {
  const { client } = useApp();
  const run = useAppState(resumable);
  const isOpening = useAppState(({ stored }) => stored.opening !== null);
  const cannot = useAppState(
    ({ backend, stored }) => backend.status === "failed" || stored.isTrainingElsewhere,
  );
  if (!run) return null;
  return (
    <section className={classes.card} aria-label="Unfinished run">
      <div className={classes.words}>
        <Text size="xs" fw={600} lh={1.35} truncate title={run.name}>
          {run.name}
        </Text>
        <Text size="xs" c="dimmed" lh={1.35}>
          {standing(run)}
        </Text>
      </div>
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

/** `step 1,234 of 6,250, loss 0.0512` */
function standing({ step, stepsPerEpoch, config, lastValidationLoss }: ReadableRun): string {
  const total = formatCount(stepsPerEpoch * config.epochs);
  const loss = lastValidationLoss === null ? "" : `, validation ${formatLoss(lastValidationLoss)}`;
  return `Step ${formatCount(step)} of ${total}${loss}`;
}
