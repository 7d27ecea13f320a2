import { Button, Text } from "@mantine/core";
import { useId } from "react";
import { HYPERPARAMETERS } from "../../../engine/config/hyperparameters.ts";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { isActive } from "../../state/slices/run.ts";
import classes from "./ModelView.module.css";
import { MODEL_SETTINGS, type SettingChoice } from "./settingChoices.ts";

interface SettingChoicesProps {
  choices: readonly SettingChoice[];
  /** The one pointed at. */
  pointed: SettingChoice | null;
  onPoint: (choice: SettingChoice | null) => void;
  /** Called when a choice is in the page's settings. */
  onTaken: () => void;
}

/** The values of each setting of the network, and what each would change. */
export function SettingChoices({ choices, pointed, onPoint, onTaken }: SettingChoicesProps) {
  const { store } = useApp();
  const isLocked = useAppState((state) => isActive(state.run));
  const headingId = useId();
  const take = ({ setting, config }: SettingChoice) => {
    if (isLocked) return;
    store.setState((state) => ({ config: { ...state.config, [setting]: config[setting] } }));
    onTaken();
  };
  return (
    <section aria-labelledby={headingId}>
      <h3 id={headingId}>What each setting changes</h3>
      <dl className={classes.settings}>
        {MODEL_SETTINGS.map((setting) => (
          <div key={setting}>
            <dt>{HYPERPARAMETERS[setting].label}</dt>
            <dd>
              {choices
                .filter((choice) => choice.setting === setting)
                .map((choice) => (
                  <Button
                    key={choice.value}
                    radius="xl"
                    fw={choice.isCurrent ? 600 : 400}
                    {...(choice.isCurrent
                      ? { bd: "1px solid var(--accent)" }
                      : { "aria-description": choice.words })}
                    aria-pressed={choice.isCurrent}
                    aria-disabled={isLocked}
                    onPointerEnter={() => onPoint(choice)}
                    onPointerLeave={() => onPoint(null)}
                    onFocus={() => onPoint(choice)}
                    onBlur={() => onPoint(null)}
                    onClick={() => take(choice)}
                  >
                    <span className="visuallyHidden">{HYPERPARAMETERS[setting].label} </span>
                    {choice.value}{" "}
                    <Text span size="xs" fw={400} ms={6}>
                      {choice.isCurrent ? "now" : choice.ratio}
                    </Text>
                  </Button>
                ))}
            </dd>
          </div>
        ))}
      </dl>
      <Text size="xs" mih={68}>
        {pointed?.words ?? noChoiceWords(isLocked)}
      </Text>
    </section>
  );
}

/** While no value is pointed at. */
function noChoiceWords(isLocked: boolean): string {
  const click = isLocked
    ? "The settings are locked until the run is stopped."
    : "Click to use it in the settings.";
  return `Point at a value to see which blocks it changes, and by how much. ${click}`;
}
