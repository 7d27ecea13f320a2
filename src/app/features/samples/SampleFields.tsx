import { Group, SegmentedControl, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { isValidConfig } from "../../../engine/config/validate.ts";
import { stepSamplers } from "../../../engine/diffusion/samplers.ts";
import { SPACINGS } from "../../../engine/diffusion/spacings.ts";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { WEIGHTS_CHOICES } from "../../shared/network/weightsWords.ts";
import { DigitsField, NumberField, SeedField } from "../../shared/parts/NumberField.tsx";
import { onEnterWhileBusy, SubmitButton, submitReason } from "../../shared/parts/SubmitButton.tsx";
import { TableField } from "../../shared/parts/TableField.tsx";
import { ACTIONS } from "../../state/actions.ts";
import { hasAverage, sampledConfig } from "../../state/slices/sampledNetwork.ts";
import classes from "./SamplePanel.module.css";
import type { SampleFormState } from "./useSampleForm.ts";

/** @param children of a network with classes */
export function SampleFields({ form, children }: { form: SampleFormState; children?: ReactNode }) {
  const { client } = useApp();
  const { config, choice, changeSampling, count, steps, seed, isWrong } = form;
  const isAveraged = useAppState(hasAverage);
  // The page redraws a typed number by itself: nobody waits for that, or wants to cancel it.
  const isSampling = useAppState(({ samples }) => samples.requestedId !== null && !samples.isAgain);
  const generateReason = useAppState(ACTIONS.generate.disabledReason);
  const areSettingsWrong = useAppState((state) => !isValidConfig(sampledConfig(state)));
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
        <TableField
          label="Sampler"
          table={stepSamplers(config.objective)}
          id={choice.samplerKind}
          onChange={(sampler) => changeSampling({ sampler })}
          isInLine
        />
        <TableField
          label="Spacing of the steps"
          table={SPACINGS}
          id={choice.stepSpacing}
          onChange={(spacing) => changeSampling({ spacing })}
          isInLine
        />
        {isAveraged && (
          <SegmentedControl
            aria-label="Weights to generate with"
            data={WEIGHTS_CHOICES}
            value={form.weights}
            onChange={form.setWeights}
          />
        )}
      </Group>
      {!form.hasOwnCount && <DigitsField {...count.field} />}
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

const STARTS: { value: "noise" | "pair"; label: string }[] = [
  { value: "noise", label: "Pure noise" },
  { value: "pair", label: "Between two digits" },
];
