import { Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { lazy, Suspense, useId, useState } from "react";
import { formatRoughly } from "../../../runtime/format.ts";
import { useApp, useAppState, useThrottledRun } from "../../shared/AppContext.ts";
import { hasReference, hasSteps, REFERENCE } from "../../shared/charts/series/assignmentRun.ts";
import { curvesOf, sharedChart } from "../../shared/charts/series/charts.ts";
import { Explain } from "../../shared/explain/Explain.tsx";
import { ErrorBoundary } from "../../shared/parts/ErrorBoundary.tsx";
import { LinkButton } from "../../shared/parts/LinkButton.tsx";
import { Popup } from "../../shared/parts/Popup.tsx";
import { LegendEntry, type LegendSeries } from "../../shared/plot/Legend.tsx";
import { SCALE_CHOICES, type Scale } from "../../state/slices/chartOptions.ts";
import { firstValidationMs } from "../../state/slices/pace.ts";
import { hasBuckets } from "../../state/slices/run.ts";
import { FirstStep } from "./FirstStep.tsx";
import classes from "./LossPanel.module.css";

/** A third of the page's script, loaded late. */
const LossChart = lazy(() => import("./LossChart.tsx"));
const BucketLosses = lazy(() => import("../../shared/charts/BucketLosses.tsx"));

const CHART_INTERVAL_MS = 400;

type View = "training" | "timestep";

/** The loss of the run. Renders seldom; only what is in it follows the run. */
export function LossPanel() {
  const runId = useAppState((state) => state.run?.runId);
  const hasChoice = useAppState((state) => hasBuckets(state.run));
  // The choice belongs to one run, so that the view does not change by itself at the first validation of the next.
  const [runByTimestep, setRunByTimestep] = useState<string>();
  const { store } = useApp();
  const yScale = useAppState((state) => state.charts.yScale);
  const setScale = (chosen: Scale) =>
    store.setState(({ charts }) => ({ charts: { ...charts, yScale: chosen } }));
  const isDistilled = useAppState(({ run }) => run !== null && run.config.distilFrom > 0);
  const headingId = useId();
  const axesId = useId();
  const view: View = hasChoice && runByTimestep === runId ? "timestep" : "training";

  return (
    <Stack component="section" gap={0} mih={0} flex={1} aria-labelledby={headingId}>
      <div className={`row ${classes.head}`}>
        <Text id={headingId} component="h2" size="sm" fw={600}>
          Loss
        </Text>
        <Explain note={view === "timestep" ? "buckets" : isDistilled ? "distillation" : "loss"} />
        <LinkButton popoverTarget={axesId} ml="auto">
          Axes
        </LinkButton>
        <Popup id={axesId} align="end" label="Axes of the loss">
          <Stack gap="xs">
            <SegmentedControl
              aria-label="Horizontal axis of the loss"
              title={hasChoice ? undefined : "By timestep: available after the first validation"}
              data={[
                { value: "training", label: "Over training" },
                { value: "timestep", label: "By timestep", disabled: !hasChoice },
              ]}
              value={view}
              onChange={(chosen) => setRunByTimestep(chosen === "timestep" ? runId : undefined)}
            />
            {view === "training" && (
              <SegmentedControl
                aria-label="Scale of the loss axis"
                data={SCALE_CHOICES}
                value={yScale}
                onChange={setScale}
              />
            )}
          </Stack>
        </Popup>
        {view === "training" && <Legend />}
      </div>
      <div className={classes.chart}>
        <ErrorBoundary key={view} part="The chart">
          {view === "timestep" ? (
            <Suspense fallback={null}>
              <BucketLosses />
            </Suspense>
          ) : (
            <LossOverTraining />
          )}
        </ErrorBoundary>
      </div>
      <FirstStep at="loss" />
    </Stack>
  );
}

/** A line of its own, with room also for what is not drawn yet, so that nothing moves when it is. */
function Legend() {
  const hasRun = useAppState((state) => hasSteps(state.run));
  const hasEpochs = useAppState(({ run }) => (run?.epochs.length ?? 0) > 0);
  const hasLive = useAppState(({ run, config }) => (run?.config ?? config).validateEvery > 0);
  const isCompared = useAppState((state) => hasReference(state.run));
  const entry = (series: LegendSeries, isDrawn: boolean) => (
    <LegendEntry
      key={series.name}
      series={series}
      className={classes.legendItem}
      data-drawn={isDrawn || undefined}
      fz="xs"
      c="dimmed"
    />
  );
  return (
    <Group gap="0 var(--mantine-spacing-sm)" className={classes.legend ?? ""}>
      {curvesOf(sharedChart("loss"))
        .filter(({ metric }) => hasLive || !metric.isLive)
        .map((curve) => entry(curve, curve.metric.of === "step" ? hasRun : hasEpochs))}
      {entry(REFERENCE, isCompared)}
      <FirstValidation />
    </Group>
  );
}

/** In the place of the points that there are none of yet: when the first will come. */
function FirstValidation() {
  const run = useThrottledRun(CHART_INTERVAL_MS);
  const leftMs = run && firstValidationMs(run);
  if (leftMs === null) return null;
  return (
    // The text is as wide as its longest form, so that it does not go from line to line.
    <Text size="xs" c="dimmed" miw="18em">
      first full validation in about {formatRoughly(leftMs)}
    </Text>
  );
}

function LossOverTraining() {
  const run = useThrottledRun(CHART_INTERVAL_MS);
  return <Suspense fallback={null}>{hasSteps(run) && <LossChart run={run} />}</Suspense>;
}
