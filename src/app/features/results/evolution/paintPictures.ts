/** Draws digits of 28 x 28 pixels, each as a square somewhere on a canvas. */
import { IMAGE_SIZE, NUM_PIXELS } from "../../../../engine/config/hyperparameters.ts";
import { cellCorner, gridLayout } from "../../../shared/images/digitGrid.ts";
import { imagePainter } from "../../../shared/images/ImageGrid.tsx";

interface PlacedPicture {
  /** `[28, 28]`, 0 black to 255 white. */
  pixels: Uint8Array;
  /** Its upper left corner, in units of the context, like `side`. */
  x: number;
  y: number;
}

/**
 * All are drawn from one canvas that is written once: WebKitGTK copies from a canvas later than it is
 * asked to, so that all would show what was written last.
 */
export function paintPictures(
  context: CanvasRenderingContext2D,
  pictures: readonly PlacedPicture[],
  side: number,
): void {
  if (pictures.length === 0) return;
  const layout = gridLayout(pictures.length, Math.ceil(Math.sqrt(pictures.length)));
  const pixels = new Uint8Array(pictures.length * NUM_PIXELS);
  for (const [i, picture] of pictures.entries()) pixels.set(picture.pixels, i * NUM_PIXELS);
  const sheet = document.createElement("canvas");
  sheet.width = layout.width;
  sheet.height = layout.height;
  imagePainter(sheet, layout)(pixels);
  for (const [i, { x, y }] of pictures.entries()) {
    const { left, top } = cellCorner(i, layout);
    context.drawImage(sheet, left, top, IMAGE_SIZE, IMAGE_SIZE, x, y, side, side);
  }
}
