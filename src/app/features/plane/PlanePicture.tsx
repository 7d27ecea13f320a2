import { useComputedColorScheme } from "@mantine/core";
import { type PointerEvent, useEffect, useRef } from "react";
import { PLANE_EDGE } from "../../../engine/data/plane.ts";
import classes from "./Plane.module.css";
import { type PlaneColors, type PlaneScene, paintPlane } from "./planePicture.ts";

/** Pixels of the canvas along each side: sharp on most screens, and in a saved picture. */
const PICTURE_SIZE = 1080;

/**
 * The plane, with a place in it to press.
 *
 * @param props.label says what is seen
 * @param props.onPress gets the place in the plane
 * @param props.onDraw gets one place after the other while the pointer is down, instead; null where nothing is drawn
 */
export function PlanePicture({
  scene,
  label,
  onPress,
  onDraw,
}: {
  scene: PlaneScene;
  label: string;
  onPress: (place: Place) => void;
  onDraw: ((place: Place) => void) | null;
}) {
  const ref = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme();
  useEffect(() => {
    const context = ref.current?.getContext("2d");
    // The colors of the page depend on its scheme.
    void scheme;
    if (context && ref.current) paintPlane(context, PICTURE_SIZE, scene, colorsOf(ref.current));
  }, [scene, scheme]);
  return (
    <canvas
      ref={ref}
      className={classes.picture}
      width={PICTURE_SIZE}
      height={PICTURE_SIZE}
      role="img"
      aria-label={label}
      data-plane
      data-draws={onDraw !== null || undefined}
      onPointerDown={(event) => {
        if (!onDraw) return onPress(placeOf(event));
        event.currentTarget.setPointerCapture(event.pointerId);
        onDraw(placeOf(event));
      }}
      onPointerMove={(event) => {
        // A press that began elsewhere draws nothing.
        const { currentTarget, pointerId } = event;
        if (currentTarget.hasPointerCapture(pointerId)) onDraw?.(placeOf(event));
      }}
    />
  );
}

type Place = readonly [number, number];

/** Where the pointer is in the plane. */
function placeOf({ currentTarget, clientX, clientY }: PointerEvent<HTMLCanvasElement>): Place {
  const { left, top, width, height } = currentTarget.getBoundingClientRect();
  const x = (2 * (clientX - left)) / width - 1;
  const y = 1 - (2 * (clientY - top)) / height;
  return [PLANE_EDGE * x, PLANE_EDGE * y];
}

/** The theme's, as the canvas has to be told them: it knows no `light-dark()` of another element. */
function colorsOf(canvas: HTMLCanvasElement): PlaneColors {
  const probe = document.createElement("span");
  canvas.parentElement?.append(probe);
  const color = (name: string) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const colors: PlaneColors = {
    text: color("--mantine-color-text"),
    ground: color("--panel"),
    data: ["--run-2", "--run-3", "--run-4", "--run-5"].map(color),
    particles: color("--run-1"),
    exact: color("--run-4"),
    more: color("--run-1"),
    fewer: color("--run-2"),
    error: color("--run-5"),
    oneStep: color("--run-4"),
    before: color("--run-6"),
  };
  probe.remove();
  return colors;
}
