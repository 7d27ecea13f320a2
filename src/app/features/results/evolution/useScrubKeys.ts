import type { RefObject } from "react";
import { usePlaybackKeys } from "../../../shared/playback/usePlaybackKeys.ts";
import type { Shown } from "./scrubber.ts";
import { useScrubber } from "./scrubber.ts";

const PAGE = 10;

/**
 * Where a key leads to: left and right through training, up and down through denoising, Home, End
 * and the page keys along the slider that has the focus, training without one. Null for other keys.
 */
export function keyMove(
  key: string,
  { index, frame, snapshots, axis }: Pick<Shown, "index" | "frame" | "snapshots" | "axis">,
  isDenoising: boolean,
): { index: number } | { frame: number } | null {
  const along = (by: number) => (isDenoising ? { frame: frame + by } : { index: index + by });
  switch (key) {
    case "ArrowLeft":
      return { index: index - 1 };
    case "ArrowRight":
      return { index: index + 1 };
    case "ArrowUp":
      return { frame: frame - 1 };
    case "ArrowDown":
      return { frame: frame + 1 };
    case "PageUp":
      return along(-PAGE);
    case "PageDown":
      return along(PAGE);
    case "Home":
      return isDenoising ? { frame: 0 } : { index: 0 };
    case "End":
      return isDenoising ? { frame: axis - 1 } : { index: snapshots.length - 1 };
    default:
      return null;
  }
}

/** They scroll, where something does and the focus is on no axis. */
const SCROLLING_KEYS = ["PageUp", "PageDown", "Home", "End"];
const AXES = "[role=slider], [data-plane]";

/**
 * The keys of the whole view, whose element has the `viewRef`.
 *
 * @param isPart whether it is a part of a page: then its keys are those of what has the focus within it
 */
export function useScrubKeys(viewRef: RefObject<HTMLElement | null>, isPart: boolean): void {
  const scrubber = useScrubber();
  const move = ({ key, target }: KeyboardEvent) => {
    const focused = target instanceof Element ? target : null;
    const isScrolling = SCROLLING_KEYS.includes(key) && !focused?.closest(AXES);
    if (isScrolling && isScrollable(viewRef.current)) return false;
    const shown = scrubber.shown();
    const isDenoising = focused?.getAttribute("aria-orientation") === "vertical";
    const to = shown && keyMove(key, shown, isDenoising);
    if (to) scrubber.go(to);
    return to !== null;
  };
  usePlaybackKeys(scrubber.position, move, isPart ? viewRef : null);
}

/** Whether what an element stands in is higher than it is seen. */
function isScrollable(element: HTMLElement | null): boolean {
  for (let each = element?.parentElement; each; each = each.parentElement) {
    const isScroller =
      each === document.documentElement || getComputedStyle(each).overflowY === "auto";
    if (isScroller && each.scrollHeight > each.clientHeight) return true;
  }
  return false;
}
