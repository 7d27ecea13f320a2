import { formatLoss, formatRate } from "../format.ts";
import type { ChartKind } from "./ChartCard.tsx";
import type { StepFigureName } from "./runSeries.ts";

type Kind = Omit<ChartKind, "yScale"> & {
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
  note: "buckets",
};

const SMALL = {
  hasScale: false,
  fromZero: true,
  cutsSpikes: false,
  hasEndNames: false,
  size: "small",
} as const;

/** Of the steps, in their order on the page. */
export const FIGURES: { figure: StepFigureName; kind: Kind }[] = [
  {
    figure: "gradientNorm",
    kind: {
      ...SMALL,
      title: "Gradient norm",
      format: formatRate,
      hasScale: true,
      fromZero: false,
      note: "gradNorm",
    },
  },
  {
    figure: "learningRate",
    kind: { ...SMALL, title: "Learning rate", format: formatLearningRate },
  },
  {
    figure: "stepMs",
    kind: { ...SMALL, title: "Milliseconds a step", format: formatRate, cutsSpikes: true },
  },
  {
    figure: "imagesPerSecond",
    kind: { ...SMALL, title: "Images a second", format: formatRate, cutsSpikes: true },
  },
  {
    figure: "memoryMegabytes",
    kind: { ...SMALL, title: "Tensor memory", format: (value) => `${value.toFixed(1)} MB` },
  },
];

/** `4e-4`, `3.21e-4` */
function formatLearningRate(rate: number): string {
  return Number(rate.toPrecision(3)).toExponential();
}
