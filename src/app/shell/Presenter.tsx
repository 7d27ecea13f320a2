import { Text } from "@mantine/core";
import { useWindowEvent } from "@mantine/hooks";
import { useEffect, useSyncExternalStore } from "react";
import { useApp, useAppState } from "../shared/AppContext.ts";
import { addressQuery, onAddressChange, readParams, writeParams } from "../state/address.ts";
import type { ViewName } from "../state/slices/view.ts";
import classes from "./app.module.css";

/** What is shown one after the other. */
const SLIDES: readonly ViewName[] = ["evolution", "denoise", "charts"];
const KEYS: Record<string, number> = { PageUp: -1, PageDown: 1 };

/** Whether the page is shown large and dark, without anything around the digits and the loss: `present` in the address. */
export function usePresenting(): boolean {
  return readParams("page", useSyncExternalStore(onAddressChange, addressQuery, addressQuery))
    .present;
}

/** The keys of a presentation. Arrow keys go on within a view, as always; those of a presenter's remote to the next one. */
export function Presenter() {
  const { store } = useApp();
  const view = useAppState((state) => state.view);
  const show = (next: ViewName) => store.setState({ view: next });
  const isShown = SLIDES.includes(view);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, where it begins in another view.
  useEffect(() => {
    if (!isShown) show("evolution");
  }, [isShown]);
  useEffect(() => {
    const root = document.documentElement;
    root.toggleAttribute("data-present", true);
    return () => void root.toggleAttribute("data-present", false);
  }, []);
  useWindowEvent(
    "keydown",
    (event) => {
      const by = KEYS[event.key];
      if (by === undefined && event.key !== "Escape") return;
      // A view has another use for these keys.
      event.preventDefault();
      event.stopPropagation();
      if (by === undefined) writeParams("page", { present: false });
      else show(SLIDES.at((SLIDES.indexOf(view) + by) % SLIDES.length) as ViewName);
    },
    { capture: true },
  );
  return (
    <Text className={classes.keys} size="xs" c="dimmed">
      {view === "denoise" && "0–9 draw · "}← → steps · Page ↑ Page ↓ next · Esc
    </Text>
  );
}
