import { Text } from "@mantine/core";
import { memo } from "react";
import { useShallow } from "zustand/react/shallow";
import { HYPERPARAMETERS } from "../../../../engine/config/hyperparameters.ts";
import { chosenSampler, shownText } from "../../../../runtime/sampling/sampling.ts";
import { Explain } from "../../../shared/explain/Explain.tsx";
import { configOf } from "../../../shared/network/chosenNetwork.ts";
import classes from "../../../shared/network/Form.module.css";
import { NetworkFields } from "../../../shared/network/NetworkFields.tsx";
import { SamplingField, UNGUIDED } from "../../../shared/network/SamplingField.tsx";
import { useNetworks } from "../../../shared/network/useNetworks.ts";
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
  const config = configOf(settings.network, useNetworks());
  const change = (changes: Partial<SideSettings>) => session.changeSide(side, changes);
  const { network, ...text } = settings;
  return (
    <fieldset className={`column ${classes.side}`} data-side={side}>
      <legend className={isComparing ? classes.legend : "visuallyHidden"}>
        {isComparing ? side.toUpperCase() : "How to generate them"}
      </legend>
      <NetworkFields
        network={network}
        weights={text.weights}
        error={errors[`${side}.network`]}
        hasNote={side === "a"}
        onChange={change}
      />
      {(["sampler", "steps", "spacing", "eta"] as const).map((name) => (
        <SamplingField
          key={name}
          name={name}
          className={classes.row}
          text={text}
          config={config}
          error={errors[`${side}.${name}`]}
          onChange={change}
        />
      ))}
      {config && <SamplerHelp side={side} sampler={chosenSampler(text, { config })} {...config} />}
      <GuidanceFields side={side} error={errors[`${side}.guidance`]} />
    </fieldset>
  );
});

interface SamplerHelpProps {
  side: Side;
  sampler: ReturnType<typeof chosenSampler>;
  timesteps: number;
}

/** What the sampler does, once for both sides where it can be set in steps. */
function SamplerHelp({ side, sampler, timesteps }: SamplerHelpProps) {
  const hasSteps = sampler.settings.includes("timesteps");
  if (side === "b" && hasSteps) return null;
  return (
    <Text component="div" size="xs" c="dimmed" className={classes.help}>
      {stepsRangeWords(hasSteps, timesteps)} {sampler.help}{" "}
      {side === "a" && <Explain note="sampler" />}
    </Text>
  );
}

interface GuidanceFieldsProps {
  side: Side;
  error: string | undefined;
}

const GuidanceFields = memo(function GuidanceFields({ side, error }: GuidanceFieldsProps) {
  const { changeSide } = useDenoise();
  const settings = useDenoiseState((state) => state.settings[side]);
  const isUnused = useDenoiseState((state) => isWithoutLabel(state.settings));
  const isLive = useDenoiseState((state) => state.isLive);
  const config = configOf(settings.network, useNetworks());
  const change = (changes: Partial<SideSettings>) => changeSide(side, changes);
  const { network: _, ...text } = settings;
  if (!config || config.classes === 0) return null;
  return (
    <>
      <SamplingField
        name="guidance"
        className={classes.row}
        text={text}
        config={config}
        unused={isUnused && UNGUIDED}
        error={error}
        onChange={change}
      />
      {isLive && !isUnused && (
        <SliderField
          name="Drag guidance"
          value={Number(shownText("guidance", text, { config })) || 0}
          range={{ min, max, step: 0.1 }}
          onChange={(guidance) => change({ guidance: String(guidance) })}
        />
      )}
    </>
  );
});
