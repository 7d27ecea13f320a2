import { Progress, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { type ReactNode, useState } from "react";
import { onEnterWhileBusy, SubmitButton } from "../parts/SubmitButton.tsx";
import classes from "./Form.module.css";

interface NetworkFormProps {
  title: string;
  /** What it is for; read aloud. */
  label: string;
  /** Above the settings. */
  start: ReactNode;
  /** What its settings are called; a name of their own folds them on every screen. */
  folded?: string;
  /** These fields stand between the start and the settings; on a narrow screen they come below what becomes of the start. */
  asked?: ReactNode;
  /** What is set, in a few words. */
  words: string;
  /** Whether a setting needs a look. */
  isWrong: boolean;
  settings: ReactNode;
  /** On a narrow screen its start is above what becomes of it, and its button stays at the bottom. */
  isAround?: boolean;
  /** Its digits come by themselves, so there is no button. */
  isLive?: boolean;
  submit: { label: string; isBusy: boolean; disabledReason: string | null };
  /** Under the button: `FormProgress` or `FormStatus`. */
  status: ReactNode;
  onSubmit: () => void;
  /** Enter in a field while it is busy; nothing where left out. */
  onAskAnew?: () => void;
}

/**
 * What a network is sampled with; a button, which becomes Cancel. On a narrow screen the settings are
 * always folded: the digits and the button come first.
 */
export function NetworkForm(props: NetworkFormProps) {
  const isNarrow = useMediaQuery("(max-width: 940px)", false, { getInitialValueInEffect: false });
  const isFolded = isNarrow || props.folded !== undefined;
  const [isOpen, setIsOpen] = useState(false);
  return (
    <form
      className={`column ${classes.form}`}
      data-around={props.isAround || undefined}
      data-live={props.isLive || undefined}
      aria-label={props.label}
      onSubmit={(event) => {
        event.preventDefault();
        props.onSubmit();
      }}
      onKeyDown={onEnterWhileBusy(props.submit.isBusy, () => props.onAskAnew?.())}
    >
      <div className={`column ${classes.fields}`}>
        <div className={`column ${classes.beginning}`}>
          <h2 className={isNarrow ? "visuallyHidden" : ""}>{props.title}</h2>
          {props.start}
        </div>
        {props.asked && <div className={`column ${classes.asked}`}>{props.asked}</div>}
        {/* Chromium skips a details element that is itself an item of a grid with `reading-flow`, so it needs this box. */}
        <div className={classes.fold}>
          <details
            open={!isFolded || isOpen || props.isWrong}
            onToggle={({ currentTarget }) => isFolded && setIsOpen(currentTarget.open)}
          >
            <summary className={classes.summary} hidden={!isFolded}>
              <b>{props.folded ?? "Settings"}</b>{" "}
              <Text span inherit c="dimmed">
                {props.words}
              </Text>
            </summary>
            <div className={`column ${classes.settings}`}>{props.settings}</div>
          </details>
        </div>
      </div>
      <div className={`column ${classes.submit}`}>
        {!props.isLive && <SubmitButton {...props.submit} size="sm" fullWidth />}
        {props.status}
      </div>
    </form>
  );
}

interface FormProgressProps {
  label: string;
  /** 0 to 1. */
  fraction: number;
  children: ReactNode;
}

/** How far it is, in a bar and in words. */
export function FormProgress({ label, fraction, children }: FormProgressProps) {
  return (
    <div className={`column ${classes.progress}`}>
      <Progress value={100 * fraction} aria-label={label} />
      <Text size="xs" c="dimmed">
        {children}
      </Text>
    </div>
  );
}

interface FormStatusProps {
  /** What failed or is wrong. */
  error: string | null;
  /** How it ended, or why it cannot begin now, where nothing is wrong; null before the first time. */
  outcome: string | null;
}

export function FormStatus({ error, outcome }: FormStatusProps) {
  return (
    <Text
      size="xs"
      className={`column ${classes.progress}`}
      role="status"
      c={error ? "var(--mantine-color-error)" : "dimmed"}
    >
      {error ?? outcome}
    </Text>
  );
}
