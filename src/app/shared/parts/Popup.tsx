import { Text, UnstyledButton } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import classes from "./Popup.module.css";

interface PopupProps {
  id: string;
  /** A menu is narrow, and its items have padding of their own; a note opens beside its button. */
  kind?: "text" | "menu" | "note";
  /** Its name as a dialog. */
  label?: string;
  /** Which edge of its button it keeps to. */
  align?: "start" | "end";
  /** What is in it, where that is made, and loaded, when it is first opened. */
  part?: string;
  onToggle?: (isOpen: boolean) => void;
  children: ReactNode;
}

/**
 * What a button with `popoverTarget={id}` opens, by the browser's own means: Escape and a click
 * elsewhere close it, and the focus goes back to the button.
 */
export function Popup(props: PopupProps) {
  const { id, kind = "text", align = "start", label, part, onToggle, children } = props;
  const [hasOpened, setHasOpened] = useState(false);
  return (
    <div
      id={id}
      popover="auto"
      className={classes.popup}
      {...(label !== undefined && { role: "dialog", "aria-label": label })}
      data-kind={kind}
      data-align={align}
      onToggle={({ target, currentTarget, newState }) => {
        // React hands on the events of popups within it.
        if (target !== currentTarget) return;
        setHasOpened(true);
        onToggle?.(newState === "open");
      }}
    >
      {part === undefined
        ? children
        : hasOpened && <ErrorBoundary part={part}>{children}</ErrorBoundary>}
    </div>
  );
}

interface PopupItemProps {
  /** Of the menu, which it closes. */
  popupId: string;
  label: string;
  /** What it is good for. */
  use?: string;
  disabled?: boolean;
  onClick: () => void;
}

/** One choice of a menu. */
export function PopupItem({ popupId, label, use, ...button }: PopupItemProps) {
  return (
    <UnstyledButton
      className={classes.item}
      popoverTarget={popupId}
      popoverTargetAction="hide"
      {...button}
    >
      {label}
      {use && (
        <Text span display="block" size="xs" c="dimmed" lh="inherit">
          {use}
        </Text>
      )}
    </UnstyledButton>
  );
}
