import type { MeasureProgress as Progress } from "../../../engine/quality/figures.ts";
import { formatCount, formatPercent } from "../../../runtime/format.ts";
import { useAppState } from "../../shared/AppContext.ts";
import { FormProgress, FormStatus } from "../../shared/network/NetworkForm.tsx";
import { useTimeLeft } from "../../shared/timeLeft.ts";

/** Under Measure: how far it is, how it ended, or why it cannot begin. */
export function MeasureProgress({ disabledReason }: { disabledReason: string | null }) {
  const { request, progress, failure, isCancelled } = useAppState((state) => state.evaluation);
  if (request === null) {
    const outcome = isCancelled ? "Cancelled." : null;
    return <FormStatus error={failure ?? disabledReason} outcome={outcome} />;
  }
  return (
    <FormProgress label="Measurement" fraction={progress?.fraction ?? 0}>
      {/* Each part has a pace of its own. */}
      {progress ? <Part key={progress.doing} {...progress} /> : "Getting the classifier ready…"}
    </FormProgress>
  );
}

function Part({ doing, fraction }: Progress) {
  const timeLeft = useTimeLeft(fraction);
  const isComparing = useAppState(
    ({ evaluation: { request } }) => request !== null && !("sampler" in request),
  );
  const numTrain = useAppState((state) => state.dataset.current?.numTrain ?? 0);
  const words = {
    drawing: isComparing ? "Comparing samplers" : "Drawing",
    classifying: "Classifying",
    comparing: `Comparing with ${formatCount(numTrain)} training images`,
    scaling: "Measuring training images for scale",
  }[doing];
  return `${words}: ${formatPercent(fraction)}${timeLeft}`;
}
