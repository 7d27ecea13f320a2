import { useElementSize } from "@mantine/hooks";
import { type PointerEvent, useCallback, useRef } from "react";
import { ImageGrid } from "../../../../shared/images/ImageGrid.tsx";
import { digitOnAxis } from "../denoisingAxis.ts";
import classes from "../Evolution.module.css";
import { PaintedCanvas } from "../PaintedCanvas.tsx";
import { paintPictures } from "../paintPictures.ts";
import type { Shown } from "../scrubber.ts";
import { useDrawing, useScrubber, useShown } from "../scrubber.ts";
import { padWords } from "../text.ts";
import { evenPlaces, PICTURE, percentAlong, pointerPlace } from "./axisPlaces.ts";

/**
 * Both axes at once: training across, denoising down. Its pictures are of the chosen digit, from a
 * part of the places. The sliders along it do the same with the keyboard.
 */
export function ScrubPad() {
  const scrubber = useScrubber();
  const { ref, width, height } = useElementSize();
  const snapshots = useShown((shown) => shown.snapshots);
  const axis = useShown((shown) => shown.axis);
  const digit = useShown((shown) => shown.digit);
  const cursorRef = useRef<HTMLDivElement>(null);
  const lineRef = useRef<HTMLDivElement>(null);
  const move = useCallback((shown: Shown) => {
    const left = percentAlong(shown.index, shown.snapshots.length - 1);
    const top = percentAlong(shown.frame, shown.axis - 1);
    if (cursorRef.current) Object.assign(cursorRef.current.style, { left, top });
    if (lineRef.current) lineRef.current.style.left = left;
  }, []);
  useDrawing(move);
  const paint = useCallback(
    (context: CanvasRenderingContext2D) => {
      const columns = evenPlaces(snapshots.length, width);
      const rows = evenPlaces(axis, height);
      for (const { at } of rows) context.fillRect(0, at - 0.5, width, 1);
      const pictures = rows.flatMap((row) =>
        columns.flatMap((column) => {
          const snapshot = snapshots[column.index];
          if (!snapshot) return [];
          const pixels = digitOnAxis(snapshot, { frame: row.index, axis, digit });
          return [{ pixels, x: column.at - PICTURE / 2, y: row.at - PICTURE / 2 }];
        }),
      );
      paintPictures(context, pictures, PICTURE);
    },
    [snapshots, axis, digit, width, height],
  );

  const onPointer = (event: PointerEvent<HTMLDivElement>) => {
    if (event.buttons !== 1) return;
    const { x, y } = pointerPlace(event);
    scrubber.go({
      index: Math.round(x * (snapshots.length - 1)),
      frame: Math.round(y * (axis - 1)),
    });
  };
  return (
    <div
      ref={ref}
      className={classes.pad}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        onPointer(event);
      }}
      onPointerMove={onPointer}
    >
      <PaintedCanvas label={padWords(digit)} width={width} height={height} paint={paint} />
      <div className={classes.padPlaces} aria-hidden="true">
        <div ref={lineRef} className={classes.padLine} />
        <div ref={cursorRef} className={classes.padCursor}>
          <ImageGrid pixels={scrubber.digitPixels} subscribe={scrubber.subscribe} />
        </div>
      </div>
    </div>
  );
}
