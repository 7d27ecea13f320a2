import { Group, SegmentedControl, Text } from "@mantine/core";
import { lazy, Suspense, useId, useMemo, useState } from "react";
import type { AppState } from "../store/state.ts";
import { useThrottledState } from "./AppContext.ts";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import classes from "./LossPanel.module.css";
import { lossRows } from "./lossRows.ts";
import { RunProgress } from "./RunProgress.tsx";

/** A third of the page's script; the rest need not wait for it. */
const LossChart = lazy(() => import("./LossChart.tsx"));

const CHART_INTERVAL_MS = 400;
const selectRun = (state: AppState) => state.run;

export function LossPanel() {
  const run = useThrottledState(selectRun, CHART_INTERVAL_MS);
  const [scale, setScale] = useState<"log" | "linear">("log");
  const { rows, xName } = useMemo(() => lossRows(run), [run]);
  const headingId = useId();
  const hasRun = xName === "step";
  const hasReference = rows.some((row) => row.reference !== undefined);

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
          {hasReference && <LegendItem kind="reference" label="Assignment, PyTorch (reference)" />}
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
          <Suspense fallback={null}>
            <LossChart rows={rows} xName={xName} scale={scale} />
          </Suspense>
        </ErrorBoundary>
      </div>
    </section>
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
