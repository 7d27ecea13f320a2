import { formatDuration } from "../../../../runtime/format.ts";
import { FormProgress, FormStatus } from "../../../shared/network/NetworkForm.tsx";
import { useTimeLeft } from "../../../shared/timeLeft.ts";
import { type DenoiseState, fractionDone, generationsOf, isGenerating } from "../state/denoise.ts";
import { liveWords } from "../text.ts";
import { useDenoiseState } from "../useDenoise.ts";

/** Under Generate: how far it is, how it ended, or why it cannot begin. */
export function Progress({ disabledReason }: { disabledReason: string | null }) {
  const isBusy = useDenoiseState(isGenerating);
  const outcome = useDenoiseState((state) =>
    state.isLive ? liveWords(state) : outcomeWords(state),
  );
  const failure = useDenoiseState(
    (state) => generationsOf(state).find(({ message }) => message !== null)?.message ?? null,
  );
  if (isBusy) return <Running />;
  return <FormStatus error={failure ?? disabledReason} outcome={outcome} />;
}

function Running() {
  const fraction = useDenoiseState(fractionDone);
  const isStill = useDenoiseState((state) => state.isStill);
  return (
    <FormProgress label="Generation" fraction={fraction}>
      {Math.floor(100 * fraction)} %{fraction > 0 && <TimeLeft fraction={fraction} />}
      {isStill && "; shown when finished"}
    </FormProgress>
  );
}

/** From the first step on: before it, programs may be compiled. */
function TimeLeft({ fraction }: { fraction: number }) {
  return useTimeLeft(fraction);
}

function outcomeWords(state: DenoiseState): string | null {
  const all = generationsOf(state);
  if (all.length === 0) return null;
  if (all.some(({ status }) => status === "cancelled")) return "Cancelled.";
  if (all.some(({ status }) => status === "interrupted")) {
    return "Stopped, because a run was started or opened. Press Generate to draw the digits again.";
  }
  return `Done in ${formatDuration(all.reduce((sum, { elapsedMs }) => sum + (elapsedMs ?? 0), 0))}.`;
}
