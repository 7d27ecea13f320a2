import type { ReactNode } from "react";
import classes from "./TopBar.module.css";

interface TopBarPopupProps {
  id: string;
  /** Told whether it is open now. */
  onToggle?: (isOpen: boolean) => void;
  children: ReactNode;
}

/**
 * What a button with `popoverTarget={id}` opens, by the browser's own means: Escape and a click
 * elsewhere close it, and the focus goes back to the button.
 */
export function TopBarPopup({ id, onToggle, children }: TopBarPopupProps) {
  return (
    <div
      id={id}
      popover="auto"
      className={classes.popup}
      onToggle={(event) => onToggle?.(event.newState === "open")}
    >
      {children}
    </div>
  );
}
