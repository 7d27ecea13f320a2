import { type RefObject, useEffect, useEffectEvent } from "react";
import { type PlaybackStore, togglePlay } from "./usePlayback.ts";

/** Elements that use these keys themselves; letters and digits choose an entry of a select. */
const HAVE_CHARACTERS =
  "input:not([type=radio], [type=checkbox]), select, textarea, [role=dialog], [popover], dialog";
const HAVE_SPACE = `button, summary, input[type=checkbox], ${HAVE_CHARACTERS}`;
const HAVE_OTHERS = `input, [role=radiogroup], ${HAVE_CHARACTERS}`;

/**
 * The keys of a whole view, wherever the focus is that has no use for them itself.
 *
 * @param onKey does what a key means, and returns whether it means anything
 * @param within where the focus has to be; null for anywhere
 */
export function useViewKeys(
  onKey: (event: KeyboardEvent) => boolean,
  within: RefObject<HTMLElement | null> | null = null,
): void {
  const onKeyDown = useEffectEvent((event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
    if (within && !within.current?.contains(event.target as Node)) return;
    const isCharacter = event.key.length === 1;
    const hasOwn = event.key === " " ? HAVE_SPACE : isCharacter ? HAVE_CHARACTERS : HAVE_OTHERS;
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
 * Listens to the keys of a view that shows a film: Space plays and pauses it, and `move` means the others.
 *
 * @param move does what another key means, and returns whether it means anything
 * @param within as of `useViewKeys`
 */
export function usePlaybackKeys(
  playback: PlaybackStore,
  move: (event: KeyboardEvent) => boolean,
  within: RefObject<HTMLElement | null> | null = null,
): void {
  useViewKeys((event) => {
    if (event.key !== " ") return move(event);
    if (!event.repeat) togglePlay(playback);
    return true;
  }, within);
}
