import { useSyncExternalStore } from "react";

const ATTRIBUTE = "data-mantine-color-scheme";

/**
 * `light` or `dark`: that in which the page is painted now, whether it was chosen or is the system's.
 * What a canvas has in the page's colors must be drawn anew when it changes.
 */
export function usePaintedScheme(): string | null {
  return useSyncExternalStore(subscribe, paintedScheme);
}

// Not Mantine's hooks, which may tell of a change of the system before the page's colors have changed.
function subscribe(notify: () => void): () => void {
  const observer = new MutationObserver(notify);
  observer.observe(document.documentElement, { attributeFilter: [ATTRIBUTE] });
  return () => observer.disconnect();
}

function paintedScheme(): string | null {
  return document.documentElement.getAttribute(ATTRIBUTE);
}
