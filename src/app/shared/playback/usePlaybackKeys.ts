import { useEffect, useEffectEvent } from "react";
import { type PlaybackStore, togglePlay } from "./usePlayback.ts";

/** Elements that use these keys themselves. */
const HAVE_KEYS = "input, select, textarea, [role=radiogroup], [role=dialog], [popover], dialog";
const HAVE_SPACE =
  "button, summary, input:not([type=radio]), select, textarea, [role=dialog], [popover], dialog";

/**
 * The keys of a whole view, wherever the focus is that has no use for them itself: Space plays and
 * pauses its film, others move in it.
 *
 * @param move does what a key means, and returns whether it means anything
 */
export function usePlaybackKeys(
  playback: PlaybackStore,
  move: (event: KeyboardEvent) => boolean,
): void {
  const onKeyDown = useEffectEvent((event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
    const isSpace = event.key === " ";
    const hasOwn = isSpace ? HAVE_SPACE : HAVE_KEYS;
    if (event.target instanceof Element && event.target.closest(hasOwn)) return;
    if (isSpace && !event.repeat) togglePlay(playback);
    // The page would scroll.
    if (isSpace || move(event)) event.preventDefault();
  });
  useEffect(() => {
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}
