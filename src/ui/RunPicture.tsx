import { useEffect, useRef } from "react";
import type { ReadableRun } from "../store/storedRuns.ts";
import { gridLayout, paintDigits } from "./digitGrid.ts";
import classes from "./Runs.module.css";

const COLUMNS = 4;
const NUM_DIGITS = 2 * COLUMNS;
const LAYOUT = gridLayout(NUM_DIGITS, COLUMNS);

/** The digits of a run's newest preview, in the size they have. */
export function RunPicture({ picture }: Pick<ReadableRun, "picture">) {
  const canvasRef = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvasRef.current?.getContext("2d");
    if (!context || !picture) return;
    const image = context.createImageData(LAYOUT.width, LAYOUT.height);
    const numPixels = picture.pixels.length / picture.count;
    const shown = Math.min(NUM_DIGITS, picture.count);
    paintDigits(image.data, picture.pixels.subarray(0, shown * numPixels), LAYOUT);
    context.putImageData(image, 0, 0);
  }, [picture]);
  if (!picture) return <div className={classes.noPicture}>No preview yet</div>;
  return (
    <canvas
      ref={canvasRef}
      className={classes.picture}
      role="img"
      aria-label="Digits of its newest preview"
      width={LAYOUT.width}
      height={LAYOUT.height}
    />
  );
}
