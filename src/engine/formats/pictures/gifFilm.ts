import { GIFEncoder } from "gifenc";
import type { FilmEncoder, FilmSize } from "./filmEncoder.ts";

const GRAYS = Array.from({ length: 256 }, (_, gray) => [gray, gray, gray]);

/** Browsers show a shorter frame for a tenth of a second. */
const MIN_DURATION_MS = 20;

/**
 * An animated GIF that loops forever. Its palette has all 256 grays, so it is lossless. The format rounds
 * durations to hundredths of a second.
 */
export function gifFilm({ width, height }: FilmSize): FilmEncoder {
  const gif = GIFEncoder();
  let isFirst = true;
  return {
    async add(pixels, durationMs) {
      const first = isFirst ? { palette: GRAYS, repeat: 0 } : {};
      const delay = Math.max(MIN_DURATION_MS, durationMs);
      gif.writeFrame(pixels, width, height, { ...first, delay });
      isFirst = false;
    },
    async finish() {
      gif.finish();
      return gif.bytes();
    },
    async cancel() {},
  };
}
