import { useElementSize, useMediaQuery } from "@mantine/hooks";
import { type PointerEvent, useCallback, useEffect, useMemo, useRef } from "react";
import { usePaintedScheme } from "../../shared/images/usePaintedScheme.ts";
import classes from "./PlanePicture.module.css";
import { paintPlane } from "./paintPlane.ts";
import {
  cellAt,
  cellPlace,
  columnOf,
  type PlaneLayout,
  planeLayout,
  scrolledTo,
} from "./planeLayout.ts";
import { useDenoisingAxis, useDrawing, useScrubber, useShown } from "./ScrubberContext.ts";
import type { Shown } from "./scrubber.ts";
import { planeWords } from "./text.ts";

/**
 * The whole plane of the chosen digit: a row for each snapshot, a column for each denoising step.
 * Pointing at a picture shows its step of both, while one points; a click stays there.
 */
export function PlanePicture() {
  const { ref, width, height } = useElementSize();
  // Below the rest, and as high as it needs to be.
  const isBelow = useMediaQuery("(max-width: 940px)");
  const digit = useShown((shown) => shown?.digit ?? 0);
  const numRows = useShown((shown) => shown?.snapshots.length ?? 0);
  const denoising = useDenoisingAxis();
  const { axis } = denoising;
  const layout = useMemo(() => {
    const box = { width, height: isBelow ? Number.POSITIVE_INFINITY : height };
    return planeLayout({ numRows, numColumns: axis, ...box });
  }, [numRows, axis, width, height, isBelow]);
  return (
    <section
      className={`column ${classes.plane}`}
      aria-label={`Whole evolution of sample ${digit + 1}`}
    >
      <h3>
        Sample {digit + 1}, its whole evolution
        <span>{planeWords(layout.columns.length, denoising)}</span>
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
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const cursorRef = useRef<HTMLDivElement>(null);
  /** The row that was last brought into view, and the box then; else one could not scroll away from it. */
  const broughtIntoView = useRef("");
  const snapshots = useShown((shown) => shown?.snapshots);
  const digit = useShown((shown) => shown?.digit ?? 0);
  const denoising = useDenoisingAxis();
  const scheme = usePaintedScheme();
  const scale = window.devicePixelRatio;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the words' color follows the scheme.
  useEffect(() => {
    const canvas = canvasRef.current;
    const context = canvas?.getContext("2d");
    if (!canvas || !context || !snapshots) return;
    const { color, fontFamily } = getComputedStyle(canvas);
    const subject = { snapshots, digit, denoising };
    paintPlane(context, layout, subject, { scale, ink: color, font: fontFamily });
  }, [layout, snapshots, digit, denoising, scale, scheme]);

  const move = useCallback(
    ({ index, frame }: Shown) => {
      const { x, y } = cellPlace(layout, index, columnOf(layout, frame));
      if (cursorRef.current) cursorRef.current.style.translate = `${x}px ${y}px`;
      // Where the pointer is in the plane, nothing may move under it.
      const isPointed = scrubber.position.getState().pointedFrame !== null;
      const box = canvasRef.current?.closest<HTMLElement>("[data-plane]");
      if (!box || isPointed) return;
      const brought = `${index} ${box.offsetWidth} ${box.offsetHeight}`;
      if (broughtIntoView.current === brought) return;
      broughtIntoView.current = brought;
      box.scrollTop = scrolledTo(box, { from: y, to: y + layout.picture });
    },
    [layout, scrubber],
  );
  useDrawing(move);

  const placeOf = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const { row, column } = cellAt(layout, event.clientX - box.left, event.clientY - box.top);
    return { index: row, frame: layout.columns[column] ?? 0 };
  };
  return (
    <div
      className={classes.pictures}
      style={{ width: layout.width, height: layout.height }}
      onPointerMove={(event) => {
        const { index, frame } = placeOf(event);
        const step = snapshots?.[index]?.step;
        if (event.buttons === 1) scrubber.go({ index, frame });
        else if (step !== undefined) scrubber.pointAt({ step, frame });
      }}
      onPointerLeave={() => scrubber.pointAt(null)}
      onPointerDown={(event) => scrubber.go(placeOf(event))}
    >
      <canvas
        ref={canvasRef}
        role="img"
        aria-label={`Sample ${digit + 1}: ${layout.numRows} snapshots, one below the other, each from noise to digit`}
        width={Math.round(layout.width * scale)}
        height={Math.round(layout.height * scale)}
      />
      <div
        ref={cursorRef}
        className={classes.planeCursor}
        style={{ width: layout.picture, height: layout.picture }}
      />
    </div>
  );
}
