import type { ReactNode } from "react";
import classes from "./TopBar.module.css";

/**
 * What a button with `popoverTarget={id}` opens, by the browser's own means: Escape and a click
 * elsewhere close it, and the focus goes back to the button.
 */
export function TopBarPopup({ id, children }: { id: string; children: ReactNode }) {
  return (
    <div id={id} popover="auto" className={classes.popup}>
      {children}
    </div>
  );
}
