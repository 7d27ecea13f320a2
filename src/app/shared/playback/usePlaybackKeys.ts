import { useEffect, useEffectEvent } from "react";
import { type PlaybackStore, togglePlay } from "./usePlayback.ts";

/** Elements that use these keys themselves. */
const HAVE_KEYS = "input, select, textarea, [role=radiogroup], [role=dialog], [popover], dialog";
const HAVE_SPACE =
  "button, summary, input:not([type=radio]), select, textarea, [role=dialog], [popover], dialog";

/**
 * The keys of a whole view, wherever the focus is that has no use for them itself.
 *
 * @param onKey does what a key means, and returns whether it means anything
 */
export function useViewKeys(onKey: (event: KeyboardEvent) => boolean): void {
  const onKeyDown = useEffectEvent((event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
    const hasOwn = event.key === " " ? HAVE_SPACE : HAVE_KEYS;
    if (event.target instanceof Element && event.target.closest(hasOwn)) return;
    // The page would scroll.
    if (onKey(event)) event.preventDefault();
  });
  useEffect(() => {
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}

/**
 * The same with Space, which plays and pauses a film.
 *
 * @param move does what another key means, and returns whether it means anything
 */
export function usePlaybackKeys(
  playback: PlaybackStore,
  move: (event: KeyboardEvent) => boolean,
): void {
  useViewKeys((event) => {
    if (event.key !== " ") return move(event);
    if (!event.repeat) togglePlay(playback);
    return true;
  });
}
