import { Group, SegmentedControl, Text } from "@mantine/core";
import { memo, useState } from "react";
import { useShallow } from "zustand/react/shallow";
import { mixedCondition } from "../../../engine/config/condition.ts";
import { HYPERPARAMETERS } from "../../../engine/config/hyperparameters.ts";
import { DEFAULT_DIGITS, MAX_DIGITS, samplerOf } from "../../../engine/config/sampling.ts";
import { isValidConfig } from "../../../engine/config/validate.ts";
import { type StepSamplerId, stepSamplers } from "../../../engine/diffusion/samplers.ts";
import type { WeightsChoice } from "../../../runtime/run/samplingProtocol.ts";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { WEIGHTS_CHOICES } from "../../shared/network/networkChoices.ts";
import { DigitsField, NumberField, SeedField } from "../../shared/parts/NumberField.tsx";
import { SubmitButton, submitReason } from "../../shared/parts/SubmitButton.tsx";
import { TableField } from "../../shared/parts/TableField.tsx";
import { ACTIONS } from "../../state/actions.ts";
import { hasAverage, sampledConfig } from "../../state/slices/sampledNetwork.ts";
import { parseWholeNumber, wholeNumberError } from "../../state/wholeNumber.ts";
import classes from "./SamplePanel.module.css";

/** How many digits, in how many steps, from which noise; Generate, which becomes Cancel. */
export const SampleForm = memo(function SampleForm() {
  const app = useApp();
  const config = useAppState(useShallow(sampledConfig));
  const isAveraged = useAppState(hasAverage);
  const isSampling = useAppState((state) => state.samples.requestedId !== null);
  const generateReason = useAppState(ACTIONS.generate.disabledReason);
  // Where the settings are wrong themselves, at their field.
  const maxTimesteps = config.timesteps >= 1 ? config.timesteps : HYPERPARAMETERS.timesteps.max;
  const count = useWholeNumber(String(DEFAULT_DIGITS), { min: 1, max: MAX_DIGITS });
  const steps = useWholeNumber(String(config.samplingTimesteps), { min: 1, max: maxTimesteps });
  const seed = useWholeNumber("0", HYPERPARAMETERS.seed);
  const [sampler, setSampler] = useState<StepSamplerId | null>(null);
  const samplerKind = sampler ?? config.samplerKind;
  const [weights, setWeights] = useState<WeightsChoice>("ema");
  const [start, setStart] = useState<"noise" | "pair">("noise");
  const request =
    count.value === null || steps.value === null || seed.value === null
      ? null
      : {
          count: count.value,
          seed: seed.value,
          weights,
          condition: mixedCondition(config, count.value),
          givesX0: false,
          sampler: samplerOf(steps.value, { ...config, samplerKind }),
          network: { kind: "current" } as const,
          start: start === "pair" ? ({ kind: start, images: null } as const) : { kind: start },
        };

  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (isSampling) app.client.cancelSample();
        else if (request) ACTIONS.generate.perform(app, request);
      }}
    >
      <DigitsField {...count.field} />
      <NumberField label="Steps" {...steps.field} />
      <SeedField {...seed.field} />
      <Group gap="xs" className={classes.choices}>
        <SegmentedControl
          size="xs"
          aria-label="Start from"
          data={STARTS}
          value={start}
          onChange={setStart}
        />
        <TableField
          label="Sampler"
          table={stepSamplers()}
          id={samplerKind}
          onChange={setSampler}
          isInLine
        />
        {isAveraged && (
          <SegmentedControl
            size="xs"
            aria-label="Weights to generate with"
            data={WEIGHTS_CHOICES}
            value={weights}
            onChange={setWeights}
          />
        )}
      </Group>
      <SubmitButton
        label={ACTIONS.generate.label}
        isBusy={isSampling}
        disabledReason={submitReason(generateReason, request === null)}
        size="sm"
        variant="light"
        className={classes.submit ?? ""}
      />
      {!isValidConfig(config) && (
        <Text size="xs" c="var(--mantine-color-error)" style={{ gridColumn: "1 / -1" }}>
          {generateReason}
        </Text>
      )}
    </form>
  );
});

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
