import type { MouseEvent } from "react";

/**
 * The second click of a double click: the button under the pointer may be another by then, such as
 * Cancel in the place of Train. `detail` counts clicks in one place; with the keyboard it is 0.
 */
function isRepeated(event: MouseEvent): boolean {
  return event.detail > 1;
}

/** A button's `onClick`. */
export function onFirstClick(action: () => void): (event: MouseEvent) => void {
  return (event) => {
    if (!isRepeated(event)) action();
  };
}

/** The `onClick` of a button that submits its form. */
export function ignoreDoubleClick(event: MouseEvent): void {
  if (isRepeated(event)) event.preventDefault();
}
