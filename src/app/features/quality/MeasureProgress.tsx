import type { MeasureProgress as Progress } from "../../../engine/quality/figures.ts";
import { formatCount, formatPercent } from "../../../runtime/format.ts";
import { useAppState } from "../../shared/AppContext.ts";
import { FormProgress, FormStatus } from "../../shared/network/NetworkForm.tsx";
import { useTimeLeft } from "../../shared/timeLeft.ts";
import { useQualityState } from "./quality.ts";

/** Under Measure: how far it is, how it ended, or why it cannot begin. */
export function MeasureProgress({ disabledReason }: { disabledReason: string | null }) {
  const { request, progress, failure } = useAppState((state) => state.evaluation);
  const outcome = useQualityState((state) => state.outcome);
  if (request === null) {
    const words = outcome === "cancelled" ? "Cancelled." : null;
    return <FormStatus error={failure ?? disabledReason} outcome={words} />;
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
  const numTrain = useAppState((state) => state.dataset.current?.numTrain ?? 0);
  const words = {
    drawing: "Drawing",
    classifying: "Classifying",
    comparing: `Comparing with ${formatCount(numTrain)} training images`,
    scaling: "Measuring training images for scale",
  }[doing];
  return `${words}: ${formatPercent(fraction)}${timeLeft}`;
}
