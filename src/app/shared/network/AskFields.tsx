import { Button, NativeSelect, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { className as classNameOf, type Naming } from "../../../engine/data/datasets.ts";
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
  naming: Naming;
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
  const { ask, numClasses, naming, errors, kinds = ASK_KINDS, className } = props;
  const { onChange, onDraw, children } = props;
  useViewKeys((event) => {
    const changes = event.repeat ? null : askOfKey(event.key, numClasses);
    if (changes) onDraw(changes);
    return changes !== null;
  });
  const areDigits = naming.noun === "digit";
  const noun = areDigits ? "digit" : "class";
  const hasNames = naming.classNames !== null && !areDigits;
  const field = (name: "label" | "to", label: string) =>
    hasNames ? (
      <NativeSelect
        label={label}
        classNames={{ root: className ?? "" }}
        data={labelsBelow(numClasses).map((value) => ({ value, label: nameOf(value) }))}
        value={ask[name]}
        error={errors[name]}
        onChange={({ currentTarget }) => onChange({ [name]: currentTarget.value })}
      />
    ) : (
      <NumberField
        label={label}
        className={className}
        text={ask[name]}
        error={errors[name]}
        onChange={(text) => onChange({ [name]: text })}
      />
    );
  const nameOf = (label: string) => classNameOf(naming, Number(label));
  const isText = ask.ask === "text";
  const hasButtons = numClasses > 0 && numClasses <= (hasNames ? MAX_NAMED : 10);
  return (
    <>
      <NativeSelect
        label="Ask for"
        classNames={{ root: className ?? "" }}
        data={kinds.map((kind) => ({ value: kind, label: askName(kind, noun) }))}
        value={ask.ask}
        error={errors.ask}
        onChange={({ currentTarget }) => {
          // What a network of more classes was asked for may be none of these.
          const isThere = Number(ask.label) < numClasses;
          onChange({ ask: currentTarget.value as AskKind, ...(!isThere && { label: "0" }) });
        }}
      />
      {(isText || hasButtons) && kinds.includes("text") && (
        <NumberField
          label={areDigits ? "Number to write" : hasNames ? "Classes, by name" : "Class numbers"}
          className={className}
          inputMode={hasNames ? "text" : "numeric"}
          placeholder={
            hasNames ? `${nameOf("1")}, ${nameOf("0")}` : numClasses >= 10 ? ASK_DEFAULTS.text : ""
          }
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
        <fieldset
          className={hasNames ? classes.names : classes.digits}
          aria-label={`Draw a ${noun} at once`}
        >
          {labelsBelow(numClasses).map((label) => {
            const isAsked = ask.ask === "class" && ask.label === label;
            return (
              <Button
                key={label}
                variant={isAsked ? "filled" : "default"}
                aria-pressed={isAsked}
                title={`Draw it: key ${label}`}
                onClick={() => onDraw({ ask: "class", label })}
              >
                {nameOf(label)}
              </Button>
            );
          })}
        </fieldset>
      )}
      {ask.ask === "class" && hasButtons && errors.label && (
        <Text size="xs" c="var(--mantine-color-error)" role="alert">
          Choose one of these {noun === "digit" ? "digits" : "classes"}.
        </Text>
      )}
    </>
  );
}

/** Names take a line or two, and a symbol is one more than ten digits. */
const MAX_NAMED = 12;

function labelsBelow(numClasses: number): string[] {
  return Array.from({ length: numClasses }, (_, label) => String(label));
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
