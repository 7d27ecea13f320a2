import { Text } from "@mantine/core";
import { useMediaQuery, useWindowEvent } from "@mantine/hooks";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { useApp, useAppState } from "../shared/AppContext.ts";
import { LinkButton } from "../shared/parts/LinkButton.tsx";
import { addressQuery, onAddressChange, readParams, writeParams } from "../state/address.ts";
import type { ViewName } from "../state/slices/view.ts";
import classes from "./app.module.css";

/** What is shown one after the other. */
const SLIDES: readonly ViewName[] = ["evolution", "denoise", "charts", "plane"];
const KEYS: Record<string, number> = { PageUp: -1, PageDown: 1 };

/** Whether the page is shown large and dark, without anything around the digits and the loss: `present` in the address. */
export function usePresenting(): boolean {
  return readParams("page", useSyncExternalStore(onAddressChange, addressQuery, addressQuery))
    .present;
}

/** Smaller windows keep their layout, and lose only what is around it. */
const ROOM_FOR_LARGE = "(min-width: 941px) and (min-height: 561px)";

/** How much larger than usual all text is. */
export function usePresentedScale(): number {
  const isPresenting = usePresenting();
  const hasRoom = useMediaQuery(ROOM_FOR_LARGE) ?? true;
  return isPresenting && hasRoom ? 1.4 : 1;
}

const leave = () => writeParams("page", { present: false });

/** The keys of a presentation. Arrow keys go on within a view, as always; those of a presenter's remote to the next one. */
export function Presenter() {
  const { store } = useApp();
  const view = useAppState((state) => state.view);
  const show = (next: ViewName) => store.setState({ view: next });
  const isLarge = usePresentedScale() > 1;
  const isShown = SLIDES.includes(view);
  const hasBegun = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the view changes.
  useEffect(() => {
    // It may begin in another view; whoever then goes back to that leaves.
    if (!isShown) hasBegun.current ? leave() : show("evolution");
    hasBegun.current = true;
  }, [isShown]);
  useEffect(() => {
    const root = document.documentElement;
    root.toggleAttribute("data-present", isLarge);
    return () => void root.toggleAttribute("data-present", false);
  }, [isLarge]);
  useWindowEvent(
    "keydown",
    (event) => {
      const by = KEYS[event.key];
      if (by === undefined && event.key !== "Escape") return;
      // A view has another use for these keys.
      event.preventDefault();
      event.stopPropagation();
      if (by === undefined) leave();
      else show(SLIDES.at((SLIDES.indexOf(view) + by) % SLIDES.length) as ViewName);
    },
    { capture: true },
  );
  return (
    <Text className={classes.keys} size="xs" c="dimmed">
      {isLarge && (view === "denoise" ? "0–9 draw · " : "")}
      {isLarge && "← → steps · Page ↑ Page ↓ next · "}
      <LinkButton size="xs" onClick={leave}>
        Leave{isLarge && " (Esc)"}
      </LinkButton>
    </Text>
  );
}
