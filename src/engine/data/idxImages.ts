import { IMAGE_SIZE, NUM_PIXELS } from "../config/hyperparameters.ts";
import { IMAGE_MAGIC } from "./idx.ts";

/**
 * Images as an IDX file (LeCun et al. 1998), as MNIST's are: big-endian magic, count, rows, columns,
 * then a byte a pixel.
 *
 * @param pixels `[N, 28, 28]`, 0 black to 255 white
 */
export function encodeIdxImages(pixels: Uint8Array): Uint8Array<ArrayBuffer> {
  const header = [IMAGE_MAGIC, pixels.length / NUM_PIXELS, IMAGE_SIZE, IMAGE_SIZE];
  const file = new Uint8Array(4 * header.length + pixels.length);
  const view = new DataView(file.buffer);
  for (const [index, field] of header.entries()) view.setUint32(4 * index, field, false);
  file.set(pixels, 4 * header.length);
  return file;
}
