import { Text } from "@mantine/core";
import { memo, useEffect, useState } from "react";
import { useShallow } from "zustand/react/shallow";
import { defaultConfig } from "../../../engine/config/hyperparameters.ts";
import type { Naming, Noun } from "../../../engine/data/datasets.ts";
import { capitalized, formatDuration } from "../../../runtime/format.ts";
import { useAppState } from "../../shared/AppContext.ts";
import { Explain } from "../../shared/explain/Explain.tsx";
import { AskFields } from "../../shared/network/AskFields.tsx";
import { configOf, networkFor } from "../../shared/network/chosenNetwork.ts";
import classes from "../../shared/network/Form.module.css";
import { FormProgress, FormStatus, NetworkForm } from "../../shared/network/NetworkForm.tsx";
import { SamplingField } from "../../shared/network/SamplingField.tsx";
import { Untrained } from "../../shared/network/Untrained.tsx";
import { useNetworks } from "../../shared/network/useNetworks.ts";
import { NumberField } from "../../shared/parts/NumberField.tsx";
import { SliderField } from "../../shared/parts/SliderField.tsx";
import { submitReason } from "../../shared/parts/SubmitButton.tsx";
import { useTimeLeft } from "../../shared/timeLeft.ts";
import { ACTIONS, samplingReason } from "../../state/actions.ts";
import { readParams } from "../../state/address.ts";
import type { Generation } from "../../state/slices/generation.ts";
import { Beginning, InvertedAs, MixField, NoiseLevel } from "./Beginning.tsx";
import { SideFields, useSideWords } from "./SideFields.tsx";
import { type FieldErrors, isAskChosen, shownSides, takesCount } from "./state/drawSettings.ts";
import { beginsWith, type StartKind } from "./state/drawStart.ts";
import { type DrawState, fractionDone, generationsOf, isGenerating } from "./state/drawState.ts";
import { useDraw, useDrawNaming, useDrawState, useErrors, useSideNetwork } from "./useDraw.ts";

/** What one begins with, what is asked for, the seed; Generate, unless digits come by themselves. How they are drawn is folded. */
export function DrawForm() {
  const session = useDraw();
  const { store } = session;
  const isComparing = useDrawState((state) => state.settings.isComparing);
  const start = useDrawState((state) => beginsWith(state.settings.start));
  // Nothing is drawn at random where one image goes to its noise and back.
  const hasSeed = useDrawState((state) => state.settings.start !== "invert");
  const hasAsk = useDrawState((state) => state.settings.ask !== "any");
  const chosen = useDrawState(
    useShallow(({ settings }) => shownSides(settings).map((side) => settings[side].network)),
  );
  const isBusy = useDrawState(isGenerating);
  const isLive = useDrawState((state) => state.isLive);
  const networks = useNetworks();
  const naming = useDrawNaming();
  const used = chosen.map((network) => networkFor(network, networks, start));
  const disabledReason = useAppState((state) => samplingReason(state, used));
  useEffect(
    () => session.drawLive(networks, disabledReason === null),
    [session, networks, disabledReason],
  );
  // On a projector there is no button.
  const isPresenting = useDrawState(() => readParams("page").present);
  const isEmpty = useDrawState((state) => !state.isLive && generationsOf(state).length === 0);
  useEffect(() => {
    if (isPresenting && isEmpty && disabledReason === null) session.generate();
  }, [session, isPresenting, isEmpty, disabledReason]);
  const missing = useDrawState(() => session.requests(networks).errors.start);
  const errors = useErrors();
  const numClasses = Math.max(...used.map((of) => configOf(of, networks)?.classes ?? 0));
  const isAsked = numClasses > 0 || hasAsk;
  const isWrong = Object.keys(errors).length > 0;
  const words = useSideWords("a");
  // What is missing is said after a press of Generate, until something is drawn or chosen.
  const [triedWith, setTriedWith] = useState<DrawState | null>(null);
  const hasTried = useDrawState(
    ({ settings: { start }, padBefore }) =>
      triedWith?.settings.start === start && triedWith.padBefore === padBefore,
  );
  // The field of the network may be folded away, or below what is in sight.
  const networkReason = errors["a.network"] ?? errors["b.network"] ?? null;
  const reason = submitReason(disabledReason ?? networkReason, isWrong);

  return (
    <NetworkForm
      title="Draw"
      label="What to generate"
      folded="Sampler settings"
      words={isComparing ? `A and B have theirs above their ${naming.noun}s.` : words}
      isWrong={isWrong}
      isAround
      isLive={isLive && networkReason === null}
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
          <Untrained networks={chosen} />
          <Beginning />
        </>
      }
      asked={
        <>
          <AskedFields
            isAsked={isAsked}
            numClasses={numClasses}
            naming={naming}
            errors={errors}
            canSample={disabledReason === null}
          />
          {hasSeed && <SeedFields error={errors.seed} />}
        </>
      }
      settings={
        <>
          <InvertedAs />
          <CountField error={errors.count} />
          <FillingFields errors={errors} />
          {!isComparing && <SideFields side="a" errors={errors} />}
          {!isAsked && <Explain note="guidance" isNamed />}
        </>
      }
    />
  );
}

interface AskedFieldsProps {
  /** Whether it can be chosen which digits there are to be. */
  isAsked: boolean;
  numClasses: number;
  naming: Naming;
  errors: FieldErrors;
  canSample: boolean;
}

// These parts are not rendered again for settings of others, which may be dragged.
const AskedFields = memo(function AskedFields(props: AskedFieldsProps) {
  const { isAsked, canSample, ...network } = props;
  const session = useDraw();
  const start = useDrawState((state) => state.settings.start);
  const ask = useDrawState(
    useShallow(({ settings: { ask, label, to, text } }) => ({ ask, label, to, text })),
  );
  return (
    <>
      <NoiseLevel />
      {isAsked && isAskChosen(start) && (
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
      )}
      {network.numClasses > 0 && ask.ask === "between" && start === "noise" && <MixField />}
    </>
  );
});

const SeedFields = memo(function SeedFields({ error }: { error: string | undefined }) {
  const { change } = useDraw();
  const seed = useDrawState((state) => state.settings.seed);
  const isLive = useDrawState((state) => state.isLive);
  return (
    <>
      <SamplingField
        name="seed"
        className={classes.row}
        text={{ seed }}
        config={defaultConfig()}
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

/** How often the way is walked where a part is filled in, and how much of it at once. */
function FillingFields({ errors }: { errors: FieldErrors }) {
  const { change } = useDraw();
  const isFilling = useDrawState((state) => state.settings.start === "fill");
  const resamplings = useDrawState((state) => state.settings.resamplings);
  const jump = useDrawState((state) => state.settings.jump);
  if (!isFilling) return null;
  const field = (name: "resamplings" | "jump", label: string, text: string) => (
    <NumberField
      label={label}
      className={classes.row}
      text={text}
      error={errors[name]}
      onChange={(next) => change({ [name]: next })}
    />
  );
  return (
    <>
      {field("resamplings", "Resamplings", resamplings)}
      {field("jump", "Jump (steps)", jump)}
      <Text size="xs" c="dimmed" className={classes.help}>
        Each stretch of steps is taken this many times, so that the new part fits the old one; a
        jump is how many steps such a stretch has. <Explain note="filling" />
      </Text>
    </>
  );
}

function CountField({ error }: { error: string | undefined }) {
  const { change } = useDraw();
  const hasCount = useDrawState(({ settings }) => takesCount(settings));
  const count = useDrawState((state) => state.settings.count);
  const { config } = useSideNetwork("a");
  const { noun } = useDrawNaming();
  if (!hasCount) return null;
  return (
    <SamplingField
      name="count"
      label={capitalized(`${noun}s`)}
      className={classes.row}
      text={{ count }}
      config={config}
      error={error}
      onChange={change}
    />
  );
}

/** Under Generate: how far it is, how it ended, or why it cannot begin. */
function Progress({ reason, missing }: { reason: string | null; missing: string | null }) {
  const isBusy = useDrawState(isGenerating);
  const { noun } = useDrawNaming();
  const outcome = useDrawState((state) =>
    state.isLive ? liveWords(state.settings.start, noun) : outcomeWords(generationsOf(state), noun),
  );
  const failure = useDrawState(
    (state) => generationsOf(state).find(({ message }) => message !== null)?.message ?? null,
  );
  if (isBusy) return <Running />;
  return <FormStatus error={failure ?? missing} outcome={reason ?? outcome} />;
}

/** How digits ended; null where there are none. */
function outcomeWords(all: readonly Generation[], noun: Noun): string | null {
  if (all.length === 0) return null;
  if (all.some(({ status }) => status === "cancelled")) return "Cancelled.";
  if (all.some(({ status }) => status === "interrupted")) {
    return `Stopped, because a run was started or opened. Press Generate to draw the ${noun}s again.`;
  }
  return `Done in ${formatDuration(all.reduce((sum, { elapsedMs }) => sum + (elapsedMs ?? 0), 0))}.`;
}

/** In place of how long it took. */
function liveWords(start: StartKind, noun: Noun): string {
  return start === "plane"
    ? `Point anywhere in the plane, or move with the arrow keys: the ${noun} there is drawn at once.`
    : `With so few steps the ${noun}s follow as you draw, drag or type.`;
}

function Running() {
  const fraction = useDrawState(fractionDone);
  const isStill = useDrawState((state) => state.isStill);
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
