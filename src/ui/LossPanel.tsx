import { Group, SegmentedControl, Text } from "@mantine/core";
import { lazy, Suspense, useId, useMemo, useState } from "react";
import type { AppState } from "../store/state.ts";
import { useAppState, useThrottledState } from "./AppContext.ts";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import classes from "./LossPanel.module.css";
import { hasReference, hasSteps, lossRows, lossWords } from "./lossRows.ts";
import { RunProgress } from "./RunProgress.tsx";

/** A third of the page's script; the rest need not wait for it. */
const LossChart = lazy(() => import("./LossChart.tsx"));

const CHART_INTERVAL_MS = 400;
const selectRun = (state: AppState) => state.run;

type Scale = "log" | "linear";

/** How far the run is, and its loss. Renders seldom; only what is in it follows the run. */
export function LossPanel() {
  const hasRun = useAppState((state) => hasSteps(state.run));
  const isCompared = useAppState((state) => hasReference(state.run));
  const [scale, setScale] = useState<Scale>("log");
  const headingId = useId();

  return (
    <section className={classes.panel} aria-labelledby={headingId}>
      <RunProgress />
      <Group justify="space-between" gap="xs" mt="md" mb={4} wrap="nowrap">
        <Group className={classes.legend}>
          <Text id={headingId} component="h2" size="sm" fw={600}>
            Loss
          </Text>
          {hasRun && <LegendItem kind="step" label="each step" />}
          {hasRun && <LegendItem kind="smoothed" label="smoothed" />}
          {hasRun && <LegendItem kind="train" label="epoch mean" />}
          {hasRun && <LegendItem kind="validation" label="validation" />}
          {isCompared && <LegendItem kind="reference" label="Assignment, PyTorch (reference)" />}
        </Group>
        <SegmentedControl
          size="xs"
          className={classes.scale ?? ""}
          aria-label="Scale of the loss axis"
          data={[
            { value: "log", label: "Log" },
            { value: "linear", label: "Linear" },
          ]}
          value={scale}
          onChange={setScale}
        />
      </Group>
      <div className={classes.chart}>
        {!hasRun && (
          <Text size="xs" c="dimmed" className={classes.explanation}>
            Your own loss will be drawn here. Until then: the validation loss of the course
            assignment, trained for 100 epochs in PyTorch.
          </Text>
        )}
        <ErrorBoundary part="The chart">
          <LossPicture scale={scale} />
        </ErrorBoundary>
      </div>
    </section>
  );
}

function LossPicture({ scale }: { scale: Scale }) {
  const run = useThrottledState(selectRun, CHART_INTERVAL_MS);
  const { rows, xName } = useMemo(() => lossRows(run), [run]);
  return (
    <div role="img" aria-label={lossWords(run)} className={classes.picture}>
      <Suspense fallback={null}>
        <LossChart rows={rows} xName={xName} scale={scale} />
      </Suspense>
    </div>
  );
}

function LegendItem({ kind, label }: { kind: string; label: string }) {
  return (
    <Group gap={6} wrap="nowrap">
      <span className={classes.swatch} data-kind={kind} />
      <Text size="xs" c="dimmed">
        {label}
      </Text>
    </Group>
  );
}
