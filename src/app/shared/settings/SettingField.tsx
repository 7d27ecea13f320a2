import { NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import {
  entryWith,
  HYPERPARAMETERS,
  type HyperparameterName,
  type RunConfig,
} from "../../../engine/config/hyperparameters.ts";
import { parseValue } from "../../../engine/config/url.ts";
import { shortened } from "../../../engine/shortenedText.ts";
import { formatSetting } from "../../../runtime/format.ts";
import classes from "./Settings.module.css";

/** The help shows only while the field has the pointer or the focus. */
const BUBBLE = { description: classes.bubble ?? "" };

/** Characters of a value in a message. */
const MAX_SHOWN = 40;

interface SettingFieldProps<K extends HyperparameterName> {
  name: K;
  value: RunConfig[K];
  /** All settings: the objective names the samplers, and a distillation has phases. */
  config: RunConfig;
  error: string | undefined;
  disabled: boolean;
  onChange: (name: K, value: RunConfig[K]) => void;
}

function fieldProps<K extends HyperparameterName>(props: SettingFieldProps<K>) {
  const { label, help } = entryWith(props.name, props.config);
  const { error, disabled } = props;
  return { label, description: help, classNames: BUBBLE, error, disabled };
}

/** One hyperparameter: a choice, such as of on and off, or a text. */
export function SettingField<K extends HyperparameterName>(props: SettingFieldProps<K>) {
  const { name, value, config, onChange } = props;
  const h = entryWith(name, config);
  if (h.kind === "choice" || h.kind === "switch") {
    const data =
      h.kind === "choice"
        ? Object.entries(h.options).map(([id, { label }]) => ({ value: id, label }))
        : [false, true].map((isOn) => ({ value: String(isOn), label: formatSetting(isOn) }));
    const chosen = String(value);
    // A link may ask for what this version does not have: until something else is chosen, nothing is.
    const isKnown = data.some((option) => option.value === chosen);
    return (
      <NativeSelect
        {...fieldProps(props)}
        {...(!isKnown && {
          error: `Choose one: “${shortened(chosen, MAX_SHOWN)}” is unknown`,
        })}
        data={isKnown ? data : [{ value: chosen, label: "", disabled: true }, ...data]}
        value={chosen}
        onChange={(event) => onChange(name, parseValue(name, event.currentTarget.value))}
      />
    );
  }
  return <TextSetting {...props} />;
}

/** A field of text, so that `4e-4` and `1, 2, 5` can be typed as they are written. */
function TextSetting<K extends HyperparameterName>(props: SettingFieldProps<K>) {
  const { name, value, onChange } = props;
  const { kind } = HYPERPARAMETERS[name];
  const [typed, setTyped] = useState("");
  // What was typed stands as long as it means the value: a preset or a link may have changed it.
  const isCurrent = String(parseValue(name, typed)) === String(value);
  return (
    <TextInput
      {...fieldProps(props)}
      inputMode={kind === "integer" ? "numeric" : "text"}
      autoComplete="off"
      spellCheck={false}
      value={isCurrent ? typed : formatSetting(value)}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        onChange(name, parseValue(name, event.currentTarget.value));
      }}
    />
  );
}
