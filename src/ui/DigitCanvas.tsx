import { useElementSize } from "@mantine/hooks";
import { useEffect, useMemo, useRef } from "react";
import { IMAGE_SIZE } from "../config/hyperparameters.ts";
import { shownFrame } from "../store/samples.ts";
import type { AppState } from "../store/state.ts";
import { useApp } from "./AppContext.ts";
import { fitGrid, paintDigits } from "./digitGrid.ts";
import classes from "./SamplePanel.module.css";

/** Digits in the noise that is shown before there are any; as many as a preview has. */
export const NUM_NOISE_DIGITS = 32;

/**
 * All digits of the shown frame in one canvas, one of its pixels for each of theirs. It listens to
 * the store itself: frames come too often to render React for each.
 */
export function DigitCanvas({ count, label }: { count: number; label: string }) {
  const { store } = useApp();
  const { ref: boxRef, width, height } = useElementSize();
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const grid = useMemo(
    () => fitGrid(count, { width, height, devicePixelRatio: window.devicePixelRatio }),
    [count, width, height],
  );

  useEffect(() => {
    const context = canvasRef.current?.getContext("2d");
    if (!context) return;
    const image = context.createImageData(grid.width, grid.height);
    let frameRequest: number | null = null;
    const draw = () => {
      frameRequest = null;
      paintDigits(image.data, pixelsToShow(store.getState(), count), grid);
      context.putImageData(image, 0, 0);
    };
    draw();
    const unsubscribe = store.subscribe((state, before) => {
      if (state.samples !== before.samples) frameRequest ??= requestAnimationFrame(draw);
    });
    return () => {
      unsubscribe();
      if (frameRequest !== null) cancelAnimationFrame(frameRequest);
    };
  }, [store, grid, count]);

  return (
    <div ref={boxRef} className={classes.digits}>
      <canvas
        ref={canvasRef}
        role="img"
        aria-label={label}
        width={grid.width}
        height={grid.height}
        style={{ width: grid.width * grid.scale, height: grid.height * grid.scale }}
      />
    </div>
  );
}

/** The shown frame; before there is one, noise. */
function pixelsToShow({ samples }: AppState, count: number): Uint8Array {
  const frame = shownFrame(samples);
  const numPixels = count * IMAGE_SIZE * IMAGE_SIZE;
  // Another batch may have come to the front that this canvas is not laid out for yet.
  return frame && frame.pixels.length === numPixels ? frame.pixels : gaussianNoise(numPixels);
}

let noise = new Uint8Array();

/** What sampling starts from: x_T in [-1, 1], clipped, as gray values. The same at every call. */
function gaussianNoise(numPixels: number): Uint8Array {
  if (noise.length < numPixels) noise = Uint8Array.from({ length: numPixels }, gaussianGray);
  return noise.subarray(0, numPixels);
}

function gaussianGray(): number {
  const radius = Math.sqrt(-2 * Math.log(1 - Math.random()));
  const normal = radius * Math.cos(2 * Math.PI * Math.random());
  return Math.min(255, Math.max(0, Math.round(127.5 * (normal + 1))));
}
