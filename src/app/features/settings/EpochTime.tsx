import { Text } from "@mantine/core";
import { isValidNewRun } from "../../../engine/config/validate.ts";
import { formatPercent } from "../../../runtime/format.ts";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { epochTimeWords } from "../../shared/epochTimeWords.ts";
import { onFirstClick } from "../../shared/onFirstClick.ts";
import { LinkButton } from "../../shared/parts/LinkButton.tsx";
import { useAction } from "../../shared/useAction.ts";
import { ACTIONS } from "../../state/actions.ts";
import { epochTimeOf } from "../../state/slices/epochTimer.ts";
import type { AppState } from "../../state/state.ts";
import classes from "./Settings.module.css";

/** How long an epoch takes with the settings of the form, where that was measured; else the way to it. */
export function EpochTime() {
  const { client } = useApp();
  const words = useAppState(wordsOf);
  const fraction = useAppState(({ epochTiming }) => epochTiming.fraction);
  const timeEpoch = useAction(ACTIONS.timeEpoch);
  const isTiming = fraction !== null;
  const isPhase = useAppState(({ config }) => config.distilFrom > 0);
  const label = isPhase ? "Time a phase" : timeEpoch.children;
  return (
    <Text size="xs" c="dimmed" lh={1.35} className={classes.epochTime ?? ""}>
      <span aria-live="polite">{words !== null && !isTiming && `${words} `}</span>
      {isTiming && `Timing a few steps, ${formatPercent(fraction)} `}
      {/* One button, so that the keyboard's focus stays on it. */}
      <LinkButton
        {...timeEpoch}
        onClick={isTiming ? onFirstClick(client.cancelTiming) : timeEpoch.onClick}
      >
        {isTiming ? "Cancel" : words === null ? label : "Time again"}
      </LinkButton>
    </Text>
  );
}

/** What is known, or why it is not; null before anything was measured. */
function wordsOf(state: AppState): string | null {
  const { config, dataset, epochTiming } = state;
  const time = epochTimeOf(state);
  if (time && isValidNewRun(config, dataset.current)) return epochTimeWords(time, config);
  return epochTiming.failure === null ? null : `Not timed: ${epochTiming.failure}`;
}
