import { Button, Text } from "@mantine/core";
import { useEffect, useRef } from "react";
import classes from "../../shared/runs/Runs.module.css";

interface DeleteButtonProps {
  label: string;
  title: string | undefined;
  disabled: boolean;
  /** Whether it has just been kept. */
  isKept: boolean;
  onClick: () => void;
}

export function DeleteButton({ label, isKept, ...props }: DeleteButtonProps) {
  const buttonRef = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isKept) buttonRef.current?.focus();
  }, [isKept]);
  return (
    <Button ref={buttonRef} size="compact-xs" variant="default" {...props}>
      {label}
    </Button>
  );
}

/** In the place of a run's buttons, until one of the two is chosen. */
export function ConfirmDelete({ onDelete, onKeep }: { onDelete: () => void; onKeep: () => void }) {
  const keepRef = useRef<HTMLButtonElement>(null);
  useEffect(() => keepRef.current?.focus(), []);
  return (
    <fieldset
      className={`row ${classes.actions}`}
      aria-label="Delete this run?"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        // Else the dialog would close.
        event.preventDefault();
        onKeep();
      }}
    >
      <Text size="xs">Delete this run for good?</Text>
      <Button size="compact-xs" color="red" onClick={onDelete}>
        Delete
      </Button>
      <Button ref={keepRef} size="compact-xs" variant="default" onClick={onKeep}>
        Keep
      </Button>
    </fieldset>
  );
}
