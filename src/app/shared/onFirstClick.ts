import type { MouseEvent } from "react";

/**
 * A button's `onClick` without the second click of a double click: by then another button may be under the
 * pointer, such as Cancel in place of Train. `detail` counts clicks in one place; with the keyboard it is 0.
 */
export function onFirstClick(action: () => void): (event: MouseEvent) => void {
  return (event) => {
    if (event.detail <= 1) action();
  };
}

/** Ignores the second click on a button that submits its form. */
export function ignoreDoubleClick(event: MouseEvent): void {
  if (event.detail > 1) event.preventDefault();
}
