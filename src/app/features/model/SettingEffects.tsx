import { Text } from "@mantine/core";
import { useId } from "react";
import { HYPERPARAMETERS, type RunConfig } from "../../../engine/config/hyperparameters.ts";
import { formatSetting } from "../../../runtime/format.ts";
import classes from "./ModelView.module.css";
import type { NetworkFigures } from "./networkFigures.ts";
import {
  effectWords,
  MODEL_SETTINGS,
  type SettingEffect,
  settingChoices,
  shortEffect,
} from "./settingEffects.ts";

interface SettingEffectsProps {
  config: RunConfig;
  /** As they were when one came here: their values stay among those to choose from. */
  first: RunConfig;
  network: NetworkFigures;
  effects: readonly SettingEffect[];
  /** The one pointed at. */
  active: SettingEffect | null;
  /** Why the settings cannot be changed now; null when they can. */
  lockedReason: string | null;
  onPoint: (effect: SettingEffect | null) => void;
  onTake: (effect: SettingEffect) => void;
}

/** For each setting of the network its value among others, and what those would change. */
export function SettingEffects(props: SettingEffectsProps) {
  const { config, first, network, effects, active, lockedReason, onPoint, onTake } = props;
  const headingId = useId();
  return (
    <section aria-labelledby={headingId}>
      <Text id={headingId} component="h3" size="sm" fw={600}>
        What each setting changes
      </Text>
      <dl className={classes.settings}>
        {MODEL_SETTINGS.map((setting) => (
          <div key={setting} data-setting={setting} className={classes.setting}>
            <dt>{HYPERPARAMETERS[setting].label}</dt>
            <dd>
              {settingChoices(setting, [config, first]).map((choice) => {
                const value = formatSetting(choice);
                const effect = effects.find((e) => e.setting === setting && e.value === value);
                return (
                  <button
                    key={value}
                    type="button"
                    className={classes.effect}
                    aria-pressed={!effect}
                    aria-description={effect && effectWords(effect, network)}
                    aria-disabled={lockedReason !== null}
                    onPointerEnter={() => onPoint(effect ?? null)}
                    onPointerLeave={() => onPoint(null)}
                    onFocus={() => onPoint(effect ?? null)}
                    onBlur={() => onPoint(null)}
                    onClick={() => {
                      if (effect && lockedReason === null) onTake(effect);
                    }}
                  >
                    <span className="visuallyHidden">{HYPERPARAMETERS[setting].label} </span>
                    {value} <span>{effect ? shortEffect(effect, network) : "now"}</span>
                  </button>
                );
              })}
            </dd>
          </div>
        ))}
      </dl>
      <Text size="xs" lh={1.4} mih={68}>
        {active
          ? effectWords(active, network)
          : `Point at a value to see which blocks it changes, and by how much. ${lockedReason ?? "Click to use it in the settings."}`}
      </Text>
    </section>
  );
}
