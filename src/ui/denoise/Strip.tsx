import { type ReactNode, useEffect, useRef } from "react";
import { GAP, gridLayout, paintDigits } from "../digitGrid.ts";
import classes from "./PickedDigit.module.css";

export const COLUMNS = 6;
/** In three rows. */
export const NUM_PICTURES = 3 * COLUMNS;
const PITCH = 28 + GAP;

interface StripProps {
  title: string;
  label: string;
  /** `[n, 28, 28]`, one after the other in rows. */
  pixels: Uint8Array;
  /** Room for so many. */
  numPictures: number;
  /** Which of them is marked; -1 is none. */
  here?: number;
  onPick?: (place: number) => void;
  children?: ReactNode;
}

/** A film of one digit, as wide as its column. */
export function Strip(props: StripProps) {
  const { title, label, pixels, numPictures, here = -1, onPick, children } = props;
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const { width, height } = gridLayout(Math.max(1, numPictures), COLUMNS);
  useEffect(() => {
    const context = canvasRef.current?.getContext("2d");
    if (!context) return;
    const image = context.createImageData(width, height);
    paintDigits(image.data, pixels, gridLayout(numPictures, COLUMNS));
    context.putImageData(image, 0, 0);
  }, [pixels, numPictures, width, height]);
  const share = (pixel: number, whole: number) => `${(100 * pixel) / whole}%`;
  return (
    <div className={classes.strip}>
      <div className={classes.stripHead}>
        <h3 className={classes.title}>{title}</h3>
        {children}
      </div>
      <div className={classes.film}>
        <canvas
          ref={canvasRef}
          role="img"
          aria-label={label}
          width={width}
          height={height}
          onClick={({ nativeEvent, currentTarget }) => {
            const pitch = (PITCH * currentTarget.clientWidth) / width;
            const column = Math.min(COLUMNS - 1, Math.floor(nativeEvent.offsetX / pitch));
            onPick?.(Math.floor(nativeEvent.offsetY / pitch) * COLUMNS + column);
          }}
        />
        {here >= 0 && (
          <div
            className={classes.here}
            style={{
              left: share((here % COLUMNS) * PITCH, width),
              top: share(Math.floor(here / COLUMNS) * PITCH, height),
              width: share(28, width),
              height: share(28, height),
            }}
          />
        )}
      </div>
    </div>
  );
}
