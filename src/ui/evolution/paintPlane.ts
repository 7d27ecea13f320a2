/** Draws one digit's whole plane: on the screen, and as a picture to be exported. */
import { IMAGE_SIZE } from "../../config/hyperparameters.ts";
import type { Snapshot } from "../../worker/protocol.ts";
import { paintDigits } from "../digitGrid.ts";
import { formatCount } from "../format.ts";
import { timestepAt } from "./evolutionWords.ts";
import { ownFrame } from "./film.ts";
import { cellPlace, type PlaneLayout, ROW_HEAD } from "./planeLayout.ts";

export interface PlaneSubject {
  snapshots: readonly Snapshot[];
  digit: number;
  /** Frames of the denoising axis. */
  axis: number;
  /** T, for the words. */
  numTimesteps: number;
}

const FONT_SIZE = 11;
/** What a word above a column, and one before a row, needs of room. */
const WORD_WIDTH = 34;
const WORD_HEIGHT = 13;
const STRIP = { columns: 1, rows: 1, width: IMAGE_SIZE, height: IMAGE_SIZE };

/**
 * @param style.scale pixels of the canvas to a CSS pixel
 * @param style.ink colour of the words
 */
export function paintPlane(
  context: CanvasRenderingContext2D,
  layout: PlaneLayout,
  subject: PlaneSubject,
  style: { scale: number; ink: string; font: string },
): void {
  context.setTransform(style.scale, 0, 0, style.scale, 0, 0);
  context.clearRect(0, 0, layout.width, layout.height);
  context.fillStyle = style.ink;
  context.font = `${FONT_SIZE}px ${style.font}`;
  paintWords(context, layout, subject);
  const isWhole = Number.isInteger((layout.cell * style.scale) / IMAGE_SIZE);
  context.imageSmoothingEnabled = !isWhole;
  context.imageSmoothingQuality = "high";
  paintCells(context, layout, subject);
}

/** All pictures of a row lie in one image, so that the browser scales it at once. */
function paintCells(
  context: CanvasRenderingContext2D,
  layout: PlaneLayout,
  { snapshots, digit, axis }: PlaneSubject,
): void {
  const { cell, columns } = layout;
  const strip = document.createElement("canvas");
  strip.width = columns.length * IMAGE_SIZE;
  strip.height = IMAGE_SIZE;
  const stripContext = strip.getContext("2d");
  const image = stripContext?.createImageData(IMAGE_SIZE, IMAGE_SIZE);
  if (!stripContext || !image) return;
  for (const [row, { pixels, numFrames, count }] of snapshots.entries()) {
    for (const [column, frame] of columns.entries()) {
      const start = (ownFrame(frame, numFrames, axis) * count + digit) * IMAGE_SIZE * IMAGE_SIZE;
      paintDigits(image.data, pixels.subarray(start, start + IMAGE_SIZE * IMAGE_SIZE), STRIP);
      stripContext.putImageData(image, column * IMAGE_SIZE, 0);
    }
    const { x, y } = cellPlace(layout, row, 0);
    context.drawImage(strip, x, y, columns.length * cell, cell);
  }
}

function paintWords(
  context: CanvasRenderingContext2D,
  layout: PlaneLayout,
  { snapshots, axis, numTimesteps }: PlaneSubject,
): void {
  const { cell, columns, numBlocks, rowsPerBlock } = layout;
  const everyRow = Math.ceil(WORD_HEIGHT / cell);
  const everyColumn = Math.ceil(WORD_WIDTH / cell);
  for (let block = 0; block < numBlocks; block++) {
    const { x, y } = cellPlace(layout, block * rowsPerBlock, 0);
    context.textBaseline = "alphabetic";
    context.textAlign = "right";
    context.fillText("step \\ t", x - 6, y - 7);
    context.textAlign = "center";
    for (let column = 0; column < columns.length; column += everyColumn) {
      const t = timestepAt(columns[column] as number, axis, numTimesteps);
      context.fillText(formatCount(t), x + (column + 0.5) * cell, y - 7, everyColumn * cell);
    }
  }
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const [row, { step }] of snapshots.entries()) {
    if ((row % rowsPerBlock) % everyRow !== 0) continue;
    const { x, y } = cellPlace(layout, row, 0);
    context.fillText(formatCount(step), x - 6, y + cell / 2, ROW_HEAD - 6);
  }
  context.textBaseline = "alphabetic";
}
