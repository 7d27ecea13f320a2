import { Text } from "@mantine/core";
import { memo } from "react";
import { useShallow } from "zustand/react/shallow";
import { defaultConfig, HYPERPARAMETERS } from "../../../engine/config/hyperparameters.ts";
import { isOneLevel } from "../../../engine/diffusion/objectives.ts";
import { formatCount } from "../../../runtime/format.ts";
import { chosenSampler, shownText } from "../../../runtime/sampling/sampling.ts";
import { Explain } from "../../shared/explain/Explain.tsx";
import formClasses from "../../shared/network/Form.module.css";
import { NetworkFields } from "../../shared/network/NetworkFields.tsx";
import { nameOf, networkChoices } from "../../shared/network/networkChoices.ts";
import { formatUnguided, SamplingField } from "../../shared/network/SamplingField.tsx";
import { useNetworks } from "../../shared/network/useNetworks.ts";
import { SliderField } from "../../shared/parts/SliderField.tsx";
import { networkKey } from "../../state/address.ts";
import { TRAINED_MODELS } from "../../state/trainedModels.ts";
import classes from "./Draw.module.css";
import {
  type FieldErrors,
  isWithoutLabel,
  type Side,
  type SideSettings,
} from "./state/drawSettings.ts";
import { useDraw, useDrawNaming, useDrawState, useSideNetwork } from "./useDraw.ts";

const { min, max } = HYPERPARAMETERS.guidance;

interface SideFieldsProps {
  side: Side;
  errors: FieldErrors;
}

/** How one side is drawn: network, weights, sampler, steps and guidance. */
export const SideFields = memo(function SideFields({ side, errors }: SideFieldsProps) {
  const session = useDraw();
  // Guidance may be dragged: its fields alone follow.
  const settings = useDrawState(
    useShallow((state) => ({ ...state.settings[side], guidance: null })),
  );
  const isComparing = useDrawState((state) => state.settings.isComparing);
  const { config, network: drawing } = useSideNetwork(side);
  const change = (changes: Partial<SideSettings>) => session.changeSide(side, changes);
  const { network, ...text } = settings;
  const sampler = chosenSampler(text, { config: config ?? defaultConfig() });
  const numSteps = sampler.settings.includes("timesteps") ? "1 to" : "All";
  return (
    <fieldset className={classes.sideFields} data-side={side}>
      <legend className="visuallyHidden">
        {isComparing ? `How ${side.toUpperCase()} is drawn` : "How to generate them"}
      </legend>
      <NetworkFields
        network={network}
        weights={text.weights}
        error={errors[`${side}.network`]}
        hasNote={!isComparing}
        onChange={change}
      />
      {network.kind === "model" && networkKey(drawing) !== networkKey(network) && (
        <Text size="xs" c="dimmed" className={formClasses.help}>
          {drawing.kind === "model" && TRAINED_MODELS[drawing.fileName].label} draws in its place,
          since {TRAINED_MODELS[network.fileName].label} cannot begin in this way.
        </Text>
      )}
      {(["sampler", "steps", "spacing", "eta", "stepSize"] as const).map((name) => (
        <SamplingField
          key={name}
          name={name}
          className={formClasses.row}
          text={text}
          config={config}
          error={errors[`${side}.${name}`]}
          onChange={change}
        />
      ))}
      {config && !isComparing && (
        <Text component="div" size="xs" c="dimmed" className={formClasses.help}>
          {!isOneLevel(config.objective) && `${numSteps} ${formatCount(config.timesteps)} steps. `}
          {sampler.help} <Explain note="sampler" />
        </Text>
      )}
      <GuidanceFields side={side} error={errors[`${side}.guidance`]} />
    </fieldset>
  );
});

const GuidanceFields = memo(function GuidanceFields(props: {
  side: Side;
  error: string | undefined;
}) {
  const { side, error } = props;
  const { changeSide } = useDraw();
  const settings = useDrawState((state) => state.settings[side]);
  const isUnused = useDrawState((state) => isWithoutLabel(state.settings));
  const isLive = useDrawState((state) => state.isLive);
  const { config } = useSideNetwork(side);
  const { noun } = useDrawNaming();
  const change = (changes: Partial<SideSettings>) => changeSide(side, changes);
  const { network: _, ...text } = settings;
  if (!config || config.classes === 0) return null;
  return (
    <>
      <SamplingField
        name="guidance"
        className={formClasses.row}
        text={text}
        config={config}
        unused={isUnused && formatUnguided(noun)}
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

/** `Quick in one step: DDIM in 1` */
export function useSideWords(side: Side): string {
  const networks = useNetworks();
  const { network: _, ...text } = useDrawState((state) => state.settings[side]);
  const { network, config } = useSideNetwork(side);
  const name =
    network.kind === "model"
      ? TRAINED_MODELS[network.fileName].label
      : (nameOf(networkChoices(networks, network), networkKey(network)) ?? "");
  if (!config) return name;
  const { label, settings: has } = chosenSampler(text, { config });
  const steps = has.includes("timesteps") ? ` in ${shownText("steps", text, { config })}` : "";
  return `${name}: ${label}${steps}`;
}
