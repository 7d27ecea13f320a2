import type { PointerEvent } from "react";
import classes from "./Inside.module.css";
import { type Pixel, pixelAfterKey, pixelAt, positionOf } from "./pictures.ts";

interface PixelSliderProps {
  pixel: Pixel;
  /** Side of the block's images. */
  size: number;
  onChange: (pixel: Pixel) => void;
}

/** Over a digit: chooses one of the pixels that the block sees, with the pointer or the arrow keys. */
export function PixelSlider({ pixel, size, onChange }: PixelSliderProps) {
  const position = positionOf(pixel, size);
  const [row, column] = [Math.floor(position / size), position % size];
  const follow = ({ currentTarget, clientX, clientY, buttons }: PointerEvent<HTMLDivElement>) => {
    if (buttons !== 1) return;
    const { left, top, width, height } = currentTarget.getBoundingClientRect();
    onChange(pixelAt([(clientX - left) / width, (clientY - top) / height]));
  };
  const percent = (part: number) => `${(100 * part) / size}%`;
  return (
    <div
      className={`over ${classes.pixels}`}
      role="slider"
      tabIndex={0}
      aria-label="Pixel that attends"
      aria-valuemin={0}
      aria-valuemax={size ** 2 - 1}
      aria-valuenow={position}
      aria-valuetext={pixelWords([row, column], size)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        follow(event);
      }}
      onPointerMove={follow}
      onKeyDown={(event) => {
        const to = pixelAfterKey(pixel, event.key, size);
        if (!to) return;
        event.preventDefault();
        onChange(to);
      }}
    >
      <div
        className={classes.pixel}
        style={{
          left: percent(column),
          top: percent(row),
          width: percent(1),
          height: percent(1),
        }}
      />
    </div>
  );
}

function pixelWords([row, column]: readonly [number, number], size: number): string {
  return `row ${row + 1}, column ${column + 1} of ${size}`;
}
