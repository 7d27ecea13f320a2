/** Paints the frames of a film to be exported. */
import { GRID_GAP, IMAGE_SIZE } from "../../../../../engine/config/hyperparameters.ts";
import { enlarged, imageGrid } from "../../../../../engine/formats/pictures/imageGrid.ts";
import type { Snapshot } from "../../../../../runtime/run/events.ts";
import { gridLayout } from "../../../../shared/images/digitGrid.ts";
import { requireReadableCanvas } from "../../../../shared/images/readableCanvas.ts";
import { axisLength, pixelsOnAxis } from "../denoisingAxis.ts";
import type { FilmFrame } from "../film.ts";

/** Pixels, up to the largest scale of films; at larger scales the caption grows, too. */
const CAPTION_HEIGHT = 28;
const MAX_FILM_SCALE = 8;

/** How many times the words are enlarged. */
function captionScale(scale: number): number {
  return Math.max(1, Math.round(scale / MAX_FILM_SCALE));
}

/**
 * Pixels of a film; even numbers.
 *
 * @param options.count digits
 * @param options.columns digits beside each other
 * @param options.scale pixels of the film to one of a digit; even
 */
export function filmSize(options: {
  count: number;
  columns: number;
  scale: number;
  hasCaption: boolean;
}) {
  const { count, columns, scale, hasCaption } = options;
  const grid = gridLayout(count, columns);
  const captionHeight = hasCaption ? CAPTION_HEIGHT * captionScale(scale) : 0;
  return { width: grid.width * scale, height: grid.height * scale + captionHeight };
}

/** A frame of a film, however long it is seen. */
export type FilmPlace = Pick<FilmFrame, "snapshot" | "frame">;

/** What stands under the digits. */
export type Caption = (place: FilmPlace) => string;

export type FilmPainter = ReturnType<typeof filmPainter>;

/**
 * @param options.columns digits beside each other
 * @param options.scale pixels of the film to one of a digit; even
 * @param options.caption null for nothing under the digits
 * @throws Error where there is a caption and the browser lets no canvas be read
 */
export function filmPainter(options: {
  snapshots: readonly Snapshot[];
  columns: number;
  scale: number;
  caption: Caption | null;
}) {
  const { snapshots, columns, scale, caption } = options;
  const axis = axisLength(snapshots);
  const count = snapshots[0]?.count ?? 1;
  const { width, height } = filmSize({ count, columns, scale, hasCaption: caption !== null });
  const strip = caption ? captionStrip(width, captionScale(scale)) : null;
  return {
    width,
    height,
    /** `[height, width]`, 0 black to 255 white. */
    paint(frame: FilmPlace): Uint8Array<ArrayBuffer> {
      const images = pixelsOnAxis(snapshots[frame.snapshot] as Snapshot, frame.frame, axis);
      const size = { width: IMAGE_SIZE, height: IMAGE_SIZE };
      const { pixels } = enlarged(imageGrid({ images, ...size, columns, gap: GRID_GAP }), scale);
      if (!strip || !caption) return pixels;
      const all = new Uint8Array(width * height);
      all.set(pixels);
      all.set(strip(caption(frame)), pixels.length);
      return all;
    },
  };
}

/** A function that writes words in white on black, `[CAPTION_HEIGHT * scale, width]`. */
function captionStrip(width: number, scale: number): (words: string) => Uint8Array {
  requireReadableCanvas();
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = CAPTION_HEIGHT * scale;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return (words) => {
    const pixels = new Uint8Array(canvas.width * canvas.height);
    if (!context) return pixels;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.fillStyle = "#000";
    context.fillRect(0, 0, width / scale, CAPTION_HEIGHT);
    context.fillStyle = "#fff";
    context.font = "14px system-ui, sans-serif";
    context.textBaseline = "middle";
    context.fillText(words, 6, CAPTION_HEIGHT / 2, width / scale - 12);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    for (let i = 0; i < pixels.length; i++) pixels[i] = data[4 * i] ?? 0;
    return pixels;
  };
}
