import { Button, Group, Loader, Text } from "@mantine/core";
import { lazy, type ReactNode, useState } from "react";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { StopIcon } from "../../shared/icons.tsx";
import { onFirstClick } from "../../shared/onFirstClick.ts";
import { ErrorBoundary } from "../../shared/parts/ErrorBoundary.tsx";
import { LinkButton } from "../../shared/parts/LinkButton.tsx";
import { ACTIONS } from "../../state/actions.ts";
import { isActive } from "../../state/slices/run.ts";
import { isOpeningAddressed } from "../../state/slices/storedRuns.ts";
import { MainButton, toRun } from "./MainButton.tsx";
import { hadUnsaved, storedBefore } from "./storedBefore.ts";
import { suggestedRun } from "./suggestedRun.ts";

/** The card in a narrow column is so high: its room is there before it is, so that nothing moves. */
const CARD_HEIGHT = 90;

/** The sentence on steps that were lost takes so much more. */
const LOST_HEIGHT = 32;

// A first visit has no runs.
const ResumeCard = lazy(() => import("./ResumeCard.tsx"));

/** One large button, whose name is what a press would do now, and Stop; why it is disabled. */
export function TrainControls({ children }: { children?: ReactNode }) {
  return (
    <>
      <Group gap="xs" data-run-controls>
        <MainButton size="md" />
        <StopButton size="md" />
        {children}
      </Group>
      <TrainReason />
    </>
  );
}

/** The run that can be opened or resumed, where there is one. */
export function StoredRunCard() {
  const [before] = useState(storedBefore);
  const [hadLost] = useState(hadUnsaved);
  const hasCard = useAppState((state) => {
    if (isOpeningAddressed(state)) return before === "unfinished";
    const { runs, addressed } = state.stored;
    if (runs === null && state.run === null && before !== null) return true;
    return suggestedRun(state) !== null || (addressed?.problem ?? null) !== null;
  });
  if (!hasCard) return null;
  return (
    // The room stays where, after all, nothing was lost: what is below would move.
    <div style={{ minHeight: CARD_HEIGHT + (hadLost ? LOST_HEIGHT : 0) }}>
      <ErrorBoundary part="The stored run">
        <ResumeCard />
      </ErrorBoundary>
    </div>
  );
}

/** Nothing where no run is active. */
export function StopButton({ size }: { size: "md" | "compact-sm" }) {
  const app = useApp();
  const run = useAppState((state) => state.run);
  const reason = useAppState(ACTIONS.stop.disabledReason);
  if (!isActive(run)) return null;
  const isAsked = run.asked === "stop";
  return (
    <Button
      ref={toRun}
      size={size}
      px="xs"
      leftSection={isAsked ? <Loader size="1em" color="currentColor" /> : <StopIcon />}
      disabled={run.status === null}
      // Not `loading`: the keyboard's focus would be lost.
      aria-disabled={isAsked}
      title={reason ?? undefined}
      onClick={onFirstClick(() => {
        if (!isAsked) ACTIONS.stop.perform(app);
      })}
    >
      {ACTIONS.stop.label}
    </Button>
  );
}

const reloadPage = () => window.location.reload();

/** Why Train is disabled. */
function TrainReason() {
  const reason = useAppState((state) =>
    isActive(state.run) ? null : ACTIONS.train.disabledReason(state),
  );
  const isElsewhere = useAppState(({ stored }) => stored.isTrainingElsewhere);
  const hasNoBackend = useAppState(({ backend }) => backend.status === "failed");
  if (reason === null) return null;
  return (
    <Text
      size="xs"
      c={isElsewhere ? "dimmed" : "var(--mantine-color-error)"}
      {...(isElsewhere && { role: "note" })}
    >
      {reason}
      {hasNoBackend && (
        <>
          {" "}
          <LinkButton onClick={reloadPage}>Reload</LinkButton>
        </>
      )}
    </Text>
  );
}
