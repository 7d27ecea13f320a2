import { Button, Group, Text } from "@mantine/core";
import { numGuidancePasses } from "../../../../engine/config/condition.ts";
import { HYPERPARAMETERS } from "../../../../engine/config/hyperparameters.ts";
import { isOneLevel, type ObjectiveId } from "../../../../engine/diffusion/objectives.ts";
import { samplerEntry } from "../../../../engine/diffusion/samplers.ts";
import { SPACINGS, type SpacingId } from "../../../../engine/diffusion/spacings.ts";
import type { SamplerPoint } from "../../../../engine/quality/samplerComparison.ts";
import { formatCount, formatShare } from "../../../../runtime/format.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import { PlotCard } from "../../../shared/charts/ChartCard.tsx";
import type { ChartNumbers } from "../../../shared/charts/ChartFrame.tsx";
import {
  comparisonCsv,
  comparisonPlot,
  samplerSeries,
  spacingStyle,
} from "../../../shared/charts/samplerCurves.ts";
import { Explain } from "../../../shared/explain/Explain.tsx";
import type { NoteName } from "../../../shared/explain/notes.ts";
import { configOf, networkFor } from "../../../shared/network/chosenNetwork.ts";
import { useNetworks } from "../../../shared/network/useNetworks.ts";
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
          {comparedFigures(comparison.points).map((figure) => (
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

/** The figures that the points have: without a classifier of the images there is no confidence. */
function comparedFigures(points: readonly SamplerPoint[]): ComparedFigure[] {
  return COMPARED_FIGURES.filter(
    ({ id }) => points[0]?.figures[id] !== undefined || id === "frechetDistance",
  );
}

/** The points of a network, which was trained with the objective. */
export interface ComparedPoints {
  points: readonly SamplerPoint[];
  objective: ObjectiveId;
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
      figures.meanConfidence?.toFixed(3) ?? "–",
      figures.shareConfident === undefined ? "–" : formatShare(figures.shareConfident),
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
