/**
 * A film through the evolution: which places it shows, in which order and for how long. On the page it is played from
 * these; to be saved, each of them is painted, with a caption below the digits, and encoded.
 */
import { GRID_GAP, IMAGE_SIZE, type RunConfig } from "../../../../engine/config/hyperparameters.ts";
import { classRows } from "../../../../engine/config/snapshotSteps.ts";
import { enlarged, gridColumns, imageGrid } from "../../../../engine/formats/pictures/imageGrid.ts";
import type { Snapshot } from "../../../../runtime/run/events.ts";
import { gridLayout } from "../../../shared/images/digitGrid.ts";
import { requireReadableCanvas } from "../../../shared/images/readableCanvas.ts";
import type { Params } from "../../../state/address.ts";
import { axisFrame, axisLength, pixelsOnAxis } from "./denoisingAxis.ts";

/**
 * - `training`: the digits of each snapshot.
 * - `denoising`: the shown snapshot, from noise to digits.
 * - `both`: every snapshot, from noise to digits.
 */
export type FilmKind = Params<"evolution">["film"];

export interface FilmPlace {
  /** Index of a snapshot. */
  snapshot: number;
  /** On the denoising axis, see `axisFrame`. */
  frame: number;
}

export interface FilmFrame extends FilmPlace {
  durationMs: number;
}

const TRAINING_MS = 160;
const DENOISING_MS = 2600;

/** Limits of the time for one step. */
const DENOISING_STEP_MS = { least: 34, most: 300 };
const BOTH_STEP_MS = 40;

/** The digits, before the next noise. */
const BOTH_DIGITS_MS = 240;

/** Where a film ends, before it begins again. */
const END_MS = 1200;

/** @param of.shown index of the shown snapshot */
export function filmFrames(
  kind: FilmKind,
  { snapshots, shown }: { snapshots: readonly Pick<Snapshot, "numFrames">[]; shown: number },
): FilmFrame[] {
  const axis = axisLength(snapshots);
  const last = snapshots.length - 1;
  const denoising = (snapshot: number, stepMs: number, digitsMs: number): FilmFrame[] => {
    const numFrames = snapshots[snapshot]?.numFrames ?? 0;
    return Array.from({ length: numFrames }, (_, own) => ({
      snapshot,
      frame: axisFrame(own, numFrames, axis),
      durationMs: own === numFrames - 1 ? digitsMs : stepMs,
    }));
  };
  if (kind === "denoising") {
    const { least, most } = DENOISING_STEP_MS;
    return denoising(shown, Math.min(most, Math.max(least, DENOISING_MS / axis)), END_MS);
  }
  return snapshots.flatMap((_, snapshot) =>
    kind === "both"
      ? denoising(snapshot, BOTH_STEP_MS, snapshot === last ? END_MS : BOTH_DIGITS_MS)
      : { snapshot, frame: axis - 1, durationMs: snapshot === last ? END_MS : TRAINING_MS },
  );
}

/** The frame of a film that is shown, or else the next after it. */
export function filmIndex(frames: readonly FilmFrame[], shown: FilmPlace, kind: FilmKind): number {
  const index = frames.findIndex(
    ({ snapshot, frame }) =>
      snapshot >= shown.snapshot && (kind === "training" || frame >= shown.frame),
  );
  return Math.max(0, index);
}

/** Pixels, up to the largest scale of films; at larger scales the caption grows, too. */
const CAPTION_HEIGHT = 28;
const MAX_FILM_SCALE = 8;

/** How many times the words are enlarged. */
function captionScale(scale: number): number {
  return Math.max(1, Math.round(scale / MAX_FILM_SCALE));
}

/** Digits beside each other. */
function filmColumns(count: number, config: Pick<RunConfig, "classes">): number {
  return classRows(count, config)?.columns ?? gridColumns(count);
}

/**
 * Pixels of a film; even numbers.
 *
 * @param options.count digits
 * @param options.scale pixels of the film to one of a digit; even
 */
export function filmSize(options: {
  count: number;
  config: Pick<RunConfig, "classes">;
  scale: number;
  hasCaption: boolean;
}) {
  const { count, config, scale, hasCaption } = options;
  const grid = gridLayout(count, filmColumns(count, config));
  const captionHeight = hasCaption ? CAPTION_HEIGHT * captionScale(scale) : 0;
  return { width: grid.width * scale, height: grid.height * scale + captionHeight };
}

/** What is filmed. */
interface FilmSubject {
  snapshots: readonly Snapshot[];
  config: Pick<RunConfig, "classes">;
  /** What stands under the digits; null for nothing. */
  caption: ((place: FilmPlace) => string) | null;
}

/**
 * @param options.scale pixels of the film to one of a digit; even
 * @throws Error where there is a caption and the browser lets no canvas be read
 */
export function filmPainter({
  snapshots,
  config,
  caption,
  scale,
}: FilmSubject & { scale: number }) {
  const axis = axisLength(snapshots);
  const count = snapshots[0]?.count ?? 1;
  const columns = filmColumns(count, config);
  const { width, height } = filmSize({ count, config, scale, hasCaption: caption !== null });
  const strip = caption ? captionStrip(width, captionScale(scale)) : null;
  return {
    width,
    height,
    /** `[height, width]`, 0 black to 255 white. */
    paint(place: FilmPlace): Uint8Array<ArrayBuffer> {
      const images = pixelsOnAxis(snapshots[place.snapshot] as Snapshot, place.frame, axis);
      const size = { width: IMAGE_SIZE, height: IMAGE_SIZE };
      const { pixels } = enlarged(imageGrid({ images, ...size, columns, gap: GRID_GAP }), scale);
      if (!strip || !caption) return pixels;
      const all = new Uint8Array(width * height);
      all.set(pixels);
      all.set(strip(caption(place)), pixels.length);
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

/**
 * The digits of one place, with their caption, enlarged by whole pixels.
 *
 * @param options.side what the longer side has at least, in pixels
 */
export async function digitsPng(
  options: FilmSubject & { place: FilmPlace; side: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const { snapshots, config, place, side } = options;
  const count = snapshots[0]?.count ?? 1;
  const { width, height } = filmSize({ count, config, scale: 1, hasCaption: false });
  const scale = Math.ceil(side / Math.max(width, height));
  const { paint, ...size } = filmPainter({ ...options, scale });
  const { grayPng } = await import("../../../../engine/formats/pictures/grayPng.ts");
  return grayPng({ ...size, pixels: paint(place) });
}
