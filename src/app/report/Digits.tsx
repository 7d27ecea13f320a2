import { Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { classRows } from "../../engine/config/snapshotSteps.ts";
import { namingOf, ownNames } from "../../engine/data/datasets.ts";
import type { Report } from "../../runtime/files/readReport.ts";
import { capitalized, counted } from "../../runtime/format.ts";
import { trainingWords } from "../features/results/evolution/trainingAxis.ts";
import { FittedImageGrid } from "../shared/images/ImageGrid.tsx";
import { pixelsAt } from "../state/slices/evolution.ts";
import classes from "./Digits.module.css";
import { GenerateForm, type Shown } from "./GenerateForm.tsx";

/** The newest samples of the run; with its weights, digits that are drawn here and now. */
export function Digits({ report }: { report: Report }) {
  const newest = useMemo(() => newestSamples(report), [report]);
  const [drawn, setDrawn] = useState<Shown | null>(null);
  const shown = drawn ?? newest;
  const { weights, weightsProblem } = report;
  if (!shown && !weights) return null;
  const heading = capitalized(`${namingOf(report.run.dataset).noun}s`);
  return (
    <section className={classes.view} aria-label={heading}>
      <h2>{heading}</h2>
      <div className={classes.digits}>
        {shown && (
          <FittedImageGrid
            pixels={shown.pixels}
            count={shown.count}
            rows={shown.rows}
            columns={shown.columns ?? shown.rows?.columns}
            label={shown.words}
          />
        )}
      </div>
      <Text size="sm" c="dimmed" className={classes.words}>
        {shown?.words}
      </Text>
      {weights && <GenerateForm report={report} weights={weights} onDrawn={setDrawn} />}
      {weightsProblem !== null && (
        <Text size="sm" c="dimmed" className={classes.form}>
          This network cannot run in a web page: {weightsProblem}
        </Text>
      )}
    </section>
  );
}

function newestSamples({ run, snapshots }: Report): Shown | null {
  const newest = snapshots.at(-1);
  if (!newest) return null;
  const { count, numFrames, step } = newest;
  const training = trainingWords(step, run);
  const naming = namingOf(run.dataset);
  return {
    count,
    columns: null,
    rows: classRows(count, run.config, ownNames(naming)),
    pixels: pixelsAt(newest, numFrames - 1),
    words: `${counted(count, naming.noun)} of this run, ${training}`,
  };
}
