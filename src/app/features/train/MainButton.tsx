import { Button, Loader } from "@mantine/core";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { handFocusOn } from "../../shared/handFocusOn.ts";
import { PauseIcon, PlayIcon } from "../../shared/icons.tsx";
import { onFirstClick } from "../../shared/onFirstClick.ts";
import { ACTIONS } from "../../state/actions.ts";
import { hasFinished, isActive } from "../../state/slices/run.ts";
import type { AppState } from "../../state/state.ts";
import { isUntouched } from "../../state/state.ts";
import { resumableRun } from "./suggestedRun.ts";

/** Hands the focus of a removed button of the run to the main button, or to the strip, where the main button is removed as well. */
export const toRun = handFocusOn(
  (button) =>
    button.closest("main")?.querySelector<HTMLElement>("[data-run-controls] button") ??
    button.closest("section"),
);

type MainAction = "train" | "cancelTrain" | "pause" | "resume";

/** Train, Pause, or Resume of a run that is paused: its label says what a click does now. A stored run has another Resume (`ResumeCard.tsx`). */
export function MainButton({ size }: { size: "md" | "compact-sm" }) {
  const app = useApp();
  const action = useAppState(mainAction);
  const reason = useAppState((state) => ACTIONS[action].disabledReason(state));
  const isPending = reason !== null && (action === "pause" || action === "resume");
  // Beside Resume, or what a finished run is good for, which come first then.
  const isForAnother = useAppState((state) => resumableRun(state) !== null || hasFinished(state));
  const isFirst = useAppState(isUntouched);
  const trainLabel = isForAnother ? "Train a new run" : isFirst ? "Train my own" : "Train";
  const variant = action === "cancelTrain" ? "light" : "filled";
  return (
    <Button
      ref={toRun}
      size={size}
      px="lg"
      leftSection={isPending ? <Loader size="1em" color="currentColor" /> : <Icon of={action} />}
      variant={isForAnother ? "default" : variant}
      disabled={reason !== null && !isPending}
      // Not `disabled` nor another button: the keyboard's focus would be lost.
      aria-disabled={isPending}
      onClick={onFirstClick(() => {
        if (!isPending) ACTIONS[action].perform(app);
      })}
    >
      {action === "train" ? trainLabel : ACTIONS[action].label}
    </Button>
  );
}

function mainAction({ run, trainRequested, continueRequested }: AppState): MainAction {
  if (isActive(run)) return run.status === "paused" ? "resume" : "pause";
  return trainRequested || continueRequested ? "cancelTrain" : "train";
}

function Icon({ of }: { of: MainAction }) {
  if (of === "cancelTrain") return null;
  return of === "pause" ? <PauseIcon /> : <PlayIcon />;
}
