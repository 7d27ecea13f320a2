import { Text } from "@mantine/core";
import { useId } from "react";
import { HYPERPARAMETERS, type RunConfig } from "../../config/hyperparameters.ts";
import classes from "./ModelView.module.css";
import type { NetworkFigures } from "./networkFigures.ts";
import {
  effectWords,
  type ModelSetting,
  type SettingEffect,
  shortEffect,
  valueWords,
} from "./settingEffects.ts";

const SETTINGS: readonly ModelSetting[] = [
  ...(["dim", "dimMults", "attnHeads", "attnDimHead", "selfCondition", "dropout"] as const),
];

interface SettingEffectsProps {
  config: RunConfig;
  network: NetworkFigures;
  effects: readonly SettingEffect[];
  /** The one pointed at. */
  active: SettingEffect | null;
  /** Why the settings cannot be changed now; null when they can. */
  whyFixed: string | null;
  onPoint: (effect: SettingEffect | null) => void;
  onTake: (effect: SettingEffect) => void;
}

/** For each setting of the network the values beside its own, and what they would change. */
export function SettingEffects(props: SettingEffectsProps) {
  const { config, network, effects, active, whyFixed, onPoint, onTake } = props;
  const headingId = useId();
  return (
    <section aria-labelledby={headingId}>
      <Text id={headingId} component="h3" size="sm" fw={600}>
        What each setting changes
      </Text>
      <dl className={classes.settings}>
        {SETTINGS.map((setting) => (
          <div key={setting} className={classes.setting}>
            <dt>{HYPERPARAMETERS[setting].label}</dt>
            <dd>
              <b>{valueWords(config[setting])}</b>
              {effects
                .filter((effect) => effect.setting === setting)
                .map((effect) => (
                  <button
                    key={effect.value}
                    type="button"
                    className={classes.effect}
                    aria-description={effectWords(effect, network)}
                    aria-disabled={whyFixed !== null}
                    onPointerEnter={() => onPoint(effect)}
                    onPointerLeave={() => onPoint(null)}
                    onFocus={() => onPoint(effect)}
                    onBlur={() => onPoint(null)}
                    onClick={() => {
                      if (whyFixed === null) onTake(effect);
                    }}
                  >
                    <span className={classes.hidden}>{HYPERPARAMETERS[setting].label} </span>
                    {effect.value} <span>{shortEffect(effect, network)}</span>
                  </button>
                ))}
            </dd>
          </div>
        ))}
      </dl>
      <Text size="xs" lh={1.4} className={classes.words}>
        {active
          ? effectWords(active, network)
          : `Point at a value to see which blocks it changes, and by how much. ${whyFixed ?? "A click puts it into the settings."}`}
      </Text>
    </section>
  );
}
