import { gridColumns } from "../../../../engine/formats/pictures/imageGrid.ts";
import { gridLayout } from "../../../shared/images/digitGrid.ts";

/** Of the words below the digits, in pixels, up to the largest scale of films; above it they grow, too. */
export const CAPTION_HEIGHT = 28;
const MAX_FILM_SCALE = 8;

/** How many times the words are enlarged. */
export function captionScale(scale: number): number {
  return Math.max(1, Math.round(scale / MAX_FILM_SCALE));
}

/**
 * Pixels of a film; even numbers.
 *
 * @param options.count digits
 * @param options.scale pixels of the film to one of a digit; even
 */
export function filmSize(options: { count: number; scale: number; hasCaption: boolean }) {
  const { count, scale, hasCaption } = options;
  const grid = gridLayout(count, gridColumns(count));
  const captionHeight = hasCaption ? CAPTION_HEIGHT * captionScale(scale) : 0;
  return { width: grid.width * scale, height: grid.height * scale + captionHeight };
}
