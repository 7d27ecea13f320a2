import { Text } from "@mantine/core";
import { DEFAULT_DATASET, datasetEntry } from "../../../engine/data/datasets.ts";
import { stepSamplers } from "../../../engine/diffusion/samplers.ts";
import { SPACINGS } from "../../../engine/diffusion/spacings.ts";
import type { MeasureProgress } from "../../../engine/quality/figures.ts";
import { formatCount, formatPercent } from "../../../runtime/format.ts";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { GuidanceField } from "../../shared/network/AskFields.tsx";
import { configOf, defaultSteps } from "../../shared/network/chosenNetwork.ts";
import { guidanceText, withSampler } from "../../shared/network/chosenSampling.ts";
import classes from "../../shared/network/Form.module.css";
import { NetworkFields, StepsField } from "../../shared/network/NetworkFields.tsx";
import { FormProgress, FormStatus, NetworkForm } from "../../shared/network/NetworkForm.tsx";
import { Untrained } from "../../shared/network/Untrained.tsx";
import { useNetworks } from "../../shared/network/useNetworks.ts";
import { Choices, NumberField, SeedField } from "../../shared/parts/NumberField.tsx";
import { submitReason } from "../../shared/parts/SubmitButton.tsx";
import { TableField } from "../../shared/parts/TableField.tsx";
import { useTimeLeft } from "../../shared/timeLeft.ts";
import { ACTIONS } from "../../state/actions.ts";
import { isActive } from "../../state/slices/run.ts";
import { type QualitySettings, qualityRequest, useQuality, useQualityState } from "./quality.ts";
import { FORM_NOTES, samplerHelp, settingsWords } from "./text.ts";

const COUNTS = [256, 1000, 2000];

/** What is measured; Measure, which becomes Cancel. */
export function MeasureForm() {
  const app = useApp();
  const store = useQuality();
  const settings = useQualityState((state) => state.settings);
  const isBusy = useAppState((state) => state.evaluation.request !== null);
  const isTraining = useAppState(({ run }) => isActive(run) && run.status !== "paused");
  const dataset = useAppState((state) => state.dataset.current) ?? { id: DEFAULT_DATASET };
  const measureReason = useAppState(ACTIONS.measure.disabledReason);
  const networks = useNetworks();
  const config = configOf(settings.network, networks);
  const sampled = config && withSampler(config, settings);
  const { request, errors } = qualityRequest(settings, config);
  const disabledReason = submitReason(measureReason, request === null);
  const change = (changes: Partial<QualitySettings>) =>
    store.setState((state) => ({ settings: { ...state.settings, ...changes } }));

  return (
    <NetworkForm
      title="Quality"
      label="What to measure"
      words={settingsWords(settings, networks)}
      isWrong={request === null}
      submit={{ label: ACTIONS.measure.label, isBusy, disabledReason }}
      status={<MeasureStatus disabledReason={disabledReason} />}
      onSubmit={() => {
        if (isBusy) return app.client.cancelEvaluation();
        if (request && disabledReason === null) ACTIONS.measure.perform(app, request);
      }}
      start={<Untrained networks={[settings.network]}>{FORM_NOTES.untrained}</Untrained>}
      settings={
        <>
          <NetworkFields
            network={settings.network}
            weights={settings.weights}
            error={errors.network}
            hasNote
            onChange={change}
          />
          <NumberField
            label="Samples"
            className={classes.row}
            text={settings.count}
            error={errors.count}
            end={
              <Choices unit="samples" numbers={COUNTS} onChoose={(count) => change({ count })} />
            }
            endWidth={132}
            onChange={(count) => change({ count })}
          />
          <Text size="xs" c="dimmed" className={classes.help}>
            {FORM_NOTES.count}
          </Text>
          {sampled && (
            <>
              <TableField
                label="Sampler"
                className={classes.row}
                table={stepSamplers(sampled.objective)}
                id={sampled.samplerKind}
                onChange={(sampler) => change({ sampler })}
              />
              <TableField
                label="Spacing"
                className={classes.row}
                table={SPACINGS}
                id={sampled.stepSpacing}
                onChange={(spacing) => change({ spacing })}
              />
            </>
          )}
          <StepsField
            steps={settings.steps}
            config={config}
            error={errors.steps}
            onChange={change}
          />
          {sampled && (
            <Text size="xs" c="dimmed" className={classes.help}>
              {samplerHelp(sampled, settings.steps ?? defaultSteps(sampled))}
            </Text>
          )}
          {config && config.classes > 0 && (
            <GuidanceField
              className={classes.row}
              text={guidanceText(settings, config)}
              onChange={(guidance) => change({ guidance })}
            />
          )}
          <SeedField
            className={classes.row}
            text={settings.seed}
            error={errors.seed}
            onChange={(seed) => change({ seed })}
          />
          {!datasetEntry(dataset).fitsClassifier && (
            <Text size="sm" className={classes.note}>
              {FORM_NOTES.otherImages}
            </Text>
          )}
          {isTraining && (
            <Text size="xs" c="dimmed" style={{ textWrap: "pretty" }}>
              {FORM_NOTES.isTraining}
            </Text>
          )}
        </>
      }
    />
  );
}

/** Under Measure: how far it is, how it ended, or why it cannot begin. */
function MeasureStatus({ disabledReason }: { disabledReason: string | null }) {
  const { request, progress, failure, isCancelled } = useAppState((state) => state.evaluation);
  if (request === null) {
    const outcome = isCancelled ? "Cancelled." : null;
    return <FormStatus error={failure} outcome={disabledReason ?? outcome} />;
  }
  return (
    <FormProgress label="Measurement" fraction={progress?.fraction ?? 0}>
      {/* Each part has a pace of its own. */}
      {progress ? <Part key={progress.doing} {...progress} /> : "Getting the classifier ready…"}
    </FormProgress>
  );
}

function Part({ doing, fraction }: MeasureProgress) {
  const timeLeft = useTimeLeft(fraction);
  const isComparing = useAppState(
    ({ evaluation: { request } }) => request !== null && !("sampler" in request),
  );
  const numTrain = useAppState((state) => state.dataset.current?.numTrain ?? 0);
  const words = {
    drawing: isComparing ? "Comparing samplers" : "Drawing",
    classifying: "Classifying",
    comparing: `Comparing with ${formatCount(numTrain)} training images`,
    scaling: "Measuring training images for scale",
  }[doing];
  return `${words}: ${formatPercent(fraction)}${timeLeft}`;
}
