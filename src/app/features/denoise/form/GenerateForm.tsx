import { NativeSelect, Switch } from "@mantine/core";
import { memo, useEffect, useState } from "react";
import { useShallow } from "zustand/react/shallow";
import type { RunConfig } from "../../../../engine/config/hyperparameters.ts";
import { useAppState } from "../../../shared/AppContext.ts";
import { Explain } from "../../../shared/explain/Explain.tsx";
import { AskFields } from "../../../shared/network/AskFields.tsx";
import { configOf, drawDigits } from "../../../shared/network/chosenNetwork.ts";
import classes from "../../../shared/network/Form.module.css";
import { FormProgress, FormStatus, NetworkForm } from "../../../shared/network/NetworkForm.tsx";
import { SamplingField } from "../../../shared/network/SamplingField.tsx";
import { Untrained } from "../../../shared/network/Untrained.tsx";
import { useNetworks } from "../../../shared/network/useNetworks.ts";
import { submitReason } from "../../../shared/parts/SubmitButton.tsx";
import { useTimeLeft } from "../../../shared/timeLeft.ts";
import { ACTIONS } from "../../../state/actions.ts";
import { type DenoiseState, fractionDone, generationsOf, isGenerating } from "../state/denoise.ts";
import {
  type FieldErrors,
  type StartKind,
  shownSides,
  takesCount,
} from "../state/denoiseSettings.ts";
import { COMPARE, liveWords, outcomeWords, STARTS, settingsWords } from "../text.ts";
import { useDenoise, useDenoiseState } from "../useDenoise.ts";
import { MixField } from "./MixField.tsx";
import { SideFields } from "./SideFields.tsx";
import { SliderField } from "./SliderField.tsx";
import { StartImage, StartLevel } from "./StartImage.tsx";

/** What is drawn, from what, and how; Generate, which becomes Cancel. */
export function GenerateForm() {
  const session = useDenoise();
  const { store } = session;
  const isComparing = useDenoiseState((state) => state.settings.isComparing);
  const hasAsk = useDenoiseState((state) => state.settings.ask !== "any");
  const [a, b] = useDenoiseState(
    useShallow(({ settings: { a, b } }) => [a.network, b.network] as const),
  );
  const isBusy = useDenoiseState(isGenerating);
  const isLive = useDenoiseState((state) => state.isLive);
  const networks = useNetworks();
  const disabledReason = useAppState(ACTIONS.generate.disabledReason);
  useEffect(
    () => session.drawLive(networks, disabledReason === null),
    [session, networks, disabledReason],
  );
  const missing = useDenoiseState(() => session.requests(networks).errors.start);
  // `start` is left out, so that a drawing that is begun or cleared renders no setting again.
  const errors = useDenoiseState(
    useShallow((): FieldErrors => {
      const { start: _, ...wrong } = session.requests(networks).errors;
      return wrong;
    }),
  );
  const shown = isComparing ? [a, b] : [a];
  const configs = { a: configOf(a, networks), b: configOf(b, networks) };
  const numClasses = Math.max(...shown.map((of) => configOf(of, networks)?.classes ?? 0));
  const isAsked = numClasses > 0 || hasAsk;
  const areDigits = drawDigits(shown, networks);
  const words = useDenoiseState(({ settings }) => settingsWords(settings, configs, areDigits));
  const isWrong = Object.keys(errors).length > 0;
  // What is missing is said after a press of Generate, until something is drawn or chosen.
  const [triedWith, setTriedWith] = useState<DenoiseState | null>(null);
  const hasTried = useDenoiseState(
    ({ settings: { start }, strokes }) =>
      triedWith?.settings.start === start && triedWith.strokes === strokes,
  );
  const reason = submitReason(disabledReason, isWrong);

  return (
    <NetworkForm
      title="Draw"
      label="What to generate"
      words={words}
      isWrong={isWrong}
      isAround
      isLive={isLive}
      submit={{ label: ACTIONS.generate.label, isBusy, disabledReason: reason }}
      status={<Progress reason={reason} missing={hasTried ? (missing ?? null) : null} />}
      onSubmit={() => {
        if (isBusy) session.cancel();
        else if (missing) setTriedWith(store.getState());
        else if (reason === null) session.generate();
      }}
      onAskAnew={() => reason === null && session.generate()}
      start={
        <>
          <Untrained networks={shown} />
          <StartFields />
        </>
      }
      asked={
        <AskedFields
          isAsked={isAsked}
          numClasses={numClasses}
          areDigits={areDigits}
          errors={errors}
          canSample={disabledReason === null}
        />
      }
      settings={<SettingFields errors={errors} isAsked={isAsked} />}
    />
  );
}

// These parts of the form, and parts of them, are not rendered again for settings of others, which may be dragged.
const StartFields = memo(function StartFields() {
  const { change } = useDenoise();
  const start = useDenoiseState((state) => state.settings.start);
  return (
    <>
      <NativeSelect
        label="Start from"
        classNames={{ root: classes.row ?? "" }}
        data={STARTS}
        value={start}
        onChange={({ currentTarget }) => change({ start: currentTarget.value as StartKind })}
      />
      {start === "pair" && <Explain note="interpolation" isNamed />}
      <StartImage />
    </>
  );
});

interface AskedFieldsProps extends AskedDigitsProps {
  /** Whether it can be chosen which digits there are to be. */
  isAsked: boolean;
}

const AskedFields = memo(function AskedFields({ isAsked, ...asked }: AskedFieldsProps) {
  const start = useDenoiseState((state) => state.settings.start);
  const isBetween = useDenoiseState((state) => state.settings.ask === "between");
  return (
    <>
      <StartLevel />
      {isAsked && start !== "plane" && <AskedDigits {...asked} />}
      {asked.numClasses > 0 && isBetween && start === "noise" && <MixField />}
    </>
  );
});

type SettingFieldsProps = Pick<AskedFieldsProps, "errors" | "isAsked">;

const SettingFields = memo(function SettingFields({ errors, isAsked }: SettingFieldsProps) {
  const { change } = useDenoise();
  const hasCount = useDenoiseState(({ settings }) => takesCount(settings));
  const count = useDenoiseState((state) => state.settings.count);
  const network = useDenoiseState((state) => state.settings.a.network);
  const config = configOf(network, useNetworks());
  const isComparing = useDenoiseState((state) => state.settings.isComparing);
  return (
    <>
      {hasCount && (
        <SamplingField
          name="count"
          className={classes.row}
          text={{ count }}
          config={config}
          error={errors.count}
          onChange={change}
        />
      )}
      <SeedFields config={config} error={errors.seed} />
      <Switch
        label={COMPARE}
        checked={isComparing}
        onChange={({ currentTarget }) => change({ isComparing: currentTarget.checked })}
      />
      {shownSides({ isComparing }).map((side) => (
        <SideFields key={side} side={side} errors={errors} />
      ))}
      {!isAsked && <Explain note="guidance" isNamed />}
    </>
  );
});

interface SeedFieldsProps {
  config: RunConfig | null;
  error: string | undefined;
}

const SeedFields = memo(function SeedFields({ config, error }: SeedFieldsProps) {
  const { change } = useDenoise();
  const seed = useDenoiseState((state) => state.settings.seed);
  const isLive = useDenoiseState((state) => state.isLive);
  return (
    <>
      <SamplingField
        name="seed"
        className={classes.row}
        text={{ seed }}
        config={config}
        error={error}
        onChange={change}
      />
      {isLive && (
        <SliderField
          name="Drag the seed"
          value={Number(seed) || 0}
          range={{ min: 0, max: 200, step: 1 }}
          onChange={(next) => change({ seed: String(next) })}
        />
      )}
    </>
  );
});

interface AskedDigitsProps {
  numClasses: number;
  areDigits: boolean;
  errors: FieldErrors;
  canSample: boolean;
}

const AskedDigits = memo(function AskedDigits({ canSample, ...network }: AskedDigitsProps) {
  const session = useDenoise();
  const ask = useDenoiseState(
    useShallow(({ settings: { ask, label, to, text } }) => ({ ask, label, to, text })),
  );
  return (
    <AskFields
      {...network}
      ask={ask}
      className={classes.row}
      onChange={session.change}
      onDraw={(changes) => {
        session.change(changes);
        if (canSample) session.generate();
      }}
    />
  );
});

/** Under Generate: how far it is, how it ended, or why it cannot begin. */
function Progress({ reason, missing }: { reason: string | null; missing: string | null }) {
  const isBusy = useDenoiseState(isGenerating);
  const outcome = useDenoiseState((state) =>
    state.isLive ? liveWords(state.settings.start) : outcomeWords(generationsOf(state)),
  );
  const failure = useDenoiseState(
    (state) => generationsOf(state).find(({ message }) => message !== null)?.message ?? null,
  );
  if (isBusy) return <Running />;
  return <FormStatus error={failure ?? missing} outcome={reason ?? outcome} />;
}

function Running() {
  const fraction = useDenoiseState(fractionDone);
  const isStill = useDenoiseState((state) => state.isStill);
  return (
    <FormProgress label="Generation" fraction={fraction}>
      {Math.floor(100 * fraction)} %{fraction > 0 && <TimeLeft fraction={fraction} />}
      {isStill && "; shown when finished"}
    </FormProgress>
  );
}

/** The time left, estimated only from the first step on: before it, programs may be compiled. */
function TimeLeft({ fraction }: { fraction: number }) {
  return useTimeLeft(fraction);
}
