import { Text, UnstyledButton } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Popup.module.css";

interface PopupProps {
  id: string;
  /** A menu is narrow, and its items have the room of their own. */
  kind?: "text" | "menu";
  /** Which edge of its button it keeps to. */
  align?: "start" | "end";
  /** Told whether it is open now. */
  onToggle?: (isOpen: boolean) => void;
  children: ReactNode;
}

/**
 * What a button with `popoverTarget={id}` opens, by the browser's own means: Escape and a click
 * elsewhere close it, and the focus goes back to the button.
 */
export function Popup({ id, kind = "text", align = "start", onToggle, children }: PopupProps) {
  return (
    <div
      id={id}
      popover="auto"
      className={classes.popup}
      data-kind={kind}
      data-align={align}
      onToggle={(event) => onToggle?.(event.newState === "open")}
    >
      {children}
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
