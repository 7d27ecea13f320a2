import { Group, Progress, Text } from "@mantine/core";
import { useState } from "react";
import { formatCount, formatLoss, formatPercent, formatRoughly } from "../../../runtime/format.ts";
import { useAppState, useThrottledRun } from "../../shared/AppContext.ts";
import { StoredRunProgress } from "../../shared/parts/FileProgress.tsx";
import { smoothedLoss } from "../../shared/plot/smoothing.ts";
import { useTimeLeft } from "../../shared/timeLeft.ts";
import { type Pace, paceOf } from "../../state/slices/pace.ts";
import { isActive, type Run, type RunPart, runPart } from "../../state/slices/run.ts";
import { isOpeningAddressed } from "../../state/slices/storedRuns.ts";
import type { AppState } from "../../state/state.ts";
import { MainButton } from "./MainButton.tsx";
import { OpenButton, ResumeButton } from "./ResumeCard.tsx";
import classes from "./RunStrip.module.css";
import { MEASURING_WORDS, partKey, statusWords } from "./statusWords.ts";
import { storedBefore } from "./storedBefore.ts";
import { suggestedRun } from "./suggestedRun.ts";
import { StopButton } from "./TrainControls.tsx";

const INTERVAL_MS = 250;

/** Above the views of the lab: what the run does meanwhile, in one line; else which run can be opened. */
export default function RunStrip() {
  const run = useThrottledRun(INTERVAL_MS);
  // Or there already: this strip looks at runs now and then.
  const isComing = useAppState((state) => isOpeningAddressed(state) || state.run !== null);
  const isAwaited = useAppState(isRequested);
  const hasWords = useAppState(
    (state) =>
      suggestedRun(state) !== null ||
      state.stored.opening !== null ||
      (state.stored.addressed?.problem ?? null) !== null,
  );
  const hasLine = isComing || isAwaited || hasWords;
  const [before] = useState(storedBefore);
  const isUnknown = useAppState(({ stored }) => stored.runs === null);
  if (!run && !hasLine && !(isUnknown && before !== null)) return null;
  return (
    // This element stays when a run is opened: a button that is removed hands the focus to it.
    <section
      tabIndex={-1}
      className={`row ${classes.strip}`}
      data-opening={(!run && isComing) || undefined}
      aria-label={run || hasLine ? "The run" : undefined}
    >
      {run ? <OpenRun run={run} /> : hasLine && <NoRun isComing={isComing} />}
    </section>
  );
}

function OpenRun({ run }: { run: Run }) {
  const words = useAppState(statusWords);
  const unfinished = useAppState(suggestedRun);
  // The sweep has a bar of its own there, whose button stops the run.
  const isOfSweep = useAppState(({ view }) => view === "sweep") && run.size?.budget !== undefined;
  // At once, as the words: a run that has finished has no time left.
  const isActiveRun = useAppState((state) => isActive(state.run));
  const smoothing = useAppState(({ charts }) => charts.smoothing);
  const pace = paceOf(run);
  const loss = smoothedLoss(run.steps, smoothing);
  const part = isActiveRun ? runPart(run) : null;
  return (
    <>
      <Text size="sm" fw={600} truncate className={classes.name} title={run.name}>
        {run.name}
      </Text>
      <Text size="sm" role="status" aria-live="polite" truncate className={classes.words}>
        {words}
      </Text>
      <div className={classes.figures}>
        {part && <Part key={partKey(part)} part={part} />}
        {pace && isActiveRun && !part && (
          <span>
            step {formatCount(pace.step)}
            <span className={classes.total}> of {formatCount(pace.totalSteps)}</span>
          </span>
        )}
        {pace && loss !== null && <span>loss {formatLoss(loss)}</span>}
        {pace?.isSettled && isActiveRun && run.asked !== "stop" && <Left pace={pace} />}
      </div>
      <Group gap="xs" ml="auto" className={classes.buttons}>
        {isActiveRun && !isOfSweep && <MainButton size="compact-sm" />}
        {!isOfSweep && <StopButton size="compact-sm" />}
        {unfinished && <ResumeButton run={unfinished} />}
      </Group>
      <Progress
        pos="absolute"
        inset="auto 0 -1px"
        value={pace ? (100 * pace.step) / pace.totalSteps : 0}
        size={2}
        radius={0}
        aria-label="Run"
      />
    </>
  );
}

/** Beside the words of the status: `45 %, 3.2 s left` */
function Part({ part }: { part: RunPart }) {
  const timeLeft = useTimeLeft(part.fraction);
  return (
    <span>
      {part.name === "Programs" && `${formatCount(part.numDone)} of ${formatCount(part.total)}, `}
      {part.name === "Measuring quality" && `${MEASURING_WORDS[part.doing]} `}
      {formatPercent(part.fraction)}
      {timeLeft}
    </span>
  );
}

/** The time left of the run, or of its training alone where nothing is known of a validation yet. */
function Left({ pace: { leftMs, leftOf } }: { pace: Pace }) {
  if (leftMs === null || leftMs === 0) return null;
  return (
    <span>
      <span className={classes.total}>{leftOf === "all" ? "" : "training "}</span>
      about {formatRoughly(leftMs)} left
    </span>
  );
}

/** Whether a run begins or goes on as soon as images and backend are there. */
function isRequested({ trainRequested, continueRequested }: AppState): boolean {
  return trainRequested || continueRequested !== null;
}

/** While no run is open, the newest stored run can be opened or resumed. */
function NoRun({ isComing }: { isComing: boolean }) {
  const newest = useAppState(suggestedRun);
  const isOpening = useAppState(({ stored }) => stored.opening !== null) || isComing;
  const problem = useAppState(({ stored }) => stored.addressed?.problem ?? null);
  const isAwaited = useAppState(isRequested);
  const words = useAppState(statusWords);
  return (
    <>
      {problem === null || isAwaited ? (
        <Text size="sm" c="dimmed" role="status">
          {isAwaited ? words : isOpening ? "Opening a run…" : "No run is open."}
          {isOpening && <StoredRunProgress />}
        </Text>
      ) : (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {problem}
        </Text>
      )}
      {newest && !isComing && (
        <>
          <OpenButton run={newest} withName />
          <ResumeButton run={newest} />
        </>
      )}
      {isAwaited && <MainButton size="compact-sm" />}
    </>
  );
}
