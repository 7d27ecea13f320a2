import { Button, Group, Text } from "@mantine/core";
import { HYPERPARAMETERS } from "../../../../engine/config/hyperparameters.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import { PlotCard } from "../../../shared/charts/ChartCard.tsx";
import { Explain } from "../../../shared/explain/Explain.tsx";
import { configOf, networkFor } from "../../../shared/network/chosenNetwork.ts";
import { useNetworks } from "../../../shared/network/useNetworks.ts";
import { ACTIONS } from "../../../state/actions.ts";
import type { SamplerComparison as Comparison } from "../../../state/slices/evaluation.ts";
import classes from "./QualityView.module.css";
import { qualityRequest, useQualityState } from "./quality.ts";
import {
  COMPARED_FIGURES,
  type ComparedFigure,
  comparisonCsv,
  comparisonNumbers,
  comparisonPlot,
  samplerSeries,
  spacingStyle,
} from "./samplerSeries.ts";
import { comparisonWords, spacingWords } from "./text.ts";

/** How good samples are by sampler and number of predictions; a button that measures it. */
export function SamplerComparison() {
  const app = useApp();
  const settings = useQualityState((state) => state.settings);
  const networks = useNetworks();
  const comparison = useAppState((state) => state.evaluation.comparison);
  const words = useAppState((state) => comparison && comparisonWords(comparison, state));
  const disabledReason = useAppState(ACTIONS.compareSamplers.disabledReason);
  const network = networkFor(settings.network, networks, "noise");
  const { request } = qualityRequest({ ...settings, network }, configOf(network, networks));
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
        {words ? `${words} ${spacingWords(spacingStyle)}` : help}
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
  const series = samplerSeries(compared, figure);
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
