import { type MouseEventHandler, useEffect, useRef } from "react";
import { gridLayout, paintDigits } from "./digitGrid.ts";

interface DigitsImageProps {
  /** `[n, 28, 28]`, 0 black to 255 white, one after the other in rows. */
  pixels: Uint8Array;
  /** Room for so many; 1 when left out. */
  count?: number;
  columns?: number;
  /** Left out within a button that has a name itself. */
  label?: string;
  className?: string | undefined;
  onClick?: MouseEventHandler<HTMLCanvasElement>;
}

/** Digits that change seldom, one pixel of the canvas for each of theirs; its size is that of the style. */
export function DigitsImage({
  pixels,
  count = 1,
  columns = 1,
  label,
  ...attributes
}: DigitsImageProps) {
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const { width, height } = gridLayout(count, columns);
  useEffect(() => {
    const context = canvasRef.current?.getContext("2d");
    if (!context) return;
    const image = context.createImageData(width, height);
    paintDigits(image.data, pixels, gridLayout(count, columns));
    context.putImageData(image, 0, 0);
  }, [pixels, count, columns, width, height]);
  const named = label === undefined ? {} : { role: "img", "aria-label": label };
  return <canvas ref={canvasRef} width={width} height={height} {...named} {...attributes} />;
}
