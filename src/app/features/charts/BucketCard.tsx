import { useAppState } from "../../shared/AppContext.ts";
import { BucketLosses } from "../../shared/charts/BucketLosses.tsx";
import { ChartFrame } from "../../shared/charts/ChartFrame.tsx";
import { hasSteps } from "../../shared/charts/series/assignmentRun.ts";
import { epochsUpTo, hasBuckets } from "../../shared/charts/series/bucketRows.ts";
import { ViewLink } from "../../shared/parts/ViewLink.tsx";
import { cursorStep } from "../../state/slices/cursor.ts";
import type { Run } from "../../state/slices/run.ts";
import { bucketCsv, bucketJson } from "./bucketFiles.ts";
import classes from "./ChartsView.module.css";

const TITLE = "One epoch by timestep";

interface BucketCardProps {
  run: Run | null;
  /** What its files are named after. */
  name: string;
}

/** The losses by timestep in numbers, of the epoch under the cursor; before a run what will be seen. */
export function BucketCard({ run, name }: BucketCardProps) {
  if (!hasSteps(run)) return <NoRunYet />;
  return hasBuckets(run) ? (
    <Losses run={run} name={name} />
  ) : (
    <ChartFrame title={TITLE} note="buckets" size="large" className={classes.table}>
      <p className={classes.words}>
        After each epoch you see here how large the loss is for nearly clean images, and for nearly
        pure noise.
      </p>
    </ChartFrame>
  );
}

function Losses({ run, name }: { run: Run; name: string }) {
  const upToStep = useAppState(cursorStep);
  const epochs = epochsUpTo(run.epochs, upToStep);
  const { timesteps } = run.config;
  const files = {
    name,
    csv: () => bucketCsv(epochs, timesteps),
    json: () => bucketJson(TITLE, epochs, timesteps),
  };
  return (
    <ChartFrame title={TITLE} note="buckets" size="large" className={classes.table} files={files}>
      <div className={classes.tableRoom}>
        <BucketLosses upToStep={upToStep} />
      </div>
    </ChartFrame>
  );
}

function NoRunYet() {
  return (
    <ChartFrame title="No run yet" size="large" className={classes.table}>
      <div className={classes.words}>
        <p>
          The dashed curve is the validation loss of the course assignment, trained for 100 epochs
          in PyTorch. The spike at epoch 81 occurred in the original run.
        </p>
        <p>
          Your own run is drawn here as it trains. <ViewLink view="train">Go to Train</ViewLink>
        </p>
      </div>
    </ChartFrame>
  );
}
