import { NativeSelect, Switch, TextInput, type TextInputProps } from "@mantine/core";
import { useState } from "react";
import type { Hyperparameter } from "../../../engine/config/hyperparameters/kinds.ts";
import {
  HYPERPARAMETERS,
  type HyperparameterName,
  type RunConfig,
} from "../../../engine/config/hyperparameters.ts";
import { parseValue } from "../../../engine/config/url.ts";
import classes from "./Settings.module.css";

const ORDER: NonNullable<TextInputProps["inputWrapperOrder"]> = [
  ...(["label", "input", "error", "description"] as const),
];
/** The help shows only while the field has the pointer or the focus. */
const BUBBLE = { description: classes.bubble ?? "" };

interface SettingFieldProps<K extends HyperparameterName> {
  name: K;
  value: RunConfig[K];
  error: string | undefined;
  disabled: boolean;
  onChange: (name: K, value: RunConfig[K]) => void;
}

/** One hyperparameter: a choice, a switch, or a text. */
export function SettingField<K extends HyperparameterName>(props: SettingFieldProps<K>) {
  const { name, value, error, disabled, onChange } = props;
  const h: Hyperparameter = HYPERPARAMETERS[name];
  if (h.kind === "choice") {
    return (
      <NativeSelect
        size="xs"
        label={h.label}
        description={h.help}
        inputWrapperOrder={ORDER}
        classNames={BUBBLE}
        data={Object.entries(h.options).map(([id, { label }]) => ({ value: id, label }))}
        value={String(value)}
        error={error}
        disabled={disabled}
        onChange={(event) => onChange(name, parseValue(name, event.currentTarget.value))}
      />
    );
  }
  if (h.kind === "switch") {
    return (
      <Switch
        size="xs"
        label={h.label}
        description={h.help}
        classNames={BUBBLE}
        checked={value === true}
        error={error}
        disabled={disabled}
        onChange={(event) => onChange(name, parseValue(name, String(event.currentTarget.checked)))}
      />
    );
  }
  return <TextSetting {...props} />;
}

/** As text, so that `4e-4` and `1, 2, 5` can be typed as they are written. */
function TextSetting<K extends HyperparameterName>(props: SettingFieldProps<K>) {
  const { name, value, error, disabled, onChange } = props;
  const { label, help, kind } = HYPERPARAMETERS[name];
  const [typed, setTyped] = useState("");
  // What was typed stands as long as it means the value: a preset or a link may have changed it.
  const isCurrent = String(parseValue(name, typed)) === String(value);
  return (
    <TextInput
      size="xs"
      label={label}
      description={help}
      inputWrapperOrder={ORDER}
      classNames={BUBBLE}
      inputMode={kind === "integer" ? "numeric" : "text"}
      autoComplete="off"
      spellCheck={false}
      value={isCurrent ? typed : valueText(value)}
      error={error}
      disabled={disabled}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        onChange(name, parseValue(name, event.currentTarget.value));
      }}
    />
  );
}

function valueText(value: RunConfig[HyperparameterName]): string {
  return Array.isArray(value) ? value.join(", ") : String(value);
}
