import { Text, UnstyledButton } from "@mantine/core";
import { type KeyboardEvent, type MouseEventHandler, type ReactNode, useState } from "react";
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
        if (kind === "menu" && newState === "open") items(currentTarget)[0]?.focus();
      }}
      {...(kind === "menu" && { onKeyDown: moveFocus })}
    >
      {part === undefined
        ? children
        : hasOpened && <ErrorBoundary part={part}>{children}</ErrorBoundary>}
    </div>
  );
}

function items(menu: HTMLElement): HTMLButtonElement[] {
  return [...menu.querySelectorAll<HTMLButtonElement>("button:enabled")];
}

/** By the arrow keys, from the last item on to the first; Home and End go to these. Tab leaves and closes it. */
function moveFocus(event: KeyboardEvent<HTMLElement>) {
  const all = items(event.currentTarget);
  const at = all.indexOf(document.activeElement as HTMLButtonElement);
  // The focus goes back to the button first, and from there to what follows it.
  if (event.key === "Tab" && at !== -1) event.currentTarget.hidePopover();
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  // A field within it has keys of its own.
  if (at === -1 || next === undefined) return;
  // Else the page would scroll.
  event.preventDefault();
  all.at(next % all.length)?.focus();
}

interface PopupItemProps {
  /** Id of the menu, which it closes; it stays open when left out. */
  popupId?: string;
  label: string;
  /** What it is good for. */
  use?: string;
  disabled?: boolean;
  onClick: MouseEventHandler<HTMLButtonElement>;
}

/** One choice of a menu. */
export function PopupItem({ popupId, label, use, ...button }: PopupItemProps) {
  return (
    <UnstyledButton
      className={classes.item}
      {...(popupId !== undefined && { popoverTarget: popupId, popoverTargetAction: "hide" })}
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
