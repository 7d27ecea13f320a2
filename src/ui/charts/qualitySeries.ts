/** The series of what was measured after a run's epochs. */
import { CONFIDENT, MAX_CLASS_ENTROPY, type QualityFigures } from "../../quality/figures.ts";
import type { EpochMetrics } from "../../worker/protocol.ts";
import type { RunAxis } from "./runAxis.ts";
import type { Series } from "./series.ts";

/** What shares an axis from 0 to 1, and the distance, which has no end. */
export type QualityChart = "quality" | "frechetDistance";

interface QualityFigure {
  key: string;
  name: string;
  of: (figures: QualityFigures) => number;
}

const CONFIDENCE: QualityFigure = {
  key: "meanConfidence",
  name: "mean confidence",
  of: ({ meanConfidence }) => meanConfidence,
};
const SHARE: QualityFigure = {
  key: "shareConfident",
  name: `share above ${CONFIDENT}`,
  of: ({ shareConfident }) => shareConfident,
};
/** 0 where all samples are taken for one digit, as noise may be, and 1 where they are even. */
const SPREAD: QualityFigure = {
  key: "classSpread",
  name: "spread of digits",
  of: ({ classEntropy }) => classEntropy / MAX_CLASS_ENTROPY,
};
const DISTANCE: QualityFigure = {
  key: "frechetDistance",
  name: "distance",
  of: ({ frechetDistance }) => frechetDistance,
};

/** Of each chart its figures, the main one first. */
export const QUALITY_FIGURES: Record<QualityChart, readonly QualityFigure[]> = {
  quality: [CONFIDENCE, SHARE, SPREAD],
  frechetDistance: [DISTANCE],
};

const COLOURS = ["var(--series-train)", "var(--series-validation)", "var(--run-3)"];

/** Of one run, with a dot for each epoch that was measured. */
export function qualitySeries(
  chart: QualityChart,
  { epochs, axis }: { epochs: readonly EpochMetrics[]; axis: RunAxis },
): Series[] {
  return QUALITY_FIGURES[chart].map((figure, i) => {
    const { key, name } = figure;
    const look = { colour: COLOURS[i] as string, style: "dots" as const };
    return { key, name, ...look, ...qualityPoints(figure, { epochs, axis }) };
  });
}

/** At the epochs that were measured. */
export function qualityPoints(
  { of }: QualityFigure,
  { epochs, axis }: { epochs: readonly EpochMetrics[]; axis: RunAxis },
): Pick<Series, "steps" | "xs" | "values"> {
  const measured = epochs.flatMap(({ step, quality }, i) =>
    quality ? [{ step, x: axis.epochs.xs[i] as number, value: of(quality) }] : [],
  );
  return {
    steps: measured.map(({ step }) => step),
    xs: measured.map(({ x }) => x),
    values: measured.map(({ value }) => value),
  };
}
