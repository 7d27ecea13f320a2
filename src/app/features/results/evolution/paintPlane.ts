/** Draws one digit's whole plane: on the screen, and as a picture to be exported. */
import { IMAGE_SIZE } from "../../../../engine/config/hyperparameters.ts";
import { formatCount } from "../../../../runtime/format.ts";
import type { Snapshot } from "../../../../runtime/run/events.ts";
import { type Denoising, digitOnAxis, timestepAt } from "./denoisingAxis.ts";
import { paintPictures } from "./paintPictures.ts";
import { cellPlace, type PlaneLayout, ROW_HEAD } from "./planeLayout.ts";

export interface PlaneSubject {
  snapshots: readonly Snapshot[];
  digit: number;
  denoising: Denoising;
}

const FONT = "11px system-ui, sans-serif";
/** Room for a label above a column, and height of one before a row, in CSS pixels. */
const WORD_WIDTH = 28;
const WORD_HEIGHT = 13;

/** @param context empty, in CSS pixels, with the color of the words */
export function paintPlane(
  context: CanvasRenderingContext2D,
  layout: PlaneLayout,
  subject: PlaneSubject,
): void {
  const { snapshots, digit, denoising } = subject;
  paintWords(context, layout, subject);
  const isWhole = Number.isInteger((layout.picture * context.getTransform().a) / IMAGE_SIZE);
  context.imageSmoothingEnabled = !isWhole;
  context.imageSmoothingQuality = "high";
  const pictures = snapshots.flatMap((snapshot, row) =>
    layout.columns.map((frame, column) => ({
      pixels: digitOnAxis(snapshot, { frame, axis: denoising.numFrames, digit }),
      ...cellPlace(layout, row, column),
    })),
  );
  paintPictures(context, pictures, layout.picture);
}

function paintWords(
  context: CanvasRenderingContext2D,
  layout: PlaneLayout,
  { snapshots, denoising }: PlaneSubject,
): void {
  const { picture, pitch, columns, numBlocks, rowsPerBlock } = layout;
  const everyRow = Math.ceil(WORD_HEIGHT / pitch.y);
  const everyColumn = Math.ceil(WORD_WIDTH / pitch.x);
  // Centered over a column narrower than itself, the first label would overlap the corner's.
  const isNarrow = everyColumn > 1;
  context.font = FONT;
  context.textBaseline = "alphabetic";
  for (let block = 0; block < numBlocks; block++) {
    const { x, y } = cellPlace(layout, block * rowsPerBlock, 0);
    context.textAlign = "right";
    context.fillText("step \\ t", x - 6, y - 7);
    context.textAlign = isNarrow ? "left" : "center";
    for (let column = 0; column < columns.length; column += everyColumn) {
      const t = timestepAt(columns[column] as number, denoising);
      const place = x + column * pitch.x + (isNarrow ? 0 : picture / 2);
      context.fillText(formatCount(t), place, y - 7, everyColumn * pitch.x);
    }
  }
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const [row, { step }] of snapshots.entries()) {
    if ((row % rowsPerBlock) % everyRow !== 0) continue;
    const { x, y } = cellPlace(layout, row, 0);
    context.fillText(formatCount(step), x - 6, y + picture / 2, ROW_HEAD - 6);
  }
}
