import { TextInput } from "@mantine/core";
import type { ReactNode } from "react";

interface NumberFieldProps {
  label: string;
  /** As typed. */
  text: string;
  error: string | null | undefined;
  onChange: (text: string) => void;
  className?: string | undefined;
  /** Keyboard of a phone. */
  inputMode?: "numeric" | "decimal" | "text";
  placeholder?: string;
  disabled?: boolean;
  title?: string;
  /** In place of what Enter does in the form; returns whether it did anything. */
  onEnter?: () => boolean;
  /** Within the field, at its end. */
  end?: ReactNode;
  endWidth?: number;
}

/** A number to type, with what is wrong with it below. */
export function NumberField(props: NumberFieldProps) {
  const { label, text, error, onChange, className, inputMode = "numeric", end, endWidth } = props;
  const { placeholder = "", disabled = false, title, onEnter } = props;
  return (
    <TextInput
      label={label}
      error={error}
      inputMode={inputMode}
      {...(className ? { classNames: { root: className } } : {})}
      autoComplete="off"
      placeholder={placeholder}
      disabled={disabled}
      title={title}
      onKeyDown={(event) => {
        if (event.key === "Enter" && onEnter?.()) event.preventDefault();
      }}
      value={text}
      {...(end ? { rightSection: end, rightSectionWidth: endWidth ?? 30 } : {})}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}
