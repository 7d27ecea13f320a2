import { type ReactNode, type Ref, useId, useRef } from "react";
import { useAppState } from "../../shared/AppContext.ts";
import { BucketLosses } from "../../shared/charts/BucketLosses.tsx";
import cardClasses from "../../shared/charts/ChartCard.module.css";
import { ChartMenu } from "../../shared/charts/ChartMenu.tsx";
import { hasSteps } from "../../shared/charts/series/assignmentRun.ts";
import { epochsUpTo, hasBuckets } from "../../shared/charts/series/bucketRows.ts";
import { Explain } from "../../shared/explain/Explain.tsx";
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
    <Card title={TITLE} hasNote>
      <p className={classes.words}>
        After each epoch: how large the loss is where images are nearly clean, and where they are
        nearly noise.
      </p>
    </Card>
  );
}

function Losses({ run, name }: { run: Run; name: string }) {
  const card = useRef<HTMLElement>(null);
  const upToStep = useAppState(cursorStep);
  const epochs = epochsUpTo(run.epochs, upToStep);
  const { timesteps } = run.config;
  const menu = (
    <ChartMenu
      title={TITLE}
      name={name}
      card={card}
      csv={() => bucketCsv(epochs, timesteps)}
      json={() => bucketJson(TITLE, epochs, timesteps)}
    />
  );
  return (
    <Card title={TITLE} ref={card} end={menu} hasNote>
      <div className={classes.tableRoom}>
        <BucketLosses upToStep={upToStep} />
      </div>
    </Card>
  );
}

function NoRunYet() {
  return (
    <Card title="No run yet">
      <div className={classes.words}>
        <p>
          The dashed curve is the validation loss of the course assignment, trained for 100 epochs
          in PyTorch; the bump at epoch 81 is in the original.
        </p>
        <p>
          Your own run is drawn here as it trains. <ViewLink view="train">Go to Train</ViewLink>
        </p>
      </div>
    </Card>
  );
}

interface CardProps {
  title: string;
  ref?: Ref<HTMLElement>;
  end?: ReactNode;
  /** Whether it is told how to read it. */
  hasNote?: boolean;
  children: ReactNode;
}

function Card({ title, ref, end, hasNote = false, children }: CardProps) {
  const headingId = useId();
  return (
    <section
      ref={ref}
      className={`${cardClasses.card} ${classes.table}`}
      data-size="large"
      aria-labelledby={headingId}
    >
      <div className={cardClasses.head}>
        <h3 id={headingId}>{title}</h3>
        {hasNote && (
          <span data-undrawn>
            <Explain note="buckets" />
          </span>
        )}
        {end && <span className={cardClasses.end}>{end}</span>}
      </div>
      {children}
    </section>
  );
}
