import { formatLoss, formatRate } from "../format.ts";
import { type Unit, unitFor } from "./axes.ts";
import type { ChartKind } from "./ChartCard.tsx";
import type { QualityChart } from "./qualitySeries.ts";
import type { StepFigureName } from "./runSeries.ts";

export type Kind = Omit<ChartKind, "yScale"> & {
  /** Whether it follows the choice for the y axis; else it is linear. */
  hasScale: boolean;
};

export const LOSS: Kind = {
  title: "Loss",
  format: formatLoss,
  hasScale: true,
  fromZero: false,
  cutsSpikes: false,
  hasEndNames: false,
  size: "large",
  note: "loss",
};

export const LOSS_BY_TIMESTEP: Kind = {
  ...LOSS,
  title: "Validation loss by timestep",
  hasEndNames: true,
  note: "bucketLines",
};

const SMALL = {
  format: formatRate,
  hasScale: false,
  fromZero: true,
  cutsSpikes: false,
  hasEndNames: false,
  size: "small",
} as const;

/** Of samples that are measured after epochs. */
export const QUALITY_KINDS: Record<QualityChart, Kind> = {
  quality: {
    ...{ ...SMALL, title: "Quality", note: "epochQuality" },
    ...{ format: formatQuality, yReaches: 1 },
  },
  frechetDistance: {
    ...{ ...SMALL, title: "Fréchet distance on classifier features", note: "epochDistance" },
  },
};

export const QUALITY_CHARTS = Object.keys(QUALITY_KINDS) as QualityChart[];

const MEMORY_UNITS: readonly [Unit, Unit] = [
  { name: "MiB", size: 2 ** 20 },
  { name: "GiB", size: 2 ** 30 },
];

/** Of the steps, in their order on the page. */
export const FIGURE_KINDS: Record<StepFigureName, Kind> = {
  gradientNorm: {
    ...{ ...SMALL, title: "Gradient norm", note: "gradNorm" },
    ...{ hasScale: true, fromZero: false },
  },
  learningRate: { ...SMALL, title: "Learning rate", format: formatLearningRate },
  stepMs: { ...SMALL, title: "Step time", units: [{ name: "ms", size: 1 }], cutsSpikes: true },
  imagesPerSecond: {
    ...{ ...SMALL, title: "Images a second" },
    units: [{ name: "images/s", size: 1 }],
    cutsSpikes: true,
  },
  // Of the graphics device or, without one, of all tensors: which, a run does not tell.
  memoryBytes: { ...SMALL, title: "Memory", units: MEMORY_UNITS, format: formatMemory },
};

export const FIGURES = Object.keys(FIGURE_KINDS) as StepFigureName[];

/** `0.973` */
function formatQuality(share: number): string {
  return share.toFixed(3);
}

/** `0.006`, `0.000321`, `5e-7` */
function formatLearningRate(rate: number): string {
  return String(Number(rate.toPrecision(3)));
}

/** `12.3 MiB`, `1.07 GiB` */
function formatMemory(bytes: number): string {
  const { name, size } = unitFor(bytes, MEMORY_UNITS);
  return `${formatRate(bytes / size)} ${name}`;
}
