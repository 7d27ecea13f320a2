import { type PointerEvent, type ReactNode, useRef } from "react";
import classes from "../Evolution.module.css";
import { percentAlong, pointerPlace, useSideDrag } from "./axisPlaces.ts";

interface AxisSliderProps {
  name: string;
  orientation: "horizontal" | "vertical";
  /** Whole numbers from 0. */
  max: number;
  value: number;
  valueText: string;
  onChange: (value: number) => void;
  /** Marks along it. */
  children?: ReactNode;
}

/**
 * A slider over one axis, in line with the pad: its first value is left or at the top. The view's
 * keys move it (useScrubKeys.ts).
 */
export function AxisSlider(props: AxisSliderProps) {
  const { name, orientation, max, value, valueText, onChange, children } = props;
  const isHorizontal = orientation === "horizontal";
  const thumbRef = useRef<HTMLDivElement>(null);
  const moveTo = (event: PointerEvent<HTMLDivElement>) => {
    const { x, y } = pointerPlace(event);
    onChange(Math.round((isHorizontal ? x : y) * max));
  };
  const drag = useSideDrag(moveTo);
  return (
    <div
      className={classes.slider}
      data-orientation={orientation}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.onPointerDown(event);
        // Prevents selecting text, but also the focus.
        event.preventDefault();
        thumbRef.current?.focus({ preventScroll: true });
      }}
      // A finger on the vertical one does not scroll.
      onPointerMove={(event) => {
        if (isHorizontal) drag.onPointerMove(event);
        else if (event.buttons === 1) moveTo(event);
      }}
      onPointerUp={drag.onPointerUp}
    >
      <div className={classes.track}>
        {children}
        <div
          ref={thumbRef}
          className={classes.thumb}
          style={{ [isHorizontal ? "left" : "top"]: percentAlong(value, max) }}
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
