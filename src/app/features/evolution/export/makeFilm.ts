import type { FilmEncoder } from "../../../../engine/formats/pictures/filmEncoder.ts";
import type { FilmFrame } from "../film.ts";
import type { FilmPainter } from "./filmPainter.ts";

/** After so long the page is given time for clicks and frames. */
const WORK_MS = 24;

/**
 * Paints and encodes a film frame by frame.
 *
 * @returns the file; null when it was cancelled
 */
export async function makeFilm(options: {
  encoder: FilmEncoder;
  painter: Pick<FilmPainter, "paint">;
  frames: readonly FilmFrame[];
  speed: number;
  signal: AbortSignal;
  onProgress: (numDone: number) => void;
}): Promise<Uint8Array<ArrayBuffer> | null> {
  const { encoder, painter, frames, speed, signal, onProgress } = options;
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
    await encoder.add(painter.paint(frame), frame.durationMs / speed);
  }
  return encoder.finish();
}
