import { Anchor, Text } from "@mantine/core";
import { validateNewRun } from "../config/validate.ts";
import { epochTimeOf } from "../store/epochTiming.ts";
import { whyNotIdle } from "../store/idle.ts";
import { isActive } from "../store/run.ts";
import type { AppState } from "../store/state.ts";
import { useApp, useAppState } from "./AppContext.ts";
import { epochWords } from "./epochWords.ts";
import { formatPercent } from "./format.ts";
import { onFirstClick } from "./onFirstClick.ts";
import classes from "./Settings.module.css";

const HELP =
  "Trains a few steps with these settings, without touching any run, and tells how long an epoch takes here. Previews and checkpoints come on top.";

/** How long an epoch takes with the settings of the form, where that was measured; else the way to it. */
export function EpochTime() {
  const { client } = useApp();
  const words = useAppState(wordsOf);
  const fraction = useAppState(({ epochTiming }) => epochTiming.running?.fraction ?? null);
  const whyNot = useAppState(whyNotTimed);
  const isTiming = fraction !== null;
  return (
    <Text size="xs" c="dimmed" lh={1.35} className={classes.epochTime ?? ""}>
      <span aria-live="polite">{words !== null && !isTiming && `${words} `}</span>
      {isTiming && `Timing a few steps, ${formatPercent(fraction)} `}
      {/* One button, so that the keyboard's focus stays on it. */}
      <Anchor
        component="button"
        type="button"
        size="xs"
        title={whyNot ?? HELP}
        disabled={whyNot !== null}
        onClick={onFirstClick(isTiming ? client.cancelTiming : client.timeEpoch)}
      >
        {isTiming ? "Cancel" : words === null ? "Time an epoch" : "Time again"}
      </Anchor>
    </Text>
  );
}

/** What is known, or why it is not; null before anything was measured. */
function wordsOf(state: AppState): string | null {
  const { config, epochTiming } = state;
  const time = epochTimeOf(state);
  if (time && isValid(state)) return epochWords(time, config);
  return epochTiming.failure === null ? null : `Not timed: ${epochTiming.failure}`;
}

function whyNotTimed(state: AppState): string | null {
  // Also of one that is paused: its settings stand, and how long it takes is known.
  if (isActive(state.run)) return "A run is in progress. It tells how long it takes.";
  if (!isValid(state)) return "Correct the settings first.";
  if (state.dataset.current === null) return "The images are still loading.";
  return whyNotIdle(state);
}

function isValid({ config }: AppState): boolean {
  return Object.keys(validateNewRun(config)).length === 0;
}
