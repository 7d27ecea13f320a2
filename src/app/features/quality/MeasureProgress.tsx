import { Progress as Bar, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import type { MeasureProgress as Progress } from "../../../engine/quality/figures.ts";
import { formatCount, formatPercent } from "../../../runtime/format.ts";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import classes from "../../shared/network/Form.module.css";
import { useTimeLeft } from "../../shared/timeLeft.ts";
import { useQualityState } from "./quality.ts";

/** Under Measure: how far it is, how it ended, or why it cannot begin. */
export function MeasureProgress({ disabledReason }: { disabledReason: string | null }) {
  const isBusy = useAppState((state) => state.evaluation.request !== null);
  const failure = useAppState((state) => state.evaluation.failure);
  const outcome = useQualityState((state) => state.outcome);
  if (isBusy) return <Running />;
  const wrong = failure ?? disabledReason;
  return (
    <Text
      size="xs"
      className={`column ${classes.progress}`}
      role="status"
      c={wrong ? "var(--mantine-color-error)" : "dimmed"}
    >
      {wrong ??
        (outcome === "cancelled" ? (
          "Cancelled."
        ) : (
          <span className={classes.keyHint}>Or press Enter.</span>
        ))}
    </Text>
  );
}

function Running() {
  const { store } = useApp();
  const [, setTick] = useState(0);
  // More reports than that come in: the words need not follow each.
  useEffect(() => {
    const timer = setInterval(() => setTick((tick) => tick + 1), 250);
    return () => clearInterval(timer);
  }, []);
  const { progress } = store.getState().evaluation;
  return (
    <div className={`column ${classes.progress}`}>
      <Bar value={100 * (progress?.fraction ?? 0)} size="sm" aria-label="Measurement" />
      <Text size="xs" c="dimmed">
        {/* Each part has a pace of its own. */}
        {progress ? <Part key={progress.doing} {...progress} /> : "Getting the classifier ready…"}
      </Text>
    </div>
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
