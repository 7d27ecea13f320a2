import type { FilmEncoder } from "../../../engine/formats/pictures/filmEncoder.ts";

/** The page gets time for clicks and frames after so much work. */
const WORK_MS = 24;

/** What a film is made of: frames, and how each is painted. */
export interface Film<F extends { durationMs: number }> {
  frames: readonly F[];
  /** @returns `[height, width]`, 0 black to 255 white */
  paint: (frame: F) => Uint8Array<ArrayBuffer>;
  /** How many times as fast as the frames say. */
  speed: number;
}

/**
 * Paints and encodes a film frame by frame.
 *
 * @returns the file; null when it was cancelled
 */
export async function makeFilm<F extends { durationMs: number }>(
  options: Film<F> & {
    encoder: FilmEncoder;
    signal: AbortSignal;
    onProgress: (numDone: number) => void;
  },
): Promise<Uint8Array<ArrayBuffer> | null> {
  const { encoder, paint, frames, speed, signal, onProgress } = options;
  let pausedMs = performance.now();
  for (const [index, frame] of frames.entries()) {
    if (performance.now() - pausedMs > WORK_MS) {
      onProgress(index);
      await new Promise((resolve) => setTimeout(resolve));
      pausedMs = performance.now();
    }
    if (signal.aborted) {
      await encoder.cancel();
      return null;
    }
    await encoder.add(paint(frame), frame.durationMs / speed);
  }
  return encoder.finish();
}
