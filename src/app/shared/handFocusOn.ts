/** As a `ref`: hands the focus on where a button is removed that has it; `body` would get it, at the top of the page. */
export function handFocusOn(next: (button: HTMLElement) => HTMLElement | null | undefined) {
  return (button: HTMLElement | null) => () => {
    if (button && document.activeElement === button) next(button)?.focus();
  };
}
