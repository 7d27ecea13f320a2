import { Stack, Text } from "@mantine/core";
import { Fragment, useEffect } from "react";
import type { RunConfig } from "../../../../engine/config/hyperparameters.ts";
import type { MeasureProgress } from "../../../../engine/quality/figures.ts";
import { formatCount, formatPercent } from "../../../../runtime/format.ts";
import {
  chosenSampler,
  type SamplingName,
  type SamplingText,
  STEP_SAMPLING,
  shownText,
} from "../../../../runtime/sampling/sampling.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import { Explain } from "../../../shared/explain/Explain.tsx";
import { configOf, type Networks, networkFor } from "../../../shared/network/chosenNetwork.ts";
import formClasses from "../../../shared/network/Form.module.css";
import { NetworkFields } from "../../../shared/network/NetworkFields.tsx";
import { FormProgress, FormStatus, NetworkForm } from "../../../shared/network/NetworkForm.tsx";
import { nameOf, networkChoices } from "../../../shared/network/networkChoices.ts";
import { SamplingField } from "../../../shared/network/SamplingField.tsx";
import { Untrained } from "../../../shared/network/Untrained.tsx";
import { useNounOfSet } from "../../../shared/network/useNaming.ts";
import { useNetworks } from "../../../shared/network/useNetworks.ts";
import { DataTable } from "../../../shared/parts/DataTable.tsx";
import { LinkButton } from "../../../shared/parts/LinkButton.tsx";
import { submitReason } from "../../../shared/parts/SubmitButton.tsx";
import { useTimeLeft } from "../../../shared/timeLeft.ts";
import { ACTIONS } from "../../../state/actions.ts";
import { networkKey, writeParams } from "../../../state/address.ts";
import { goesOn } from "../../../state/slices/run.ts";
import {
  hasModels,
  type ModelImages,
  REAL_IMAGES,
  TRAINED_MODELS,
  type TrainedModel,
  type TrainedModelFile,
} from "../../../state/trainedModels.ts";
import { Measurement } from "./Measurement.tsx";
import { guidanceWords } from "./measuredWords.ts";
import classes from "./Quality.module.css";
import {
  QUALITY_SAMPLING,
  type QualitySettings,
  qualityRequest,
  shownEvaluation,
  useQuality,
  useQualityState,
} from "./quality.ts";
import { Reader } from "./Reader.tsx";
import { SamplerComparison } from "./SamplerComparison.tsx";

/**
 * How good a network's samples are: whether digits are recognized, all ten appear, and none is a copy. What is measured
 * here is kept for the visit (`evaluation.ts`); what a run measures after its epochs is kept with it, and Charts draws it.
 */
export default function QualityView() {
  const store = useQuality();
  const done = useAppState((state) => state.evaluation.done);
  const shown = shownEvaluation(
    done,
    useQualityState((state) => state.shownId),
  );
  const datasetId = useAppState(({ dataset }) => (dataset.current ?? dataset.loading)?.id);
  // So that a link brings the settings back.
  useEffect(() => {
    return store.subscribe(({ settings }, before) => {
      if (settings !== before.settings) writeParams("quality", settings);
    });
  }, [store]);
  return (
    <div className={formClasses.view}>
      <MeasureForm />
      <div className={`${formClasses.results} ${classes.results}`}>
        <Reader />
        {shown && <Measurement key={shown.request.requestId} evaluation={shown} />}
        {!shown && hasModels(datasetId) && <TrainedModels images={datasetId} />}
        <SamplerComparison />
      </div>
    </div>
  );
}

/** Before the first measurement: what was measured of the networks that come with the page and draw such images. */
function TrainedModels({ images }: { images: ModelImages }) {
  const store = useQuality();
  const files = (Object.keys(TRAINED_MODELS) as TrainedModelFile[]).filter(
    (fileName) => TRAINED_MODELS[fileName].images === images,
  );
  const real = REAL_IMAGES[images];
  return (
    <Stack gap="sm" maw="44em" style={{ gridColumn: "1 / -1", overflowX: "auto" }}>
      <h3>Trained models, 2,000 samples each</h3>
      <DataTable
        className={classes.models}
        columns={[
          "",
          "Read as asked",
          "Confidence",
          <Fragment key="frechet">
            Fréchet <Explain note="frechet" />
          </Fragment>,
          <Fragment key="likelihood">
            Bits/dim <Explain note="likelihood" />
          </Fragment>,
        ]}
        rows={files.map((fileName) => {
          const { label, readAsAsked, confidence, distance, bits }: TrainedModel =
            TRAINED_MODELS[fileName];
          const network = { kind: "model", fileName } as const;
          const choose = () =>
            store.setState(({ settings }) => ({ settings: { ...settings, network } }));
          return [
            <LinkButton
              key={fileName}
              fz="sm"
              ta="start"
              title="Choose it for Measure"
              onClick={choose}
            >
              {label}
            </LinkButton>,
            readAsAsked === undefined ? "–" : `${readAsAsked}\u00a0%`,
            confidence,
            distance,
            bits,
          ];
        })}
        foot={[real.label, `${real.readAsAsked}\u00a0%`, real.confidence, real.distance, "–"]}
      />
      <Text size="sm" c="dimmed" lh={1.45}>
        Measure draws samples from a network, and a small classifier reads them. You see how sure it
        is, whether all ten digits appear, how far the samples are from the test images as a whole,
        which training image is nearest to each, and in how many bits the network could store a
        digit that it was not trained on.
      </Text>
    </Stack>
  );
}

/** What is measured; Measure, which becomes Cancel. */
function MeasureForm() {
  const app = useApp();
  const store = useQuality();
  const settings = useQualityState((state) => state.settings);
  const isBusy = useAppState((state) => state.evaluation.request !== null);
  const runGoesOn = useAppState(({ run }) => goesOn(run));
  const measureReason = useAppState(ACTIONS.measure.disabledReason);
  const networks = useNetworks();
  const noun = useNounOfSet() === "digit" ? "digit" : "class";
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
      className={formClasses.row}
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
      start={
        <Untrained networks={[chosen]}>
          You can measure it anyway. The classifier can be confident about noise, too, but then it
          reads nearly all of it as one {noun}.
        </Untrained>
      }
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
          <Text size="xs" c="dimmed" className={formClasses.help}>
            2 to 2,000. Small samples inflate the Fréchet distance: compare equal counts only.
          </Text>
          {(["sampler", "steps", "spacing"] as const).map(field)}
          {config && (
            <Text size="xs" c="dimmed" className={formClasses.help}>
              {samplerHelp(typed, config)}
            </Text>
          )}
          {field("guidance")}
          {field("seed")}
          {runGoesOn && (
            <Text size="xs" c="dimmed" style={{ textWrap: "pretty" }}>
              A run is training. It continues while samples are measured, but more slowly.
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
    scaling: "Measuring real images for scale",
    predicting: "Predicting test images from noise",
  }[doing];
  return `${words}: ${formatPercent(fraction)}${timeLeft}`;
}

/** `Quick 25 Nov, as it is now: 256 samples, 50 steps, seed 0`, seen where the fields are folded. */
function settingsWords({ network, ...typed }: QualitySettings, networks: Networks): string {
  const { weights, count, seed } = typed;
  const name = nameOf(networkChoices(networks, network), networkKey(network));
  const latest = weights === "raw" ? ", latest weights" : "";
  const config = configOf(networkFor(network, networks, "noise"), networks);
  const shown = (setting: "steps" | "guidance") =>
    config ? shownText(setting, typed, { config }) : (typed[setting] ?? "");
  const scale = config && config.classes > 0 ? shown("guidance") : null;
  return `${name}${latest}: ${count} samples, ${typedSteps(shown("steps"))}${guidanceWords(scale)}, seed ${seed}`;
}

function typedSteps(text: string): string {
  return text.trim() === "1" ? "1 step" : `${text} steps`;
}

/** What the form says of the sampler, besides its name. */
export function samplerHelp(typed: Partial<SamplingText>, config: RunConfig): string {
  const network = { config, table: STEP_SAMPLING };
  const { help, settings } = chosenSampler(typed, network);
  if (!settings.includes("eta")) return help;
  const { timesteps, ddimEta } = config;
  return Number(shownText("steps", typed, network)) === timesteps
    ? `All ${formatCount(timesteps)} steps: this is ancestral sampling.`
    : `Eta is ${ddimEta}, as in the settings.`;
}
