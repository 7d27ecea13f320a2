/** A picture that somebody opens, as an image of the network. */
import { IMAGE_SIZE, NUM_PIXELS } from "../../../../engine/config/hyperparameters.ts";

/**
 * Reads a picture of 28 x 28 pixels; what is transparent is black.
 *
 * @returns `[28, 28]`, 0 black to 255 white, or a sentence that says what is wrong
 */
export async function readPicture(file: File): Promise<Uint8Array | string> {
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (!bitmap)
    return `${file.name} could not be opened as a picture: choose a PNG, JPEG or WebP file.`;
  const { width, height } = bitmap;
  if (width !== IMAGE_SIZE || height !== IMAGE_SIZE) {
    return `Expected a picture of ${IMAGE_SIZE} × ${IMAGE_SIZE} pixels, got ${width} × ${height}: resize it first.`;
  }
  const context = new OffscreenCanvas(IMAGE_SIZE, IMAGE_SIZE).getContext("2d");
  if (!context) return "This browser does not let the page read pictures.";
  context.fillStyle = "#000";
  context.fillRect(0, 0, IMAGE_SIZE, IMAGE_SIZE);
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, IMAGE_SIZE, IMAGE_SIZE);
  return Uint8Array.from({ length: NUM_PIXELS }, (_, i) => {
    const [red = 0, green = 0, blue = 0] = data.subarray(4 * i, 4 * i + 3);
    // Luma, Rec. 601.
    return Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
  });
}
