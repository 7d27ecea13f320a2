import { Group, Text } from "@mantine/core";
import { counted, epochWord, formatCount, formatLoss } from "../../../runtime/format.ts";
import { useAppState } from "../../shared/AppContext.ts";
import { BusyButton } from "../../shared/BusyButton.tsx";
import { PlayIcon } from "../../shared/icons.tsx";
import { formatEpoch, formatStep } from "../../shared/runs/runFacts.ts";
import { formatAgo } from "../../shared/runs/when.ts";
import { useAction } from "../../shared/useAction.ts";
import { useNow } from "../../shared/useNow.ts";
import { ACTIONS } from "../../state/actions.ts";
import { isUnfinished, type ReadableRun } from "../../state/slices/storedRuns.ts";
import { toRun } from "./MainButton.tsx";
import { numLostSteps } from "./storedBefore.ts";
import { suggestedRun } from "./suggestedRun.ts";

/** The run that stands unfinished, or the newest while none is open: where it stands, and what a click does. */
export default function ResumeCard() {
  const run = useAppState(suggestedRun);
  const problem = useAppState(({ stored }) => stored.addressed?.problem ?? null);
  const nowMs = useNow();
  return (
    <>
      {problem !== null && (
        <Text size="xs" c="var(--mantine-color-error)" role="alert" lh={1.35}>
          {problem}
        </Text>
      )}
      {run && (
        <section className="box" aria-label={run.isFinished ? "Newest run" : "Unfinished run"}>
          <Text size="xs" fw={600} lh={1.35} truncate title={run.name}>
            {run.name}
          </Text>
          <Text size="xs" c="dimmed" lh={1.35}>
            Step {formatStep(run)}, {epochWord(run.config)} {formatEpoch(run)}
          </Text>
          <LostSteps run={run} />
          {/* The buttons beside the words where there is room for both, else below. */}
          <Group gap="2px var(--mantine-spacing-xs)">
            <Text size="xs" c="dimmed" lh={1.35} style={{ whiteSpace: "nowrap" }}>
              {lastWords(run, nowMs)}
            </Text>
            <Group gap={6} wrap="nowrap" ml="auto">
              <OpenButton run={run} />
              <ResumeButton run={run} />
            </Group>
          </Group>
        </section>
      )}
    </>
  );
}

/**
 * What a reload or a crash of the page has cost; nothing where all was saved. After the end of the whole browser the
 * count may be too small or missing: see `storedBefore.ts`.
 */
function LostSteps({ run }: { run: ReadableRun }) {
  // As long as it trains, or is only not written yet, nothing is lost.
  const isLost = useAppState(
    ({ stored }) => !stored.isTrainingElsewhere && stored.trouble === null,
  );
  const numLost = isLost && isUnfinished(run) ? numLostSteps(run) : 0;
  if (numLost === 0) return null;
  return (
    <Text size="xs" c="dimmed" lh={1.35}>
      {lostWords(numLost, run.step)}
    </Text>
  );
}

/** Nothing where it is open. */
export function OpenButton({ run, withName = false }: { run: ReadableRun; withName?: boolean }) {
  const isOpen = useAppState((state) => state.run?.runId === run.runId);
  const isOpening = useAppState(({ stored }) => stored.opening === run.runId);
  const open = useAction<[ReadableRun]>(ACTIONS.openRun, run);
  if (isOpen) return null;
  return (
    <BusyButton {...open} ref={toRun} size="compact-sm" variant="light" isBusy={isOpening}>
      {withName ? `Open “${run.name}”` : open.children}
    </BusyButton>
  );
}

/** Nothing where all is trained. */
export function ResumeButton({ run }: { run: ReadableRun }) {
  const isOpening = useAppState(({ stored }) => stored.opening === run.runId);
  const resume = useAction<[ReadableRun]>(ACTIONS.resumeRun, run);
  if (!isUnfinished(run)) return null;
  return (
    <BusyButton
      {...resume}
      ref={toRun}
      size="compact-sm"
      variant="filled"
      leftSection={<PlayIcon />}
      isBusy={isOpening}
    />
  );
}

/** `validation 0.0512, 5 min ago` */
function lastWords({ lastValidationLoss, savedMs }: ReadableRun, nowMs: number): string {
  const loss = lastValidationLoss === null ? "" : `validation ${formatLoss(lastValidationLoss)}, `;
  return loss + formatAgo(savedMs, nowMs);
}

/** `The last 50 steps were not saved; Resume continues from step 1,200.` */
function lostWords(numLost: number, step: number): string {
  const lost = numLost === 1 ? "The last step was" : `The last ${counted(numLost, "step")} were`;
  return `${lost} not saved; Resume continues from step ${formatCount(step)}.`;
}
