import { Button, SegmentedControl, Text } from "@mantine/core";
import { useMemo } from "react";
import { useStore } from "zustand";
import { isStraight } from "../../../engine/diffusion/objectives.ts";
import { encodeCsv } from "../../../engine/formats/csv.ts";
import type { FieldError, PointSamplerPoint } from "../../../engine/quality/planeMeasures.ts";
import { counted, formatCount } from "../../../runtime/format.ts";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { BusyButton } from "../../shared/BusyButton.tsx";
import { PlotCard } from "../../shared/charts/ChartCard.tsx";
import { comparisonCsv, comparisonPlot, samplerSeries } from "../../shared/charts/samplerCurves.ts";
import { onFirstClick } from "../../shared/onFirstClick.ts";
import { OTHER_AXIS, type Plot, plotOf } from "../../shared/plot/plot.ts";
import { hasFinished, isActive } from "../../state/slices/run.ts";
import classes from "./Plane.module.css";
import {
  COUNT,
  hasExactField,
  measureShown,
  PLANE_CURVES,
  type PlaneCurve,
  type PlaneMeasures,
  shownNetwork,
  straighten,
  trainedNetwork,
  useBefore,
  usePlane,
} from "./planeState.ts";

interface Curve {
  name: string;
  color: string;
  value: (at: PlaneMeasures) => number;
}

interface CurveSet {
  label: string;
  title: string;
  detail: string;
  note: string;
  yScale: "linear" | "log";
  /** @param first of those that are shown */
  curves: (first: PlaneMeasures) => readonly Curve[];
}

const CURVE_SETS: Record<PlaneCurve, CurveSet> = {
  distance: {
    label: "Distance",
    title: "Distance to new data",
    detail: "of 300 points in 8 steps",
    note: "How far the drawn points are from data that the network has not seen, divided by how far two sets of such data are from each other by chance: about 1 is as good as chance allows. The sliced Wasserstein distance looks at the points from 64 directions, in each of which it pairs the two sets from one end to the other, and averages the squared distance of the pairs. The Chamfer distance goes from each point to the nearest of the other set. The curves are of 300 points in 8 steps, as the picture shows them while a run trains, and are kept until the page is closed; below them stands what all points reach in all steps, which is better.",
    yScale: "log",
    curves: () => [
      {
        name: "sliced Wasserstein",
        color: "var(--run-1)",
        value: ({ wasserstein }) => wasserstein,
      },
      { name: "Chamfer", color: "var(--run-2)", value: ({ chamfer }) => chamfer },
    ],
  },
  straightness: {
    label: "Straightness",
    title: "Straightness of the paths",
    detail: "distance divided by length",
    note: "How far a point gets from noise to data, divided by the length of its path, averaged over 300 points: 1 is a straight line. A straight path can be gone in one step.",
    yScale: "linear",
    curves: () => [{ name: "straightness", color: "var(--run-1)", value: (at) => at.straightness }],
  },
  field: {
    label: "Field",
    title: "Error of the field",
    detail: "squared distance to the exact x0",
    note: "Points of new data are noised, and the network guesses where each was. The curves show how far these guesses are from the exact answer, which is worked out from all data, at a timestep with little noise, with more, and with much.",
    yScale: "log",
    curves: ({ fieldErrors }) =>
      fieldErrors.map(({ t }, i) => ({
        name: `t ${t}`,
        color: `var(--run-${i + 1})`,
        value: (at) => Math.max(1e-5, at.fieldErrors[i]?.error ?? Number.NaN),
      })),
  },
};

/** How near the drawn points are to the data, as training goes on; nothing before there is a run. */
export function PlaneMeasuresCard() {
  const app = useApp();
  const slice = usePlane();
  const measures = useStore(slice, (state) => state.measures);
  const measured = useStore(slice, (state) => state.measured);
  const before = useBefore();
  const canStraighten = useAppState(
    (state) =>
      state.run !== null &&
      shownNetwork(state) !== null &&
      isStraight(state.run.config.objective) &&
      hasFinished(state),
  );
  const isShown = useAppState((state) => shownNetwork(state) !== null);
  const numSteps = useAppState((state) => shownNetwork(state)?.samplingTimesteps ?? 0);
  return (
    <div className={classes.measures}>
      {isShown && measures.length > 1 && <MeasuresChart measures={measures} />}
      {measured && <Text size="sm">{measuredWords(measured, numSteps)}</Text>}
      {measured && before?.measured && (
        <Text size="sm" c="dimmed">
          Before it was straightened: {before.measured.wasserstein.toFixed(1)} times, in one step{" "}
          {formatRatio(before.measured.oneStep)}, straightness{" "}
          {before.measured.straightness.toFixed(2)}.
        </Text>
      )}
      {canStraighten && (
        <Button title={STRAIGHTEN_HELP} onClick={onFirstClick(() => straighten(app, slice))}>
          Straighten (reflow)
        </Button>
      )}
    </div>
  );
}

/** The measures over the training steps, one set of curves at a time. */
function MeasuresChart({ measures }: { measures: readonly PlaneMeasures[] }) {
  const slice = usePlane();
  const hasField = useAppState((state) => hasExactField(shownNetwork(state) ?? state.pointConfig));
  const offered = PLANE_CURVES.filter((curve) => hasField || curve !== "field");
  const chosen = useStore(slice, ({ curve }) => curve);
  const shown = offered.includes(chosen) ? chosen : "distance";
  const { title, detail, note, yScale, curves } = CURVE_SETS[shown];
  const columns = useMemo(() => columnsOf(measures, curves), [measures, curves]);
  const plot = useMemo(() => measuresPlot(measures, columns, yScale), [measures, columns, yScale]);
  return (
    <>
      <SegmentedControl
        aria-label="What the chart shows"
        size="xs"
        data={offered.map((value) => ({ value, label: CURVE_SETS[value].label }))}
        value={shown}
        onChange={(curve) => slice.setState({ curve })}
      />
      <PlotCard
        title={title}
        detail={detail}
        note={{ title, text: note }}
        plot={plot}
        files={{
          name: "two-dimensions",
          csv: () => measuresCsv(measures),
          json: () => JSON.stringify(measures),
        }}
        numbers={() => ({
          columns: ["Step", ...columns.map(({ name }) => name)],
          rows: measures.map(({ step }, i) => [
            String(step),
            ...columns.map(({ values }) => (values[i] as number).toPrecision(3)),
          ]),
        })}
      />
    </>
  );
}

function columnsOf(measures: readonly PlaneMeasures[], curves: CurveSet["curves"]) {
  const [first] = measures;
  if (!first) return [];
  return curves(first).map(({ name, color, value }) => ({
    name,
    color,
    values: measures.map(value),
  }));
}

const STRAIGHTEN_HELP =
  "Trains the next flow on pairs of a noise and the point that this flow draws from it, in about twenty seconds: their straight lines cross less (Liu et al. 2023)";

function formatRatio(ratio: number | null): string {
  return ratio === null ? "unknown" : `${ratio.toFixed(1)} times`;
}

/** `In 25 steps 2,000 points are 1.2 times as far from new data as new data is from itself (…); drawn in one step 90.1 times. …` */
function measuredWords(
  { wasserstein, chamfer, straightness, oneStep }: PlaneMeasures,
  numSteps: number,
): string {
  const straight = straightness.toFixed(2);
  return `In ${counted(numSteps, "step")} ${formatCount(COUNT)} points are ${wasserstein.toFixed(1)} times as far from new data as new data is from itself (sliced Wasserstein, squared; Chamfer ${chamfer.toFixed(1)}); drawn in one step ${formatRatio(oneStep)}. The straightness of their paths is ${straight}; 1 is a straight line.`;
}

function measuresPlot(
  measures: readonly PlaneMeasures[],
  columns: ReturnType<typeof columnsOf>,
  yScale: "linear" | "log",
): Plot {
  const steps = measures.map(({ step }) => step);
  const series = columns.map((column) => ({
    ...column,
    key: column.name,
    style: "line" as const,
    steps,
    xs: steps,
  }));
  return plotOf(series, {
    ...OTHER_AXIS,
    xName: "Training step",
    xScale: "linear",
    window: { from: 0, to: Math.max(1, steps.at(-1) ?? 1) },
    yScale,
    hasEndNames: true,
  });
}

/** All sets of curves, one after the other. */
function measuresCsv(measures: readonly PlaneMeasures[]): string {
  const columns = PLANE_CURVES.flatMap((name) => columnsOf(measures, CURVE_SETS[name].curves));
  return encodeCsv([{ name: "step", values: measures.map(({ step }) => step) }, ...columns]);
}

/** A button that measures field and samplers, and the two charts of it. */
export function PlaneComparison() {
  const app = useApp();
  const slice = usePlane();
  const { isInProgress, result, failure } = useStore(slice, (state) => state.measurement);
  const hasField = useAppState((state) => hasExactField(shownNetwork(state) ?? state.pointConfig));
  const canMeasure = useAppState(
    (state) =>
      trainedNetwork(state) !== null && !isActive(state.run) && shownNetwork(state) !== null,
  );
  if (!canMeasure) return null;
  return (
    <div className={classes.measures}>
      <BusyButton isBusy={isInProgress} onClick={() => void measureShown(app, slice)}>
        {hasField ? "Measure field and samplers" : "Measure samplers"}
      </BusyButton>
      {failure && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {failure}
        </Text>
      )}
      {result && hasField && <FieldChart fieldErrors={result.fieldErrors} />}
      {result && <SamplerChart samplers={result.samplers} />}
    </div>
  );
}

/** How far what the network predicts is from what can be known, by the noise level. */
function FieldChart({ fieldErrors }: { fieldErrors: readonly FieldError[] }) {
  const steps = fieldErrors.map(({ t }) => t);
  const plot = plotOf(
    FIELD_CURVES.map(({ key, name, color }) => ({
      key,
      name,
      color,
      style: "dots" as const,
      steps,
      xs: steps,
      values: fieldErrors.map((at) => Math.max(1e-5, at[key])),
    })),
    {
      ...OTHER_AXIS,
      xName: "Timestep t",
      xScale: "linear",
      window: { from: 0, to: Math.max(1, ...steps) },
      yScale: "log",
      hasEndNames: true,
    },
  );
  return (
    <PlotCard
      title="Error of the field"
      detail="squared distance of the predicted x0"
      note={{
        title: "Error of the field",
        text: "At each timestep, new data is noised and the network predicts where it was. What cannot be avoided is the distance of the exact answer, worked out from all data, to where the point was: many points could have come from there. That is why the loss does not go to zero. The network's own error is its distance to the exact answer.",
      }}
      plot={plot}
      files={{
        name: "field-error",
        csv: () =>
          encodeCsv(
            (["t", "noise", "error", "unavoidable"] as const).map((name) => ({
              name,
              values: fieldErrors.map((at) => at[name]),
            })),
          ),
        json: () => JSON.stringify(fieldErrors),
      }}
      numbers={() => ({
        columns: ["Timestep t", "Noise", "Its own error", "Cannot be avoided"],
        rows: fieldErrors.map(({ t, noise, error, unavoidable }) => [
          String(t),
          noise.toFixed(3),
          error.toPrecision(3),
          unavoidable.toPrecision(3),
        ]),
      })}
    />
  );
}

const FIELD_CURVES = [
  { key: "unavoidable", name: "unavoidable", color: "var(--run-2)" },
  { key: "error", name: "its own", color: "var(--run-1)" },
] as const;

/** How near the points of each sampler come to new data, by the number of predictions. */
function SamplerChart({ samplers }: { samplers: readonly PointSamplerPoint[] }) {
  const objective = useAppState((state) => shownNetwork(state)?.objective ?? "flow");
  const series = samplerSeries({ points: samplers, objective }, ({ wasserstein }) => wasserstein);
  return (
    <PlotCard
      title="Samplers"
      detail="distance to new data, times that of new data to itself"
      note="sampler"
      plot={comparisonPlot(series, { isLog: true })}
      files={{
        name: "point-samplers",
        csv: () => comparisonCsv(series),
        json: () => JSON.stringify(samplers),
      }}
      numbers={() => ({
        columns: ["Sampler", "Predictions", "Distance"],
        rows: series.flatMap(({ name, steps, values }) =>
          steps.map((passes, i) => [name, String(passes), (values[i] as number).toFixed(2)]),
        ),
      })}
    />
  );
}
