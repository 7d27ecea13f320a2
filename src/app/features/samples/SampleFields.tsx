import { Group, SegmentedControl, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { Condition } from "../../../engine/config/condition.ts";
import { HYPERPARAMETERS, type RunConfig } from "../../../engine/config/hyperparameters.ts";
import { DEFAULT_DIGITS, MAX_DIGITS, samplerOf } from "../../../engine/config/sampling.ts";
import { isValidConfig } from "../../../engine/config/validate.ts";
import { type StepSamplerId, stepSamplers } from "../../../engine/diffusion/samplers.ts";
import { SPACINGS, type SpacingId } from "../../../engine/diffusion/spacings.ts";
import type { WeightsChoice } from "../../../runtime/run/samplingProtocol.ts";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { withSampler } from "../../shared/network/chosenSampling.ts";
import { WEIGHTS_CHOICES } from "../../shared/network/weightsWords.ts";
import { DigitsField, NumberField, SeedField } from "../../shared/parts/NumberField.tsx";
import { onEnterWhileBusy, SubmitButton, submitReason } from "../../shared/parts/SubmitButton.tsx";
import { TableField } from "../../shared/parts/TableField.tsx";
import { ACTIONS } from "../../state/actions.ts";
import { hasAverage, sampledConfig } from "../../state/slices/sampledNetwork.ts";
import type { AskedFor } from "../../state/slices/samples.ts";
import { parseWholeNumber, wholeNumberError } from "../../state/wholeNumber.ts";
import classes from "./SamplePanel.module.css";

/** What is asked for; null where a field is wrong. */
export interface Asked {
  count: number;
  condition: Condition | null;
  /** See SampleStart. */
  isShared: boolean;
  askedFor: AskedFor | null;
}

/** What a network with classes is asked for. */
export interface ResolvedAsk {
  asked: Asked | null;
  /** Whether the number of digits follows from it. */
  hasOwnCount: boolean;
}

export type SampleFormState = ReturnType<typeof useSampleForm>;

export function useSampleForm(config: RunConfig) {
  const app = useApp();
  const count = useWholeNumber(String(DEFAULT_DIGITS), { min: 1, max: MAX_DIGITS });
  const steps = useWholeNumber(String(config.samplingTimesteps), { min: 1, max: config.timesteps });
  const seed = useWholeNumber("0", HYPERPARAMETERS.seed);
  const [sampler, setSampler] = useState<StepSamplerId | null>(null);
  const [spacing, setSpacing] = useState<SpacingId | null>(null);
  const choice = withSampler(config, { sampler, spacing });
  const weights = useState<WeightsChoice>("ema");
  const [start, setStart] = useState<"noise" | "pair">("noise");
  /** In place of what is being drawn. */
  const draw = (asked: Asked | null) => {
    const reason = ACTIONS.generate.disabledReason(app.store.getState());
    if (reason !== null || !asked || steps.value === null || seed.value === null) return;
    const { count, condition, isShared, askedFor } = asked;
    const request = {
      ...{ count, condition, givesX0: false, seed: seed.value, weights: weights[0] },
      sampler: samplerOf(steps.value, choice),
      network: { kind: "current" } as const,
      start: start === "pair" ? { kind: start, images: null } : { kind: start, isShared },
    };
    app.client.cancelSample();
    ACTIONS.generate.perform(app, request, askedFor);
  };
  const samplerFields = { choice, setSampler, setSpacing };
  return { config, count, steps, seed, samplerFields, weights, start, setStart, draw };
}

interface SampleFieldsProps extends ResolvedAsk {
  form: SampleFormState;
  /** Of a network with classes. */
  children?: ReactNode;
}

export function SampleFields({ form, asked, hasOwnCount, children }: SampleFieldsProps) {
  const { client } = useApp();
  const { config, count, steps, seed, start, setStart } = form;
  const { choice, setSampler, setSpacing } = form.samplerFields;
  const [weights, setWeights] = form.weights;
  const isAveraged = useAppState(hasAverage);
  const isSampling = useAppState((state) => state.samples.requestedId !== null);
  const generateReason = useAppState(ACTIONS.generate.disabledReason);
  const areSettingsWrong = useAppState((state) => !isValidConfig(sampledConfig(state)));
  const isWrong = !asked || steps.value === null || seed.value === null;
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (isSampling) client.cancelSample();
        else form.draw(asked);
      }}
      onKeyDown={onEnterWhileBusy(isSampling, () => {
        if (generateReason === null && !isWrong) form.draw(asked);
      })}
    >
      {children}
      <Group gap="xs" style={{ gridColumn: "1 / -1" }}>
        <SegmentedControl aria-label="Start from" data={STARTS} value={start} onChange={setStart} />
        <TableField
          label="Sampler"
          table={stepSamplers(config.objective)}
          id={choice.samplerKind}
          onChange={setSampler}
          isInLine
        />
        <TableField
          label="Spacing of the steps"
          table={SPACINGS}
          id={choice.stepSpacing}
          onChange={setSpacing}
          isInLine
        />
        {isAveraged && (
          <SegmentedControl
            aria-label="Weights to generate with"
            data={WEIGHTS_CHOICES}
            value={weights}
            onChange={setWeights}
          />
        )}
      </Group>
      {!hasOwnCount && <DigitsField {...count.field} />}
      <NumberField label="Steps" {...steps.field} />
      <SeedField {...seed.field} />
      <SubmitButton
        label={ACTIONS.generate.label}
        isBusy={isSampling}
        disabledReason={submitReason(generateReason, isWrong)}
        size="sm"
        variant="light"
        className={classes.submit ?? ""}
      />
      {areSettingsWrong && (
        <Text size="xs" c="var(--mantine-color-error)" style={{ gridColumn: "1 / -1" }}>
          {generateReason}
        </Text>
      )}
    </form>
  );
}

/** A field, and its number; null where it is none in the range. */
function useWholeNumber(usual: string, range: { min: number; max: number }) {
  const [typed, onChange] = useState<string | null>(null);
  const text = typed ?? usual;
  const field = { text, onChange, error: wholeNumberError(text, range) };
  return { value: parseWholeNumber(text, range), field };
}

const STARTS: { value: "noise" | "pair"; label: string }[] = [
  { value: "noise", label: "Pure noise" },
  { value: "pair", label: "Between two digits" },
];
