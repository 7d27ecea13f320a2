import { Text } from "@mantine/core";
import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { isValidNewRun } from "../../../engine/config/validate.ts";
import { epochWord, formatDuration, formatPercent } from "../../../runtime/format.ts";
import { ACTIONS } from "../../state/actions.ts";
import { epochTimeOf, type EpochTime as Time } from "../../state/slices/epochTimer.ts";
import { isSameWork } from "../../state/slices/epochTiming.ts";
import type { AppState } from "../../state/state.ts";
import { useApp, useAppState } from "../AppContext.ts";
import { onFirstClick } from "../onFirstClick.ts";
import { useAction } from "../useAction.ts";
import { LinkButton } from "./LinkButton.tsx";

interface EpochTimeProps {
  config: RunConfig;
  className?: string | undefined;
}

/** How long an epoch takes with these settings, where that was measured; else the way to it. */
export function EpochTime({ config, className = "" }: EpochTimeProps) {
  const { client } = useApp();
  const words = useAppState((state) => wordsOf({ ...state, config }));
  const fraction = useAppState(({ epochTiming }) => epochTiming.inProgress?.fraction);
  const timeEpoch = useAction<[RunConfig]>(ACTIONS.timeEpoch, config);
  const isTiming = fraction !== undefined;
  return (
    <Text size="xs" c="dimmed" lh={1.35} className={className}>
      <span aria-live="polite">{words !== null && !isTiming && `${words} `}</span>
      {isTiming && `Timing a few steps, ${formatPercent(fraction)} `}
      {/* One button, so that the keyboard's focus stays on it. */}
      <LinkButton
        {...timeEpoch}
        onClick={isTiming ? onFirstClick(client.cancelTiming) : timeEpoch.onClick}
      >
        {isTiming ? "Cancel" : words === null ? timeEpoch.children : "Estimate again"}
      </LinkButton>
    </Text>
  );
}

/** What is known, or why it is not; null before anything was measured. */
function wordsOf(state: AppState): string | null {
  const { config, dataset, epochTiming } = state;
  const time = epochTimeOf(state);
  if (time && isValidNewRun(config, dataset.current)) return formatEpochTime(time, config);
  const { failure } = epochTiming;
  return failure && isSameWork(failure.config, config) ? `Not timed: ${failure.message}` : null;
}

/** `About 3 min 20 s an epoch on this device, 33 min in all.` */
export function formatEpochTime(
  { epochMs, totalMs }: Time,
  config: Pick<RunConfig, "epochs" | "patience" | "distilFrom">,
): string {
  const { epochs, patience } = config;
  const [time, word] = [durationOnOneLine(epochMs), epochWord(config)];
  if (epochs === 1) return `About ${time} for the ${word} on this device.`;
  // Early stopping may end it before.
  const most = patience > 0 ? "at most " : "";
  return `About ${time} ${word === "epoch" ? "an" : "a"} ${word} on this device, ${most}${durationOnOneLine(totalMs)} in all.`;
}

function durationOnOneLine(ms: number): string {
  return formatDuration(ms).replaceAll(" ", "\u00a0");
}
