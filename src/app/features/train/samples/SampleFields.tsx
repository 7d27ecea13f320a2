import { Group, SegmentedControl, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { isValidConfig } from "../../../../engine/config/validate.ts";
import { type SamplingName, STEP_SAMPLING } from "../../../../runtime/sampling/sampling.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import { SamplingField } from "../../../shared/network/SamplingField.tsx";
import {
  onEnterWhileBusy,
  SubmitButton,
  submitReason,
} from "../../../shared/parts/SubmitButton.tsx";
import { ACTIONS } from "../../../state/actions.ts";
import { hasAverage, sampledConfig } from "../../../state/slices/sampledNetwork.ts";
import classes from "./SamplePanel.module.css";
import type { SampleFormState } from "./useSampleForm.ts";

/** @param children of a network with classes */
export function SampleFields({ form, children }: { form: SampleFormState; children?: ReactNode }) {
  const { client } = useApp();
  const { config, typed, errors, changeSampling, isWrong } = form;
  const isAveraged = useAppState(hasAverage);
  // The page redraws a typed number by itself: nobody waits for that, or wants to cancel it.
  const isSampling = useAppState(({ samples }) => samples.requestedId !== null && !samples.isAgain);
  const generateReason = useAppState(ACTIONS.generate.disabledReason);
  const areSettingsWrong = useAppState((state) => !isValidConfig(sampledConfig(state)));
  const field = (name: SamplingName, isInLine = false) => (
    <SamplingField
      name={name}
      table={STEP_SAMPLING}
      text={typed}
      config={config}
      error={errors[name]}
      isInLine={isInLine}
      onChange={changeSampling}
    />
  );
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (isSampling) client.cancelSample();
        else form.draw();
      }}
      onKeyDown={onEnterWhileBusy(isSampling, () => form.draw())}
    >
      {children}
      <Group gap="xs" style={{ gridColumn: "1 / -1" }}>
        <SegmentedControl
          aria-label="Start from"
          data={STARTS}
          value={form.start}
          onChange={form.setStart}
        />
        {field("sampler", true)}
        {field("spacing", true)}
        {isAveraged && field("weights", true)}
      </Group>
      {!form.hasOwnCount && field("count")}
      {field("steps")}
      {field("seed")}
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

const STARTS: { value: "noise" | "pair"; label: string }[] = [
  { value: "noise", label: "Pure noise" },
  { value: "pair", label: "Between two digits" },
];
