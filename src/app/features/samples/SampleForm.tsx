import { Group, SegmentedControl, Text } from "@mantine/core";
import { memo, useState } from "react";
import { useShallow } from "zustand/react/shallow";
import { HYPERPARAMETERS } from "../../../engine/config/hyperparameters.ts";
import { DEFAULT_DIGITS, MAX_DIGITS, samplerOf } from "../../../engine/config/sampling.ts";
import { isValidConfig } from "../../../engine/config/validate.ts";
import type { WeightsChoice } from "../../../runtime/run/samplingProtocol.ts";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { WEIGHTS_CHOICES } from "../../shared/network/weightsChoices.ts";
import { DigitsField, NumberField, SeedField } from "../../shared/parts/NumberField.tsx";
import { SubmitButton, submitReason } from "../../shared/parts/SubmitButton.tsx";
import { ACTIONS } from "../../state/actions.ts";
import { hasAverage, sampledConfig } from "../../state/slices/sampledNetwork.ts";
import { parseWholeNumber, wholeNumberError } from "../../state/wholeNumber.ts";
import classes from "./SamplePanel.module.css";

const MAX_TIMESTEPS = HYPERPARAMETERS.timesteps.max;

/** How many digits, in how many steps, from which noise; Generate, which becomes Cancel. */
export const SampleForm = memo(function SampleForm() {
  const app = useApp();
  const config = useAppState(useShallow(sampledConfig));
  const isAveraged = useAppState(hasAverage);
  const isSampling = useAppState((state) => state.samples.requestedId !== null);
  const generateReason = useAppState(ACTIONS.generate.disabledReason);
  const [countText, setCountText] = useState(String(DEFAULT_DIGITS));
  /** Null until typed: the steps of the settings. */
  const [timestepsText, setTimestepsText] = useState<string | null>(null);
  const [seedText, setSeedText] = useState("0");
  const [weights, setWeights] = useState<WeightsChoice>("ema");

  const [start, setStart] = useState<"noise" | "pair">("noise");

  const stepsText = timestepsText ?? String(config.samplingTimesteps);
  // Where the settings are wrong themselves, at their field.
  const maxTimesteps = config.timesteps >= 1 ? config.timesteps : MAX_TIMESTEPS;
  const countField = wholeNumberField(countText, setCountText, { min: 1, max: MAX_DIGITS });
  const stepsField = wholeNumberField(stepsText, setTimestepsText, { min: 1, max: maxTimesteps });
  const seedField = wholeNumberField(seedText, setSeedText, HYPERPARAMETERS.seed);
  const [count, timesteps, seed] = [countField.value, stepsField.value, seedField.value];
  const request =
    count === null || timesteps === null || seed === null
      ? null
      : {
          count,
          seed,
          weights,
          givesX0: false,
          sampler: samplerOf(timesteps, config),
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
      <DigitsField {...countField.props} />
      <NumberField label="Steps" {...stepsField.props} />
      <SeedField {...seedField.props} />
      <Group gap="xs" className={classes.choices}>
        <SegmentedControl
          size="xs"
          aria-label="Start from"
          data={STARTS}
          value={start}
          onChange={setStart}
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

function wholeNumberField(
  text: string,
  onChange: (text: string) => void,
  range: { min: number; max: number },
) {
  const props = { text, onChange, error: wholeNumberError(text, range) };
  return { value: parseWholeNumber(text, range), props };
}

const STARTS: { value: "noise" | "pair"; label: string }[] = [
  { value: "noise", label: "Pure noise" },
  { value: "pair", label: "Between two digits" },
];
