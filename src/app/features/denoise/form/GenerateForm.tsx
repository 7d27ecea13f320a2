import { NativeSelect, Switch } from "@mantine/core";
import { memo, useEffect, useState } from "react";
import { useShallow } from "zustand/react/shallow";
import { useAppState } from "../../../shared/AppContext.ts";
import { Explain } from "../../../shared/explain/Explain.tsx";
import { AskFields } from "../../../shared/network/AskFields.tsx";
import { configOf, drawDigits } from "../../../shared/network/chosenNetwork.ts";
import classes from "../../../shared/network/Form.module.css";
import { NetworkForm } from "../../../shared/network/NetworkForm.tsx";
import { Untrained } from "../../../shared/network/Untrained.tsx";
import { useNetworks } from "../../../shared/network/useNetworks.ts";
import { DigitsField, SeedField } from "../../../shared/parts/NumberField.tsx";
import { submitReason } from "../../../shared/parts/SubmitButton.tsx";
import { ACTIONS } from "../../../state/actions.ts";

import { type DenoiseState, isGenerating } from "../state/denoise.ts";
import {
  type FieldErrors,
  type StartKind,
  shownSides,
  takesCount,
} from "../state/denoiseSettings.ts";
import { STARTS, settingsWords } from "../text.ts";
import { useDenoise, useDenoiseState } from "../useDenoise.ts";
import { MixField } from "./MixField.tsx";
import { Progress } from "./Progress.tsx";
import { SideFields } from "./SideFields.tsx";
import { SliderField } from "./SliderField.tsx";
import { StartImage } from "./StartImage.tsx";

/** What is drawn, from what, and how; Generate, which becomes Cancel. */
export function GenerateForm() {
  const session = useDenoise();
  const { store, change } = session;
  const settings = useDenoiseState((state) => state.settings);
  const isBusy = useDenoiseState(isGenerating);
  const isLive = useDenoiseState((state) => state.isLive);
  const networks = useNetworks();
  const disabledReason = useAppState(ACTIONS.generate.disabledReason);
  useEffect(
    () => session.follow(networks, disabledReason === null),
    [session, networks, disabledReason],
  );
  const errors = useDenoiseState(useShallow(() => session.requests(networks).errors));
  const sides = shownSides(settings);
  const configs = {
    a: configOf(settings.a.network, networks),
    b: configOf(settings.b.network, networks),
  };
  const numClasses = Math.max(...sides.map((side) => configs[side]?.classes ?? 0));
  const areDigits = drawDigits(
    sides.map((side) => settings[side].network),
    networks,
  );
  const isAsked = numClasses > 0 || settings.ask !== "any";
  const { start: missing, ...wrong } = errors;
  const isWrong = Object.keys(wrong).length > 0;
  // What is missing is said after a press of Generate, until something is drawn or chosen.
  const [triedWith, setTriedWith] = useState<DenoiseState | null>(null);
  const hasTried = useDenoiseState(
    ({ settings: { start }, strokes }) =>
      triedWith?.settings.start === start && triedWith.strokes === strokes,
  );

  const field = (name: "digits" | "seed") => ({
    className: classes.row,
    text: settings[name],
    error: errors[name],
    onChange: (text: string) => change({ [name]: text }),
  });
  const reason = submitReason(disabledReason, isWrong);

  return (
    <NetworkForm
      title="Denoise"
      label="What to generate"
      words={settingsWords(settings, configs, areDigits)}
      isWrong={isWrong}
      isAround
      submit={{ label: ACTIONS.generate.label, isBusy, disabledReason: reason }}
      status={<Progress disabledReason={reason ?? (hasTried ? (missing ?? null) : null)} />}
      onSubmit={() => {
        if (isBusy) session.cancel();
        else if (missing) setTriedWith(store.getState());
        else if (reason === null) session.generate();
      }}
      onAskAnew={() => reason === null && session.generate()}
      start={
        <>
          <Untrained networks={sides.map((side) => settings[side].network)} />
          <NativeSelect
            size="xs"
            label="Start from"
            classNames={{ root: classes.row ?? "" }}
            data={STARTS}
            value={settings.start}
            onChange={({ currentTarget }) => change({ start: currentTarget.value as StartKind })}
          />
          {settings.start === "pair" && <Explain note="interpolation" isNamed />}
          <StartImage />
          {isAsked && settings.start !== "plane" && (
            <AskedDigits
              numClasses={numClasses}
              areDigits={areDigits}
              errors={errors}
              canSample={disabledReason === null}
            />
          )}
          {numClasses > 0 && settings.ask === "between" && settings.start === "noise" && (
            <MixField />
          )}
        </>
      }
      settings={
        <>
          {takesCount(settings) && <DigitsField {...field("digits")} />}
          <SeedField {...field("seed")} />
          {isLive && (
            <SliderField
              name="Drag the seed"
              value={Number(settings.seed) || 0}
              range={{ min: 0, max: 200, step: 1 }}
              onChange={(seed) => change({ seed: String(seed) })}
            />
          )}
          <Switch
            size="xs"
            label="Compare two settings on the same noise"
            checked={settings.isComparing}
            onChange={({ currentTarget }) => change({ isComparing: currentTarget.checked })}
          />
          {sides.map((side) => (
            <SideFields key={side} side={side} errors={errors} />
          ))}
          {!isAsked && <Explain note="guidance" isNamed />}
        </>
      }
    />
  );
}

interface AskedDigitsProps {
  numClasses: number;
  areDigits: boolean;
  errors: FieldErrors;
  canSample: boolean;
}

/** Not rendered again for the other settings, which may be dragged. */
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
