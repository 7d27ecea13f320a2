import { ActionIcon, Button, Group, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { MAX_DIGITS } from "../../../engine/config/sampling.ts";
import { ShuffleIcon } from "../icons.tsx";

interface NumberFieldProps {
  label: string;
  /** As typed. */
  text: string;
  error: string | null | undefined;
  onChange: (text: string) => void;
  className?: string | undefined;
  /** Keyboard of a phone. */
  inputMode?: "numeric" | "decimal";
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

/** How many digits there are to be. */
export function DigitsField(props: Omit<NumberFieldProps, "label">) {
  const choices = { unit: "digits", numbers: [MAX_DIGITS], onChoose: props.onChange };
  return <NumberField label="Digits" {...props} end={<Choices {...choices} />} endWidth={42} />;
}

/** Which noise they begin with. */
export function SeedField(props: Omit<NumberFieldProps, "label">) {
  const shuffle = (
    <ActionIcon
      variant="subtle"
      aria-label="Random seed"
      title="Other noise"
      onClick={() => props.onChange(String(Math.floor(1e6 * Math.random())))}
    >
      <ShuffleIcon />
    </ActionIcon>
  );
  return <NumberField label="Seed" {...props} end={shuffle} endWidth={36} />;
}

interface ChoicesProps {
  unit: string;
  numbers: readonly number[];
  onChoose: (text: string) => void;
}

/** Numbers that are often wanted. */
export function Choices({ unit, numbers, onChoose }: ChoicesProps) {
  return (
    <Group gap={0} wrap="nowrap">
      {numbers.map((number) => (
        <Button
          key={number}
          px={6}
          variant="subtle"
          aria-label={`${number} ${unit}`}
          onClick={() => onChoose(String(number))}
        >
          {number}
        </Button>
      ))}
    </Group>
  );
}
