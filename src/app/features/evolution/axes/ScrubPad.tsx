import { useElementSize } from "@mantine/hooks";
import { type PointerEvent, useCallback, useEffect, useMemo, useRef } from "react";
import { IMAGE_SIZE } from "../../../../engine/config/hyperparameters.ts";
import { gridLayout } from "../../../shared/images/digitGrid.ts";
import { imagePainter } from "../../../shared/images/ImageGrid.tsx";
import { usePaintedScheme } from "../../../shared/images/usePaintedScheme.ts";
import { digitOnAxis } from "../film.ts";
import { paintPictures } from "../paintPictures.ts";
import { useDrawing, useScrubber, useShown } from "../ScrubberContext.ts";
import type { Shown } from "../scrubber.ts";
import { type PadLayout, padLayout, padPlaceAt } from "./padLayout.ts";
import classes from "./ScrubPad.module.css";

/**
 * Both axes at once: training across, denoising down. Its pictures are of the chosen digit, from a
 * part of the places. The sliders along it do the same with the keyboard.
 */
export function ScrubPad() {
  const scrubber = useScrubber();
  const { ref, width, height } = useElementSize();
  const numSnapshots = useShown((shown) => shown?.snapshots.length ?? 0);
  const axis = useShown((shown) => shown?.axis ?? 1);
  const layout = useMemo(
    () => padLayout({ numSnapshots, axis, width, height }),
    [numSnapshots, axis, width, height],
  );
  const cursorRef = useRef<HTMLDivElement>(null);
  const lineRef = useRef<HTMLDivElement>(null);
  const pictureRef = useRef<HTMLCanvasElement>(null);
  const move = useCallback(
    (shown: Shown) => {
      const { x, y } = layout.placeOf(shown.index, shown.frame);
      if (cursorRef.current) cursorRef.current.style.translate = `${x}px ${y}px`;
      if (lineRef.current) lineRef.current.style.translate = `${x}px 0`;
      if (!pictureRef.current) return;
      imagePainter(pictureRef.current, PICTURE)(digitOnAxis(shown.snapshot, shown));
    },
    [layout],
  );
  useDrawing(move);

  const onPointer = (event: PointerEvent<HTMLDivElement>) => {
    if (event.buttons !== 1) return;
    const box = event.currentTarget.getBoundingClientRect();
    scrubber.go(padPlaceAt(layout, event.clientX - box.left, event.clientY - box.top));
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
      <PadPictures layout={layout} />
      <div ref={lineRef} className={classes.padLine} />
      <div ref={cursorRef} className={classes.padCursor} aria-hidden="true">
        <canvas ref={pictureRef} width={IMAGE_SIZE} height={IMAGE_SIZE} />
      </div>
    </div>
  );
}

function PadPictures({ layout }: { layout: PadLayout }) {
  const snapshots = useShown((shown) => shown?.snapshots);
  const digit = useShown((shown) => shown?.digit ?? 0);
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const scheme = usePaintedScheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the lines' color follows the scheme.
  useEffect(() => {
    const context = canvasRef.current?.getContext("2d");
    if (!context || !snapshots) return;
    const { width, height, cell, axis } = layout;
    context.setTransform(SCALE, 0, 0, SCALE, 0, 0);
    context.clearRect(0, 0, width, height);
    context.fillStyle = getComputedStyle(context.canvas).color;
    for (const y of new Set(layout.pictures.map((each) => each.y))) {
      context.fillRect(0, y - 0.5, width, 1);
    }
    const pictures = layout.pictures.flatMap(({ index, frame, x, y }) => {
      const snapshot = snapshots[index];
      if (!snapshot) return [];
      const pixels = digitOnAxis(snapshot, { frame, axis, digit });
      return [{ pixels, x: x - cell / 2, y: y - cell / 2 }];
    });
    paintPictures(context, pictures, cell);
  }, [layout, snapshots, digit, scheme]);
  return (
    <canvas
      ref={canvasRef}
      role="img"
      aria-label={`Sample ${digit + 1}, training across, denoising down`}
      width={Math.round(layout.width * SCALE)}
      height={Math.round(layout.height * SCALE)}
    />
  );
}

const SCALE = window.devicePixelRatio;
const PICTURE = gridLayout(1, 1);
