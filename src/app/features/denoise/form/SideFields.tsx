import { Text } from "@mantine/core";
import { memo } from "react";
import { useShallow } from "zustand/react/shallow";
import { HYPERPARAMETERS } from "../../../../engine/config/hyperparameters.ts";
import { samplerEntry, samplersOf } from "../../../../engine/diffusion/samplers.ts";
import { DEFAULT_SPACING, SPACINGS } from "../../../../engine/diffusion/spacings.ts";
import { Explain } from "../../../shared/explain/Explain.tsx";
import { GuidanceField } from "../../../shared/network/AskFields.tsx";
import { configOf } from "../../../shared/network/chosenNetwork.ts";
import { guidanceText, samplerKindOf } from "../../../shared/network/chosenSampling.ts";
import classes from "../../../shared/network/Form.module.css";
import { NetworkFields, StepsField } from "../../../shared/network/NetworkFields.tsx";
import { useNetworks } from "../../../shared/network/useNetworks.ts";
import { NumberField } from "../../../shared/parts/NumberField.tsx";
import { TableField } from "../../../shared/parts/TableField.tsx";
import {
  type FieldErrors,
  isWithoutLabel,
  type Side,
  type SideSettings,
} from "../state/denoiseSettings.ts";
import { stepsRangeWords } from "../text.ts";
import { useDenoise, useDenoiseState } from "../useDenoise.ts";
import { SliderField } from "./SliderField.tsx";

const { min, max } = HYPERPARAMETERS.guidance;

interface SideFieldsProps {
  side: Side;
  errors: FieldErrors;
}

/** How one generation is drawn: network, weights, sampler, steps and eta. */
export const SideFields = memo(function SideFields({ side, errors }: SideFieldsProps) {
  const session = useDenoise();
  // Guidance may be dragged: its fields alone follow.
  const settings = useDenoiseState(
    useShallow((state) => ({ ...state.settings[side], guidance: null })),
  );
  const isComparing = useDenoiseState((state) => state.settings.isComparing);
  const networks = useNetworks();
  const config = configOf(settings.network, networks);
  const change = (changes: Partial<SideSettings>) => session.changeSide(side, changes);
  const numTimesteps = config?.timesteps ?? 1;
  const kind = samplerKindOf(settings, config);
  const objective = config?.objective ?? HYPERPARAMETERS.objective.default;
  const sampler = samplerEntry(kind, objective);
  const hasSteps = sampler.settings.includes("timesteps");

  return (
    <fieldset className={`column ${classes.side}`} data-side={side}>
      <legend className={isComparing ? classes.legend : "visuallyHidden"}>
        {isComparing ? side.toUpperCase() : "How to generate them"}
      </legend>
      <NetworkFields
        network={settings.network}
        weights={settings.weights}
        error={errors[`${side}.network`]}
        hasNote={side === "a"}
        onChange={change}
      />
      <TableField
        label="Sampler"
        className={classes.row}
        table={samplersOf(objective)}
        id={kind}
        onChange={(sampler) => change({ sampler })}
      />
      {hasSteps && (
        <StepsField
          steps={settings.steps}
          config={config}
          error={errors[`${side}.steps`]}
          onChange={change}
        />
      )}
      {sampler.settings.includes("spacing") && (
        <TableField
          label="Spacing"
          className={classes.row}
          table={SPACINGS}
          id={settings.spacing ?? config?.stepSpacing ?? DEFAULT_SPACING}
          onChange={(spacing) => change({ spacing })}
        />
      )}
      {sampler.settings.includes("eta") && (
        <NumberField
          label="Eta (η)"
          className={classes.row}
          inputMode="decimal"
          text={settings.eta}
          error={errors[`${side}.eta`]}
          onChange={(eta) => change({ eta })}
        />
      )}
      {(side === "a" || !hasSteps) && (
        <Text component="div" size="xs" c="dimmed" className={classes.help}>
          {stepsRangeWords(hasSteps, numTimesteps)} {sampler.help}{" "}
          {side === "a" && <Explain note="sampler" />}
        </Text>
      )}
      {config !== null && config.classes > 0 && <GuidanceFields side={side} />}
    </fieldset>
  );
});

const GuidanceFields = memo(function GuidanceFields({ side }: { side: Side }) {
  const { changeSide } = useDenoise();
  const settings = useDenoiseState((state) => state.settings[side]);
  const isUnused = useDenoiseState((state) => isWithoutLabel(state.settings));
  const isLive = useDenoiseState((state) => state.isLive);
  const text = guidanceText(settings, configOf(settings.network, useNetworks()));
  const change = (guidance: string) => changeSide(side, { guidance });
  return (
    <>
      <GuidanceField className={classes.row} text={text} isUnused={isUnused} onChange={change} />
      {isLive && !isUnused && (
        <SliderField
          name="Drag guidance"
          value={Number(text) || 0}
          range={{ min, max, step: 0.1 }}
          onChange={(guidance) => change(String(guidance))}
        />
      )}
    </>
  );
});
