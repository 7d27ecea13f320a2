import { useEffect } from "react";
import { shownGenerations } from "../../store/denoise.ts";
import { useDenoise } from "./DenoiseContext.ts";
import { afterKey } from "./scrubbing.ts";

/** Space, arrows, Home and End move the film, wherever the focus is that has no use for them itself. */
export function useKeys() {
  const { store } = useDenoise();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
      if (event.target instanceof Element && isNeeded(event.key, event.target)) return;
      const state = store.getState();
      if (!shownGenerations(state).a) return;
      const after = afterKey(state, event);
      if (!after) return;
      // The page would scroll.
      event.preventDefault();
      store.setState(after);
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [store]);
}

/** Whether what has the focus does something with the key itself. */
function isNeeded(key: string, target: Element): boolean {
  if (target.closest("input, select, textarea, dialog, [contenteditable]")) return true;
  if (key === " ") return target.closest("button, summary") !== null;
  return target.closest("[role=slider]") !== null;
}
