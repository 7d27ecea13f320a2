import { Text } from "@mantine/core";
import { useElementSize, useMediaQuery } from "@mantine/hooks";
import { type PointerEvent, useCallback, useMemo, useRef } from "react";
import classes from "./Evolution.module.css";
import { PaintedCanvas } from "./PaintedCanvas.tsx";
import { paintPlane } from "./paintPlane.ts";
import { cellAt, cellPlace, columnOf, type PlaneLayout, planeLayout } from "./planeLayout.ts";
import {
  type Shown,
  sampleWords,
  useAxisDenoising,
  useClassRows,
  useDrawing,
  useScrubber,
  useShown,
} from "./scrubber.ts";

import { planePictureWords, planeWords } from "./text.ts";

/**
 * The whole plane of the chosen digit: a row for each snapshot, a column for each denoising step.
 * Pointing at a picture shows it until the pointer leaves; a click stays there.
 */
export function PlanePicture() {
  const { ref, width, height } = useElementSize();
  // On a phone it stands below the rest, as high as it needs to be.
  const isBelow = useMediaQuery("(max-width: 940px)");
  const digit = useShown((shown) => shown.digit);
  const numRows = useShown((shown) => shown.snapshots.length);
  const denoising = useAxisDenoising();
  const { numFrames } = denoising;
  const layout = useMemo(() => {
    const box = { width, height: isBelow ? Number.POSITIVE_INFINITY : height };
    return planeLayout({ numRows, numColumns: numFrames, ...box });
  }, [numRows, numFrames, width, height, isBelow]);
  return (
    <section
      className="column"
      style={{ gridArea: "plane", minHeight: 0, gap: 4 }}
      aria-label={`Whole evolution of sample ${digit + 1}`}
    >
      <h3>
        {sampleWords(digit, useClassRows())}, its whole evolution{" "}
        <Text span inherit fw={400} c="dimmed">
          {planeWords(layout.columns.length, denoising)}
        </Text>
      </h3>
      {/* What scrolls must be reached by key. */}
      <div
        ref={ref}
        className={classes.planeBox}
        data-plane
        tabIndex={layout.height > height ? 0 : undefined}
      >
        {width > 0 && <Pictures layout={layout} />}
      </div>
    </section>
  );
}

function Pictures({ layout }: { layout: PlaneLayout }) {
  const scrubber = useScrubber();
  const cursorRef = useRef<HTMLDivElement>(null);
  /** The row that was last scrolled into view, and the size of the box then; else nobody could scroll away from it. */
  const broughtIntoView = useRef("");
  const snapshots = useShown((shown) => shown.snapshots);
  const digit = useShown((shown) => shown.digit);
  const denoising = useAxisDenoising();
  const paint = useCallback(
    (context: CanvasRenderingContext2D) =>
      paintPlane(context, layout, { snapshots, digit, denoising }),
    [layout, snapshots, digit, denoising],
  );

  const move = useCallback(
    ({ index, frame }: Shown) => {
      const cursor = cursorRef.current;
      const box = cursor?.closest("[data-plane]");
      if (!cursor || !box) return;
      const { x, y } = cellPlace(layout, index, columnOf(layout, frame));
      cursor.style.translate = `${x}px ${y}px`;
      // Nothing may move under the pointer.
      if (scrubber.position.getState().pointedFrame !== null) return;
      const brought = `${index} ${box.clientWidth} ${box.clientHeight}`;
      if (broughtIntoView.current === brought) return;
      broughtIntoView.current = brought;
      // Not `scrollIntoView`, which would scroll the page as well.
      const least = y + layout.picture - box.clientHeight;
      box.scrollTop = Math.max(least, Math.min(box.scrollTop, y));
    },
    [layout, scrubber],
  );
  useDrawing(move);

  const placeOf = ({ currentTarget, clientX, clientY }: PointerEvent<HTMLDivElement>) => {
    const { left, top } = currentTarget.getBoundingClientRect();
    const { row, column } = cellAt(layout, clientX - left, clientY - top);
    return { index: row, frame: layout.columns[column] ?? 0 };
  };
  return (
    <div
      className={classes.pictures}
      style={{ width: layout.width, height: layout.height }}
      onPointerMove={(event) => {
        const { index, frame } = placeOf(event);
        const step = snapshots[index]?.step;
        if (event.buttons === 1) scrubber.go({ index, frame });
        else if (step !== undefined) scrubber.pointAt({ step, frame });
      }}
      onPointerLeave={() => scrubber.pointAt(null)}
      onPointerDown={(event) => scrubber.go(placeOf(event))}
    >
      <PaintedCanvas
        label={planePictureWords(digit, layout.numRows)}
        width={layout.width}
        height={layout.height}
        paint={paint}
      />
      <div
        ref={cursorRef}
        className={classes.planeCursor}
        style={{ width: layout.picture, height: layout.picture }}
      />
    </div>
  );
}
