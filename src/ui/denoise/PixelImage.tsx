import { useEffect, useRef } from "react";
import { IMAGE_SIZE } from "../../config/hyperparameters.ts";
import { gridLayout, paintDigits } from "../digitGrid.ts";

const LAYOUT = gridLayout(1, 1);

/** One image, `[28, 28]`, 0 black to 255 white; its size is that of the style. */
export function PixelImage({ pixels, label }: { pixels: Uint8Array; label?: string }) {
  const canvasRef = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvasRef.current?.getContext("2d");
    if (!context) return;
    const image = context.createImageData(IMAGE_SIZE, IMAGE_SIZE);
    paintDigits(image.data, pixels, LAYOUT);
    context.putImageData(image, 0, 0);
  }, [pixels]);
  const size = { width: IMAGE_SIZE, height: IMAGE_SIZE };
  // Within a button that has a name itself.
  if (label === undefined) return <canvas ref={canvasRef} {...size} />;
  return <canvas ref={canvasRef} {...size} role="img" aria-label={label} />;
}
