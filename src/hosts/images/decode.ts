/** Decodes pictures by the browser. */
import { pictureType } from "../../engine/data/imageSet.ts";
import { type Gray, grayOnWhite, MAX_SIDE, type Picture } from "../../engine/data/networkImage.ts";

/** Untouched by color profiles, so that the numbers of a gray picture are those in its file. */
const AS_STORED = { colorSpaceConversion: "none", premultiplyAlpha: "none" } as const;

/** @throws Error for a file that the browser cannot decode */
export async function bitmapOf(file: Blob, path: string): Promise<ImageBitmap> {
  try {
    const type = pictureType(path);
    // Firefox goes by the type. Another Blob is made only where it is needed, since each is a message to another process.
    const typed = file.type === type ? file : new Blob([file], { type });
    return await createImageBitmap(typed, AS_STORED);
  } catch (error) {
    throw new Error("The browser cannot read it: it is damaged, or not what its name says.", {
      cause: error,
    });
  }
}

/** @param bitmap closed afterwards */
export function grayOfBitmap(bitmap: ImageBitmap): Gray {
  try {
    return grayOnWhite(pixelsOf(bitmap));
  } finally {
    bitmap.close();
  }
}

function pixelsOf(bitmap: ImageBitmap): Picture {
  const scale = Math.min(1, MAX_SIDE / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map((side) =>
    Math.max(1, Math.round(scale * side)),
  ) as [number, number];
  const context = canvasOf(width, height);
  context.clearRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

let canvas: OffscreenCanvasRenderingContext2D | null = null;

/** Most pictures of a set are of one size, and a canvas for each would take longer than to decode it. */
function canvasOf(width: number, height: number): OffscreenCanvasRenderingContext2D {
  if (canvas?.canvas.width === width && canvas.canvas.height === height) return canvas;
  canvas = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!canvas) throw new Error("This browser does not let the page read pictures.");
  canvas.imageSmoothingQuality = "high";
  return canvas;
}
