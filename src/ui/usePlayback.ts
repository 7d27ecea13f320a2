import { useEffect } from "react";

/**
 * Calls back once a frame of the screen while something plays.
 *
 * @param begin is called where it begins, and anew when it is another function; what it gives is
 *   told the milliseconds since its call before, and answers whether it goes on
 */
export function usePlayback(isPlaying: boolean, begin: () => (elapsedMs: number) => boolean): void {
  useEffect(() => {
    if (!isPlaying) return;
    const playOn = begin();
    let lastMs = performance.now();
    let request = requestAnimationFrame(function play(nowMs) {
      // A frame's time is that of its beginning, which may be before this.
      const goesOn = playOn(Math.max(0, nowMs - lastMs));
      lastMs = nowMs;
      if (goesOn) request = requestAnimationFrame(play);
    });
    return () => cancelAnimationFrame(request);
  }, [isPlaying, begin]);
}
