import { Text } from "@mantine/core";
import type { EpochMetrics, StepMetrics } from "../../../../runtime/run/events.ts";
import { useAppState } from "../../../shared/AppContext.ts";
import BucketLosses from "../../../shared/charts/BucketLosses.tsx";
import { ChartFrame } from "../../../shared/charts/ChartFrame.tsx";
import { hasSteps } from "../../../shared/charts/series/assignmentRun.ts";
import {
  epochsUpTo,
  timestepCsv,
  timestepParts,
} from "../../../shared/charts/series/bucketRows.ts";
import { ViewLink } from "../../../shared/parts/ViewLink.tsx";
import { cursorStep } from "../../../state/slices/cursor.ts";
import { hasBuckets, liveBefore, type Run } from "../../../state/slices/run.ts";
import classes from "./ChartsView.module.css";

const TITLE = "Latest validation, by timestep";
const CARD = { title: TITLE, note: "buckets", size: "large", className: classes.table } as const;

/** The losses by timestep in numbers, of the epoch under the cursor, or live before the first; before a run what will be seen. */
export function BucketCard({ run, name }: { run: Run | null; name: string }) {
  const upToStep = useAppState(cursorStep);
  if (!hasSteps(run)) return <NoRunYet />;
  if (!hasBuckets(run)) {
    return (
      <ChartFrame {...CARD}>
        <Text size="sm" c="dimmed" lh={1.5} mt={6}>
          After each validation you see here how large the loss is for nearly clean images, and for
          nearly pure noise.
        </Text>
      </ChartFrame>
    );
  }
  const live = liveBefore(run, upToStep);
  const shown = live ? [live] : epochsUpTo(run.epochs, upToStep).slice(-2);
  return (
    <ChartFrame {...CARD} files={{ name, ...bucketFiles(shown, run.config.timesteps) }}>
      <div className={classes.tableRoom}>
        <BucketLosses upToStep={upToStep} />
      </div>
    </ChartFrame>
  );
}

/** Files of the losses in an epoch and the one before, or in a live validation; JSON has null where no image fell. */
function bucketFiles(validations: (StepMetrics | EpochMetrics)[], numTimesteps: number) {
  const all = validations.map(({ step, bucketLosses = [], ...report }) => {
    const parts = timestepParts(bucketLosses, numTimesteps);
    const epoch = "epoch" in report ? report.epoch : null;
    return { epoch, step, parts };
  });
  return {
    csv: () =>
      timestepCsv(
        all.map(({ epoch, step, parts }) => {
          return { name: epoch === null ? `step_${step}` : `epoch_${epoch}`, parts };
        }),
      ),
    json: () =>
      JSON.stringify({
        title: TITLE,
        timesteps: all.at(-1)?.parts.map(({ first, last }) => ({ first, last })),
        epochs: all.map(({ epoch, step, parts }) => {
          return { epoch, step, loss: parts.map(({ loss }) => loss) };
        }),
      }),
  };
}

function NoRunYet() {
  return (
    <ChartFrame title="No run is open" size="large" className={classes.table}>
      <Text size="sm" c="dimmed" lh={1.5} mt={6}>
        The dashed curve is the validation loss of the course assignment, trained for 100 epochs in
        PyTorch. The jump after epoch 80 was in that run.
      </Text>
      <Text size="sm" c="dimmed" lh={1.5} mt={8}>
        Your own run is drawn here as it trains. <ViewLink view="train">Go to Train</ViewLink>
      </Text>
    </ChartFrame>
  );
}
