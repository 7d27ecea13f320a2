import { Slider, Text } from "@mantine/core";
import { useState } from "react";
import type { ComparedRun } from "../../store/comparison.ts";
import { cursorStep, heldAt } from "../../store/cursor.ts";
import { snapshotAt } from "../../store/evolution.ts";
import { useApp, useAppState } from "../AppContext.ts";
import { formatCount } from "../format.ts";
import classes from "./CompareView.module.css";
import { RunSwatch } from "./RunSwatch.tsx";
import { runStyle } from "./runStyle.ts";
import { SnapshotCanvas } from "./SnapshotCanvas.tsx";
import { snapshotSteps } from "./snapshotSteps.ts";

/** The digits of each run at the same training step; the charts' cursor moves them. */
export function SideBySide({ runs }: { runs: readonly ComparedRun[] }) {
  const { store } = useApp();
  // Runs may have other numbers of denoising steps.
  const [share, setShare] = useState(1);
  const steps = snapshotSteps(runs);
  const lastStep = steps.at(-1) ?? 0;
  const step = Math.min(useAppState(cursorStep) ?? lastStep, lastStep);
  const position = Math.max(
    0,
    steps.findLastIndex((of) => of <= step),
  );
  return (
    <section className={classes.digits} aria-label="Digits side by side">
      <div className={classes.grids}>
        {runs.map(({ runId, place, name, snapshots }) => (
          <figure key={runId} className={classes.run}>
            <figcaption>
              <Text size="sm" fw={600} truncate title={name}>
                <RunSwatch place={place} /> {name}
              </Text>
            </figcaption>
            <SnapshotCanvas
              snapshot={snapshotAt(snapshots, step)}
              share={share}
              name={`${runStyle(place).letter} ${name}`}
            />
          </figure>
        ))}
      </div>
      {steps.length > 1 && (
        <div className={classes.axis}>
          <span aria-hidden="true">Training</span>
          <Slider
            min={0}
            max={steps.length - 1}
            value={position}
            label={null}
            thumbLabel="Training step"
            thumbValueText={`step ${formatCount(steps[position] ?? 0)}`}
            onChange={(next) =>
              // At the newest one follows what comes.
              store.setState(heldAt(next < steps.length - 1 ? (steps[next] ?? null) : null))
            }
          />
          <span aria-hidden="true">step {formatCount(steps[position] ?? 0)}</span>
        </div>
      )}
      <div className={classes.axis}>
        <span aria-hidden="true">Denoising</span>
        <Slider
          min={0}
          max={100}
          step={5}
          value={100 * share}
          label={null}
          thumbLabel="Denoising"
          thumbValueText={`${Math.round(100 * share)} % of the denoising`}
          onChange={(percent) => setShare(percent / 100)}
        />
        <span aria-hidden="true">{Math.round(100 * share)} %</span>
      </div>
    </section>
  );
}
