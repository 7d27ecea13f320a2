import { Progress as Bar, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { formatDuration } from "../../../../runtime/format.ts";
import classes from "../../../shared/network/Form.module.css";
import { useTimeLeft } from "../../../shared/timeLeft.ts";
import { fractionDone, generationsOf, isGenerating } from "../state/denoise.ts";
import { useDenoise, useDenoiseState } from "../useDenoise.ts";

/** Under Generate: how far it is, or why it cannot begin. */
export function Progress({ disabledReason }: { disabledReason: string | null }) {
  const isBusy = useDenoiseState(isGenerating);
  const failure = useDenoiseState(
    (state) => generationsOf(state).find(({ message }) => message !== null)?.message ?? null,
  );
  if (isBusy) return <Running />;
  const words = failure ?? disabledReason;
  return (
    <Text
      size="xs"
      className={`column ${classes.progress}`}
      role="status"
      c={words ? "var(--mantine-color-error)" : "dimmed"}
    >
      {words ?? <Outcome />}
    </Text>
  );
}

function Running() {
  const { store } = useDenoise();
  const [, setTick] = useState(0);
  // Ten frames a second or more come in: the words need not follow each.
  useEffect(() => {
    const timer = setInterval(() => setTick((tick) => tick + 1), 250);
    return () => clearInterval(timer);
  }, []);
  const state = store.getState();
  const fraction = fractionDone(state);
  return (
    <div className={`column ${classes.progress}`}>
      <Bar value={100 * fraction} size="sm" aria-label="Generation" />
      <Text size="xs" c="dimmed">
        {Math.floor(100 * fraction)} %{fraction > 0 && <TimeLeft fraction={fraction} />}
        {state.isStill && "; shown when finished"}
      </Text>
    </div>
  );
}

/** From the first step on: before it, programs may be compiled. */
function TimeLeft({ fraction }: { fraction: number }) {
  return useTimeLeft(fraction);
}

function Outcome() {
  const status = useDenoiseState((state) => {
    const all = generationsOf(state);
    if (all.length === 0) return "none";
    const ended = all.find((of) => of.status === "cancelled" || of.status === "interrupted");
    return ended?.status ?? "done";
  });
  const elapsedMs = useDenoiseState((state) =>
    generationsOf(state).reduce((sum, generation) => sum + (generation.elapsedMs ?? 0), 0),
  );
  if (status === "none") return <span className={classes.keyHint}>Or press Enter.</span>;
  if (status === "cancelled") return "Cancelled.";
  if (status === "interrupted") {
    return "Stopped, because a run was started or opened. Press Generate to draw the digits again.";
  }
  return `Done in ${formatDuration(elapsedMs)}.`;
}
