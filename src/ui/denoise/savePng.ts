import { saveFile } from "../../store/saveFile.ts";
import { fitGrid, gridLayout, paintDigits } from "../digitGrid.ts";

/** Of the picture: a screen's worth, twice. */
const SIDE = 2 * 900;

/** Downloads digits, `[count, 28, 28]`, as one picture, as the screen has them but twice as large. */
export async function saveDigitsPng({
  pixels,
  columns,
  fileName,
}: {
  pixels: Uint8Array;
  /** As wide as high when left out. */
  columns?: number;
  fileName: string;
}): Promise<void> {
  const count = pixels.length / (28 * 28);
  const box = { width: SIDE, height: SIDE, devicePixelRatio: 1 };
  const layout = columns ? gridLayout(count, columns) : fitGrid(count, box);
  const scale = Math.max(1, Math.floor(SIDE / Math.max(layout.width, layout.height)));
  const small = new OffscreenCanvas(layout.width, layout.height);
  const large = new OffscreenCanvas(layout.width * scale, layout.height * scale);
  const [from, to] = [small.getContext("2d"), large.getContext("2d")];
  if (!from || !to) return;
  const image = from.createImageData(layout.width, layout.height);
  paintDigits(image.data, pixels, layout);
  from.putImageData(image, 0, 0);
  to.imageSmoothingEnabled = false;
  to.drawImage(small, 0, 0, large.width, large.height);
  const blob = await large.convertToBlob({ type: "image/png" });
  saveFile({ fileName, bytes: new Uint8Array(await blob.arrayBuffer()) });
}
