import { Button, Group, Text } from "@mantine/core";
import { numGuidancePasses } from "../../../../engine/config/condition.ts";
import { HYPERPARAMETERS } from "../../../../engine/config/hyperparameters.ts";
import { isOneLevel, type ObjectiveId } from "../../../../engine/diffusion/objectives.ts";
import { samplerEntry, stepSamplers } from "../../../../engine/diffusion/samplers.ts";
import { SPACINGS, type SpacingId } from "../../../../engine/diffusion/spacings.ts";
import { encodeCsv } from "../../../../engine/formats/csv.ts";
import type { SamplerPoint } from "../../../../engine/quality/samplerComparison.ts";
import { formatCount, formatShare } from "../../../../runtime/format.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import { PlotCard } from "../../../shared/charts/ChartCard.tsx";
import type { ChartNumbers } from "../../../shared/charts/ChartFrame.tsx";
import { Explain } from "../../../shared/explain/Explain.tsx";
import type { NoteName } from "../../../shared/explain/notes.ts";
import { configOf, networkFor } from "../../../shared/network/chosenNetwork.ts";
import { useNetworks } from "../../../shared/network/useNetworks.ts";
import { OTHER_AXIS, type Plot, plotOf } from "../../../shared/plot/plot.ts";
import type { Series, SeriesStyle } from "../../../shared/plot/series.ts";
import { ACTIONS } from "../../../state/actions.ts";
import type { SamplerComparison as Comparison } from "../../../state/slices/evaluation.ts";
import { frechetWords, guidanceWords, measuredName } from "./measuredWords.ts";
import classes from "./Quality.module.css";
import { qualityRequest, useQualityState } from "./quality.ts";

/** How good samples are by sampler and number of predictions; a button that measures it. */
export function SamplerComparison() {
  const app = useApp();
  const settings = useQualityState((state) => state.settings);
  const networks = useNetworks();
  const comparison = useAppState((state) => state.evaluation.comparison);
  const words = useAppState((state) => comparison && comparisonWords(comparison, state));
  const reason = useAppState(ACTIONS.compareSamplers.disabledReason);
  const network = networkFor(settings.network, networks, "noise");
  const config = configOf(network, networks);
  const { request } = qualityRequest({ ...settings, network }, config);
  const isOneStep = config !== null && isOneLevel(config.objective);
  const disabledReason = isOneStep
    ? "This network knows one noise level and draws in one step: there is nothing to compare."
    : reason;
  const { label, help, perform } = ACTIONS.compareSamplers;
  return (
    <section className="column" style={{ gridColumn: "1 / -1" }} aria-labelledby="samplers">
      <Group gap="sm">
        <h3 id="samplers">Samplers</h3>
        <Explain note="sampler" />
        <Button
          size="compact-sm"
          disabled={request === null || disabledReason !== null}
          title={disabledReason ?? help}
          onClick={() => {
            if (!request) return;
            const { sampler: _, ...compared } = request;
            perform(app, compared);
          }}
        >
          {label}
        </Button>
      </Group>
      <Text size="sm" c="dimmed" lh={1.4}>
        {words ? `${words} ${spacingWords()}` : isOneStep ? disabledReason : help}
      </Text>
      {comparison && (
        <div className={classes.comparison}>
          {COMPARED_FIGURES.map((figure) => (
            <FigureChart key={figure.id} comparison={comparison} figure={figure} />
          ))}
        </div>
      )}
    </section>
  );
}

function FigureChart({ comparison, figure }: { comparison: Comparison; figure: ComparedFigure }) {
  const { points, measured } = comparison;
  const compared = { points, objective: measured?.objective ?? HYPERPARAMETERS.objective.default };
  const series = samplerSeries(compared, ({ figures }) => figures[figure.id]);
  return (
    <PlotCard
      title={figure.title}
      note={figure.note}
      plot={points.length > 0 ? comparisonPlot(series, figure) : null}
      files={{
        name: "samplers",
        csv: () => comparisonCsv(series),
        json: () => JSON.stringify({ title: figure.title, points }, null, 1),
      }}
      numbers={() => comparisonNumbers(compared)}
    />
  );
}

/** A figure of the samples that is compared. */
export interface ComparedFigure {
  id: keyof SamplerPoint["figures"];
  title: string;
  note?: NoteName;
  /** Whether it may be many times as large with few predictions as with many. */
  isLog: boolean;
}

export const COMPARED_FIGURES: readonly ComparedFigure[] = [
  {
    id: "frechetDistance",
    title: "Fréchet distance by predictions",
    note: "frechet",
    isLog: true,
  },
  { id: "meanConfidence", title: "Confidence by predictions", isLog: false },
];

/** The points of a network, which was trained with the objective. */
export interface ComparedPoints {
  points: readonly SamplerPoint[];
  objective: ObjectiveId;
}

/** Styles of the spacings' curves, in the order of `SPACINGS`; any others are plain lines. */
const STYLES: readonly SeriesStyle[] = ["dots", "dashed"];

function spacingStyle(spacing: SpacingId): SeriesStyle {
  return STYLES[Object.keys(SPACINGS).indexOf(spacing)] ?? "line";
}

/**
 * A curve over the predictions for each sampler and spacing, in the color of its sampler.
 *
 * @param figureOf the figure that is drawn
 */
export function samplerSeries<Point extends Pick<SamplerPoint, "sampler" | "numPasses">>(
  { points, objective }: { points: readonly Point[]; objective: ObjectiveId },
  figureOf: (point: Point) => number,
): Series[] {
  const kinds = Object.keys(stepSamplers());
  const keyOf = ({ sampler }: Point) => `${sampler.kind} ${sampler.spacing}`;
  return [...new Set(points.map(keyOf))].map((key) => {
    const line = points.filter((point) => keyOf(point) === key);
    const { kind, spacing } = (line[0] as Point).sampler;
    const predictions = line.map(({ numPasses }) => numPasses);
    return {
      key,
      name: `${samplerEntry(kind, objective).label}, ${SPACINGS[spacing].label}`,
      color: `var(--run-${kinds.indexOf(kind) + 1})`,
      style: spacingStyle(spacing),
      steps: predictions,
      xs: predictions,
      values: line.map(figureOf),
    };
  });
}

export function comparisonPlot(
  series: readonly Series[],
  { isLog }: Pick<ComparedFigure, "isLog">,
): Plot {
  const most = Math.max(...series.flatMap(({ xs }) => xs));
  const least = Math.min(...series.flatMap(({ xs }) => xs));
  return plotOf(series, {
    xName: "Predictions for a sample",
    xScale: "log",
    window: { from: least, to: Math.max(most, 2 * least) },
    yScale: isLog ? "log" : "linear",
    ...OTHER_AXIS,
    // Differences of a thousandth are chance, and should not fill the chart.
    ...(!isLog && { yReaches: 0.9 }),
  });
}

/** A row for each number of predictions, a column for each curve; empty where a sampler takes other numbers. */
export function comparisonCsv(series: readonly Series[]): string {
  const rows = [...new Set(series.flatMap(({ xs }) => xs))].sort((a, b) => a - b);
  return encodeCsv([
    { name: "predictions", values: rows },
    ...series.map(({ key, xs, values }) => ({
      name: key.replace(" ", "_"),
      values: rows.map((row) => values[xs.indexOf(row)] ?? Number.NaN),
    })),
  ]);
}

export function comparisonNumbers({ points, objective }: ComparedPoints): ChartNumbers {
  return {
    columns: ["Predictions", "Sampler", "Spacing", "Steps", "Fréchet", "Confidence", "Above 0.9"],
    rows: points.map(({ sampler, numPasses, figures }) => [
      String(numPasses),
      samplerEntry(sampler.kind, objective).label,
      SPACINGS[sampler.spacing].label,
      String(sampler.timesteps),
      frechetWords(figures.frechetDistance),
      figures.meanConfidence.toFixed(3),
      formatShare(figures.shareConfident),
    ]),
  };
}

/** `Quick 25 Nov, step 600: 256 samples of each, guidance 2, seed 0. …`; without a name before the first point. */
export function comparisonWords(
  { request, measured }: Comparison,
  names: Parameters<typeof measuredName>[1],
): string {
  const { count, guidance, seed } = request;
  const name = measured ? `${measuredName({ request, result: measured }, names)}: ` : "";
  const isTwice = guidance !== null && numGuidancePasses({ labels: [0], guidance }) === 2;
  const passes = isTwice ? " Guidance takes two passes of the network for each prediction." : "";
  return `${name}${formatCount(count)} samples of each${guidanceWords(guidance)}, seed ${seed}. All start from the same noise.${passes}`;
}

const STYLE_NAMES = { dots: "Dots", dashed: "Dashed", line: "Line", faint: "Faint" };

/** `Dots: steps even in t. Dashed: steps even in log-SNR.` */
function spacingWords(): string {
  return Object.entries(SPACINGS)
    .map(([id, { label }]) => `${STYLE_NAMES[spacingStyle(id as SpacingId)]}: steps ${label}.`)
    .join(" ");
}
