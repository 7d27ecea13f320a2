import { Button, Text } from "@mantine/core";
import { useMemo } from "react";
import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { DEFAULT_DATASET, datasetEntry } from "../../../engine/data/datasets.ts";
import { formatCount } from "../../../runtime/format.ts";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { Fold } from "../../shared/network/Fold.tsx";
import formClasses from "../../shared/network/Form.module.css";
import { NetworkFields } from "../../shared/network/NetworkFields.tsx";
import { nameOf, networkChoices } from "../../shared/network/networkChoices.ts";
import { Untrained } from "../../shared/network/Untrained.tsx";
import { useNetworks } from "../../shared/network/useNetworks.ts";
import { ignoreDoubleClick } from "../../shared/onFirstClick.ts";
import { Choices, NumberField, SeedField } from "../../shared/parts/NumberField.tsx";
import { ACTIONS } from "../../state/actions.ts";
import { isActive } from "../../state/slices/run.ts";
import {
  configOf,
  defaultSteps,
  type Networks,
  networkKey,
} from "../../state/slices/sampledNetwork.ts";
import { MeasureProgress } from "./MeasureProgress.tsx";
import { useQuality, useQualityState } from "./quality.ts";
import { type QualitySettings, qualityRequest } from "./qualitySettings.ts";
import { OTHER_IMAGES_WARNING } from "./text.ts";

const COUNTS = [256, 2000];
const FEW_STEPS = [10, 50];
const CORRECT = "Correct the fields marked red.";

/** What is measured; Measure, which becomes Cancel. */
export function MeasureForm() {
  const app = useApp();
  const store = useQuality();
  const settings = useQualityState((state) => state.settings);
  const isBusy = useAppState((state) => state.evaluation.request !== null);
  const isTraining = useAppState(({ run }) => isActive(run) && run.status !== "paused");
  const { fitsClassifier } = datasetEntry(
    useAppState(({ dataset }) => dataset.current) ?? { id: DEFAULT_DATASET },
  );
  const measureReason = useAppState(ACTIONS.measure.disabledReason);
  const networks = useNetworks();
  const config = configOf(settings.network, networks);
  const { request, errors } = useMemo(() => qualityRequest(settings, config), [settings, config]);
  const disabledReason = measureReason ?? (request ? null : CORRECT);
  const change = (changes: Partial<QualitySettings>) =>
    store.setState((state) => ({ settings: { ...state.settings, ...changes } }));

  return (
    <form
      className={`column ${formClasses.form}`}
      aria-label="What to measure"
      onSubmit={(event) => {
        event.preventDefault();
        if (isBusy) return app.client.cancelEvaluation();
        if (!request || disabledReason !== null) return;
        store.setState({ outcome: null });
        ACTIONS.measure.perform(app, request);
      }}
    >
      <div className={formClasses.fields}>
        <Text component="h2" size="lg" lh={1.3} fw={600} className={formClasses.heading}>
          Quality
        </Text>
        <Untrained networks={[settings.network]}>
          You can measure it anyway. The classifier can be confident about noise, too, but sees
          hardly more than one digit in it.
        </Untrained>
        <Fold
          words={settingsWords(settings, networks, config)}
          isWrong={Object.keys(errors).length > 0}
        >
          <NetworkFields
            network={settings.network}
            weights={settings.weights}
            error={errors.network}
            hasNote
            onChange={change}
          />
          <NumberField
            label="Samples"
            className={formClasses.row}
            text={settings.count}
            error={errors.count}
            end={
              <Choices unit="samples" numbers={COUNTS} onChoose={(count) => change({ count })} />
            }
            endWidth={92}
            onChange={(count) => change({ count })}
          />
          <Text size="xs" c="dimmed" className={formClasses.help}>
            2 to 2,000. Small samples inflate the Fréchet distance: compare equal counts only.
          </Text>
          <NumberField
            label="Steps"
            className={formClasses.row}
            text={settings.steps ?? (config ? defaultSteps(config) : "")}
            error={errors.steps}
            end={
              <Choices
                unit="steps"
                numbers={FEW_STEPS.filter((steps) => steps <= (config?.timesteps ?? 1))}
                onChoose={(steps) => change({ steps })}
              />
            }
            endWidth={70}
            onChange={(steps) => change({ steps })}
          />
          <SeedField
            className={formClasses.row}
            text={settings.seed}
            error={errors.seed}
            onChange={(seed) => change({ seed })}
          />
          {config && (
            <Text size="xs" c="dimmed" className={formClasses.help}>
              DDIM with the eta of the settings, {config.ddimEta}; all{" "}
              {formatCount(config.timesteps)} steps are ancestral sampling.
            </Text>
          )}
          {!fitsClassifier && (
            <Text size="sm" className={formClasses.note}>
              {OTHER_IMAGES_WARNING}
            </Text>
          )}
          {isTraining && (
            <Text size="xs" c="dimmed" style={{ textWrap: "pretty" }}>
              A run is training. It continues while samples are measured, but more slowly.
            </Text>
          )}
        </Fold>
      </div>
      <div className={formClasses.submit}>
        <Button
          type="submit"
          fullWidth
          variant={isBusy ? "default" : "filled"}
          disabled={!isBusy && disabledReason !== null}
          title={isBusy ? undefined : (disabledReason ?? undefined)}
          // The second would cancel what the first asked for.
          onClick={ignoreDoubleClick}
        >
          {isBusy ? "Cancel" : ACTIONS.measure.label}
        </Button>
        <MeasureProgress disabledReason={disabledReason} />
      </div>
    </form>
  );
}

/** What is set where the fields are folded: one sees what is measured before one clicks. */
function settingsWords(
  { network, weights, count, steps, seed }: QualitySettings,
  networks: Networks,
  config: RunConfig | null,
): string {
  const name = nameOf(networkChoices(networks, network), networkKey(network));
  const ofWeights = weights === "raw" ? ", latest weights" : "";
  const numSteps = steps ?? (config ? defaultSteps(config) : "");
  return `${name}${ofWeights}: ${count} samples, ${numSteps} steps, seed ${seed}`;
}
