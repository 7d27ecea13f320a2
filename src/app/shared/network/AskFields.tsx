import { Button, NativeSelect } from "@mantine/core";
import type { ReactNode } from "react";
import {
  ASK_DEFAULTS,
  ASK_KINDS,
  type Ask,
  type AskErrors,
  type AskKind,
  askOfKey,
  askOfText,
} from "../../../runtime/sampling/ask.ts";
import { NumberField } from "../parts/NumberField.tsx";
import { useViewKeys } from "../playback/usePlaybackKeys.ts";
import classes from "./AskFields.module.css";

interface AskFieldsProps {
  ask: Ask;
  /** Classes of the network, 1 or more; 0 where it cannot be asked, which an error says. */
  numClasses: number;
  areDigits: boolean;
  errors: AskErrors;
  /** What can be asked for; all when left out. */
  kinds?: readonly AskKind[];
  /** Class name of each field. */
  className?: string | undefined;
  onChange: (changes: Partial<Ask>) => void;
  /** The same, and draws it at once. */
  onDraw: (changes: Partial<Ask>) => void;
  /** Before the buttons of the digits, which draw at once. */
  children?: ReactNode;
}

/** What a network with classes is asked for. Keys and buttons of the digits draw at once. */
export function AskFields(props: AskFieldsProps) {
  const { ask, numClasses, areDigits, errors, kinds = ASK_KINDS, className } = props;
  const { onChange, onDraw, children } = props;
  useViewKeys((event) => {
    const changes = event.repeat ? null : askOfKey(event.key, numClasses);
    if (changes) onDraw(changes);
    return changes !== null;
  });
  const noun = areDigits ? "digit" : "class";
  const field = (name: "label" | "to", label: string) => (
    <NumberField
      label={label}
      className={className}
      text={ask[name]}
      error={errors[name]}
      onChange={(text) => onChange({ [name]: text })}
    />
  );
  const isText = ask.ask === "text";
  const hasButtons = numClasses > 0 && numClasses <= 10;
  return (
    <>
      <NativeSelect
        label="Ask for"
        classNames={{ root: className ?? "" }}
        data={kinds.map((kind) => ({ value: kind, label: askName(kind, noun) }))}
        value={ask.ask}
        error={errors.ask}
        onChange={({ currentTarget }) => onChange({ ask: currentTarget.value as AskKind })}
      />
      {(isText || hasButtons) && kinds.includes("text") && (
        <NumberField
          label={areDigits ? "Number to write" : "Class numbers"}
          className={className}
          placeholder={numClasses >= 10 ? ASK_DEFAULTS.text : ""}
          text={isText ? ask.text : ""}
          error={errors.text}
          onChange={(text) => onChange(askOfText(text))}
          onEnter={() => {
            if (isText) onDraw({});
            return isText;
          }}
        />
      )}
      {ask.ask === "between" && field("label", "From")}
      {ask.ask === "between" && field("to", "To")}
      {ask.ask === "class" && !hasButtons && field("label", "Class")}
      {children}
      {hasButtons && (
        <fieldset className={classes.digits} aria-label={`Draw a ${noun} at once`}>
          {Array.from({ length: numClasses }, (_, label) => String(label)).map((label) => {
            const isAsked = ask.ask === "class" && ask.label === label;
            return (
              <Button
                key={label}
                variant={isAsked ? "filled" : "default"}
                aria-pressed={isAsked}
                title={`Draw it: key ${label}`}
                onClick={() => onDraw({ ask: "class", label })}
              >
                {label}
              </Button>
            );
          })}
        </fieldset>
      )}
    </>
  );
}

function askName(kind: AskKind, noun: string): string {
  const names: Record<AskKind, string> = {
    any: noun === "digit" ? "0–9 in turn" : "All in turn",
    class: `One ${noun}`,
    rows: "A row of each",
    text: noun === "digit" ? "A number" : "Some classes",
    between: "One to another",
    none: "No label",
  };
  return names[kind];
}
