/** The files of the evolution, films and pictures. Loaded when one is asked for. */
import type { FilmEncoder } from "../../../../../engine/formats/pictures/filmEncoder.ts";
import { grayPng } from "../../../../../engine/formats/pictures/grayPng.ts";
import type { Snapshot } from "../../../../../runtime/run/events.ts";
import { requireReadableCanvas } from "../../../../shared/images/readableCanvas.ts";
import type { FilmFrame } from "../film.ts";
import { type PlaneSubject, paintPlane } from "../paintPlane.ts";
import { wholePlane } from "../planeLayout.ts";
import { PICTURE_TOO_LARGE } from "../text.ts";
import {
  type Caption,
  type FilmPainter,
  type FilmPlace,
  filmPainter,
  filmSize,
} from "./filmPainter.ts";

/** The page gets time for clicks and frames after so much work. */
const WORK_MS = 24;

/**
 * Paints and encodes a film frame by frame.
 *
 * @param options.speed how many times as fast as the frames say
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

/**
 * The digits of one place of the film, enlarged by whole pixels.
 *
 * @param options.side what the longer side has at least, in pixels
 */
export function digitsPng(options: {
  snapshots: readonly Snapshot[];
  columns: number;
  place: FilmPlace;
  side: number;
  caption: Caption | null;
}): Uint8Array<ArrayBuffer> {
  const count = options.snapshots[0]?.count ?? 1;
  const { columns } = options;
  const { width, height } = filmSize({ count, columns, scale: 1, hasCaption: false });
  const scale = Math.ceil(options.side / Math.max(width, height));
  const { paint, ...size } = filmPainter({ ...options, scale });
  return grayPng({ ...size, pixels: paint(options.place) });
}

const PLANE_SCALE = 2;
const PAPER = "#ffffff";
const INK = "#333333";

/**
 * A digit's whole plane with its words, at twice its size, on white.
 *
 * @throws Error when it is larger than the browser's largest picture, or no canvas can be read
 */
export async function planePng(subject: PlaneSubject): Promise<Uint8Array<ArrayBuffer>> {
  requireReadableCanvas();
  const layout = wholePlane(subject.snapshots.length, subject.denoising.numFrames);
  const canvas = document.createElement("canvas");
  canvas.width = layout.width * PLANE_SCALE;
  canvas.height = layout.height * PLANE_SCALE;
  const context = canvas.getContext("2d");
  if (context) {
    context.scale(PLANE_SCALE, PLANE_SCALE);
    context.fillStyle = PAPER;
    context.fillRect(0, 0, layout.width, layout.height);
    context.fillStyle = INK;
    paintPlane(context, layout, subject);
  }
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
  if (!blob) throw new Error(PICTURE_TOO_LARGE);
  return new Uint8Array(await blob.arrayBuffer());
}
