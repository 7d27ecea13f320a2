import { type PointerEvent, type ReactNode, useRef } from "react";
import classes from "./AxisSlider.module.css";
import { useSideDrag } from "./useSideDrag.ts";

interface AxisSliderProps {
  name: string;
  orientation: "horizontal" | "vertical";
  /** Whole numbers from 0. */
  max: number;
  value: number;
  valueText: string;
  onChange: (value: number) => void;
  /** Marks along it, each at its own `placeAlong`. */
  children?: ReactNode;
}

/**
 * A slider over one axis, in line with the pad: its first value is left or at the top. The view's
 * keys move it (useScrubKeys.ts).
 */
export function AxisSlider(props: AxisSliderProps) {
  const { name, orientation, max, value, valueText, onChange, children } = props;
  const trackRef = useRef<HTMLDivElement>(null);
  const thumbRef = useRef<HTMLDivElement>(null);
  const moveTo = (event: PointerEvent<HTMLDivElement>) => {
    const track = trackRef.current?.getBoundingClientRect();
    if (!track) return;
    const along =
      orientation === "horizontal"
        ? (event.clientX - track.left) / track.width
        : (event.clientY - track.top) / track.height;
    onChange(Math.round(Math.min(1, Math.max(0, along)) * max));
  };
  const drag = useSideDrag(moveTo);
  return (
    <div
      className={classes.slider}
      data-orientation={orientation}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.onPointerDown(event);
        // Not to select text; then the focus must be given by hand.
        event.preventDefault();
        thumbRef.current?.focus({ preventScroll: true });
      }}
      // Along the vertical one no finger scrolls.
      onPointerMove={(event) => {
        if (orientation === "horizontal") drag.onPointerMove(event);
        else if (event.buttons === 1) moveTo(event);
      }}
      onPointerUp={drag.onPointerUp}
    >
      <div ref={trackRef} className={classes.track}>
        {children}
        <div
          ref={thumbRef}
          className={classes.thumb}
          style={placeAlong(value, max, orientation)}
          role="slider"
          tabIndex={0}
          aria-label={name}
          aria-orientation={orientation}
          aria-valuemin={0}
          aria-valuemax={max}
          aria-valuenow={value}
          aria-valuetext={valueText}
        />
      </div>
    </div>
  );
}

/** Where a value lies on the track. */
export function placeAlong(value: number, max: number, orientation: "horizontal" | "vertical") {
  const percent = `${max > 0 ? (100 * value) / max : 100}%`;
  return orientation === "horizontal" ? { left: percent } : { top: percent };
}
