import { ActionIcon, Group, Progress, Text } from "@mantine/core";
import { DEFAULT_DATASET } from "../../../engine/data/datasets.ts";
import {
  epochWord,
  formatCount,
  formatEpochPlace,
  formatLoss,
  formatPercent,
  formatRate,
  formatRoughly,
} from "../../../runtime/format.ts";
import { useApp, useAppState, useThrottledRun } from "../../shared/AppContext.ts";
import { EyeIcon } from "../../shared/icons.tsx";
import { StoredRunProgress } from "../../shared/parts/FileProgress.tsx";
import { smoothedLoss } from "../../shared/plot/smoothing.ts";
import { useTimeLeft } from "../../shared/timeLeft.ts";
import { canKeepAwake } from "../../state/client/background.ts";
import { type Pace, paceOf } from "../../state/slices/pace.ts";
import { isActive, type Run, type RunPart, runPart } from "../../state/slices/run.ts";
import { isOpeningAddressed } from "../../state/slices/storedRuns.ts";
import classes from "./RunProgress.module.css";
import { MEASURING_WORDS, partKey, statusWords } from "./statusWords.ts";

const INTERVAL_MS = 250;

/** Above the loss: what goes on, how far it is, how fast, and how long it will take. */
export function RunProgress() {
  const run = useThrottledRun(INTERVAL_MS);
  const smoothing = useAppState(({ charts }) => charts.smoothing);
  // At once, and room is kept for the run of the address.
  const hasRun = useAppState((state) => state.run !== null || isOpeningAddressed(state));
  const pace = run && paceOf(run);
  return (
    <div>
      <StatusLine run={run} />
      {hasRun && (
        <>
          <Figures
            pace={pace}
            loss={run && smoothedLoss(run.steps, smoothing)}
            isActive={isActive(run) && run.asked !== "stop"}
          />
          <Bars pace={pace} run={run} />
        </>
      )}
    </div>
  );
}

function StatusLine({ run }: { run: Run | null }) {
  const words = useAppState(statusWords);
  const isOpening = useAppState(({ stored }) => stored.opening !== null);
  const hasWords = useAppState(
    (state) =>
      state.run !== null ||
      state.trainRequested ||
      state.continueRequested !== null ||
      isOpeningAddressed(state),
  );
  const { microBatchSize, numThreads } = run?.size ?? { microBatchSize: 0, numThreads: 0 };
  const atOnce = microBatchSize * numThreads;
  return (
    <>
      <Text
        role="status"
        aria-live="polite"
        fw={600}
        size="lg"
        lh={1.3}
        // Before a run the button, and what stands below it, say as much.
        className={hasWords ? "" : "visuallyHidden"}
      >
        {words}
        {isOpening && <StoredRunProgress />}
      </Text>
      {hasWords && (
        <Text size="xs" c="dimmed" mih={18} truncate title={run ? formatRun(run) : undefined}>
          {run?.size && (
            <>
              {formatRun(run)}, {formatCount(run.size.numParameters)} parameters
              {atOnce < run.config.batchSize && `, ${atOnce} images at once`}
            </>
          )}
        </Text>
      )}
    </>
  );
}

/** `Quick, 25 Nov, 17:02`; MNIST is not named. */
function formatRun({ name, dataset }: Run): string {
  return dataset.id === DEFAULT_DATASET ? name : `${name}, on “${dataset.name}”`;
}

interface FiguresProps {
  pace: Pace | null;
  loss: number | null;
  isActive: boolean;
}

function Figures({ pace, loss, isActive }: FiguresProps) {
  const leftName = pace?.leftOf === "training" && isActive ? "Training left" : "Time left";
  const figures: [string, number | null | undefined, (value: number) => string][] = [
    ["Loss", loss, formatLoss],
    ["Steps/s", pace?.stepsPerSecond, formatRate],
    ["Images/s", pace?.imagesPerSecond, formatRate],
    [leftName, isActive && pace?.isSettled ? pace.leftMs : null, formatLeft],
  ];
  return (
    <dl className={classes.figures}>
      {figures.map(([name, value, format]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {value == null ? "–" : format(value)}
            {name === leftName && isActive && canKeepAwake() && <KeepAwakeButton />}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function formatLeft(leftMs: number): string {
  return leftMs === 0 ? "–" : `about ${formatRoughly(leftMs)}`;
}

/** An offer beside the time that is left: a screen that goes dark takes many computers to sleep, and training with them. */
function KeepAwakeButton() {
  const { store } = useApp();
  const keepsAwake = useAppState((state) => state.keepsAwake);
  return (
    <ActionIcon
      ml="xs"
      size="sm"
      variant={keepsAwake ? "filled" : "default"}
      aria-pressed={keepsAwake}
      aria-label="Keep the screen awake while training"
      title={
        keepsAwake
          ? "The screen stays awake while this page is visible and trains."
          : "Keep the screen awake while training, so that the computer does not go to sleep."
      }
      onClick={() => store.setState({ keepsAwake: !keepsAwake })}
    >
      <EyeIcon />
    </ActionIcon>
  );
}

function Bars({ pace, run }: { pace: Pace | null; run: Run | null }) {
  const part = run && runPart(run);
  const isPhase = run !== null && epochWord(run.config) === "phase";
  // Keys, so that one bar does not slide into the place of the other.
  return (
    <div className={classes.bars}>
      {part ? (
        <Bar
          key={partKey(part)}
          name={part.name}
          words={partWords(part)}
          fraction={part.fraction}
          color={part.name === "Programs" ? "var(--accent)" : "var(--series-validation)"}
          hasTimeLeft
        />
      ) : (
        <Bar
          key="epoch"
          name={isPhase ? "Phase" : "Epoch"}
          words={
            pace
              ? `step ${formatCount(pace.stepInEpoch)} of ${formatCount(pace.stepsPerEpoch)}`
              : ""
          }
          fraction={pace ? pace.stepInEpoch / pace.stepsPerEpoch : 0}
        />
      )}
      <Bar
        name="Run"
        words={pace && run ? formatEpochPlace(run.config, pace.epoch) : ""}
        fraction={pace ? pace.step / pace.totalSteps : 0}
      />
    </div>
  );
}

interface BarProps {
  name: string;
  words: string;
  fraction: number;
  color?: string;
  /** Not of what has its own figure. */
  hasTimeLeft?: boolean;
}

function Bar({ name, words, fraction, color = "var(--accent)", hasTimeLeft = false }: BarProps) {
  const timeLeft = useTimeLeft(fraction);
  return (
    <div>
      <Group
        justify="space-between"
        gap="xs"
        wrap="nowrap"
        mb={3}
        fz="xs"
        c="dimmed"
        style={{ whiteSpace: "nowrap" }}
      >
        <span>
          <Text span inherit fw={600} c="var(--mantine-color-text)">
            {name}
          </Text>
          {words && ` ${words}`}
        </span>
        <span>
          {/* One of the two: there is no room for both beside the bar of the run. */}
          {(hasTimeLeft && timeLeft.replace(/^, /, "")) || formatPercent(fraction)}
        </span>
      </Group>
      <Progress value={100 * fraction} color={color} aria-label={name} />
    </div>
  );
}

/** `1,600 of 10,000`, `drawing samples` */
function partWords(part: RunPart): string {
  if (part.name === "Measuring quality") return MEASURING_WORDS[part.doing];
  const done = `${formatCount(part.numDone)} of ${formatCount(part.total)}`;
  return part.name === "Programs" ? `${done} compiled` : done;
}
