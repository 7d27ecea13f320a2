/** The files of the evolution, films and pictures. Loaded when one is asked for. */
import { FILM_FORMATS, type FilmFormat } from "../../../../engine/formats/filmFormats.ts";
import { grayPng } from "../../../../engine/formats/pictures/grayPng.ts";
import { gridColumns } from "../../../../engine/formats/pictures/imageGrid.ts";
import type { Snapshot } from "../../../../runtime/run/events.ts";
import { gridLayout } from "../../../shared/images/digitGrid.ts";
import { requireReadableCanvas } from "../../../shared/images/readableCanvas.ts";
import type { FilmFrame } from "../film.ts";
import { type PlaneSubject, paintPlane } from "../paintPlane.ts";
import { wholePlane } from "../planeLayout.ts";
import { filmPainter } from "./filmPainter.ts";
import { makeFilm } from "./makeFilm.ts";

type Caption = ((frame: Pick<FilmFrame, "snapshot" | "frame">) => string) | null;

export interface FilmRequest {
  format: FilmFormat;
  snapshots: readonly Snapshot[];
  frames: readonly FilmFrame[];
  /** How many times as fast as the frames say. */
  speed: number;
  /** Pixels of the film to one of a digit; even. */
  scale: number;
  caption: Caption;
  signal: AbortSignal;
  onProgress: (numDone: number) => void;
}

/** @returns null when it was cancelled */
export async function filmFile(request: FilmRequest): Promise<Uint8Array<ArrayBuffer> | null> {
  const painter = filmPainter(request);
  const encoder = await FILM_FORMATS[request.format].encoder(painter);
  return makeFilm({ ...request, encoder, painter });
}

/**
 * The digits of one place of the film, enlarged by whole pixels.
 *
 * @param options.side what the longer side has at least, in pixels
 */
export function digitsPng(options: {
  snapshots: readonly Snapshot[];
  place: Pick<FilmFrame, "snapshot" | "frame">;
  side: number;
  caption: Caption;
}): Uint8Array<ArrayBuffer> {
  const count = options.snapshots[0]?.count ?? 1;
  const { width, height } = gridLayout(count, gridColumns(count));
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
  const layout = wholePlane(subject.snapshots.length, subject.denoising.axis);
  const canvas = document.createElement("canvas");
  canvas.width = layout.width * PLANE_SCALE;
  canvas.height = layout.height * PLANE_SCALE;
  const context = canvas.getContext("2d");
  if (context) {
    paintPlane(context, layout, subject, { scale: PLANE_SCALE, ink: INK, font: "sans-serif" });
    context.globalCompositeOperation = "destination-over";
    context.fillStyle = PAPER;
    context.fillRect(0, 0, layout.width, layout.height);
  }
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
  if (!blob) throw new Error("The picture is larger than this browser can make.");
  return new Uint8Array(await blob.arrayBuffer());
}
