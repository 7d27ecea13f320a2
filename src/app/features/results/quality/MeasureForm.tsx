import { Text } from "@mantine/core";
import { DEFAULT_DATASET, datasetEntry } from "../../../../engine/data/datasets.ts";
import type { MeasureProgress } from "../../../../engine/quality/figures.ts";
import { formatCount, formatPercent } from "../../../../runtime/format.ts";
import type { SamplingName } from "../../../../runtime/sampling/sampling.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import { configOf, networkFor } from "../../../shared/network/chosenNetwork.ts";
import classes from "../../../shared/network/Form.module.css";
import { NetworkFields } from "../../../shared/network/NetworkFields.tsx";
import { FormProgress, FormStatus, NetworkForm } from "../../../shared/network/NetworkForm.tsx";
import { SamplingField } from "../../../shared/network/SamplingField.tsx";
import { Untrained } from "../../../shared/network/Untrained.tsx";
import { useNetworks } from "../../../shared/network/useNetworks.ts";
import { submitReason } from "../../../shared/parts/SubmitButton.tsx";
import { useTimeLeft } from "../../../shared/timeLeft.ts";
import { ACTIONS } from "../../../state/actions.ts";
import { goesOn } from "../../../state/slices/run.ts";
import {
  QUALITY_SAMPLING,
  type QualitySettings,
  qualityRequest,
  useQuality,
  useQualityState,
} from "./quality.ts";
import { FORM_NOTES, samplerHelp, settingsWords } from "./text.ts";

/** What is measured; Measure, which becomes Cancel. */
export function MeasureForm() {
  const app = useApp();
  const store = useQuality();
  const settings = useQualityState((state) => state.settings);
  const isBusy = useAppState((state) => state.evaluation.request !== null);
  const runGoesOn = useAppState(({ run }) => goesOn(run));
  const dataset = useAppState((state) => state.dataset.current) ?? { id: DEFAULT_DATASET };
  const measureReason = useAppState(ACTIONS.measure.disabledReason);
  const networks = useNetworks();
  const { network: chosen, ...typed } = settings;
  const network = networkFor(chosen, networks, "noise");
  const config = configOf(network, networks);
  const { request, errors } = qualityRequest({ ...settings, network }, config);
  const disabledReason = submitReason(measureReason, request === null);
  const change = (changes: Partial<QualitySettings>) =>
    store.setState((state) => ({ settings: { ...state.settings, ...changes } }));
  const field = (name: SamplingName) => (
    <SamplingField
      key={name}
      name={name}
      className={classes.row}
      table={QUALITY_SAMPLING}
      text={typed}
      config={config}
      error={errors[name]}
      onChange={change}
    />
  );

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
      start={<Untrained networks={[chosen]}>{FORM_NOTES.untrained}</Untrained>}
      settings={
        <>
          <NetworkFields
            network={chosen}
            weights={settings.weights}
            error={errors.network}
            hasNote
            onChange={change}
          />
          {field("count")}
          <Text size="xs" c="dimmed" className={classes.help}>
            {FORM_NOTES.count}
          </Text>
          {(["sampler", "steps", "spacing"] as const).map(field)}
          {config && (
            <Text size="xs" c="dimmed" className={classes.help}>
              {samplerHelp(typed, config)}
            </Text>
          )}
          {field("guidance")}
          {field("seed")}
          {!datasetEntry(dataset).fitsClassifier && (
            <Text size="sm" className={classes.note}>
              {FORM_NOTES.otherImages}
            </Text>
          )}
          {runGoesOn && (
            <Text size="xs" c="dimmed" style={{ textWrap: "pretty" }}>
              {FORM_NOTES.runGoesOn}
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
