/**
 * The controls to go through the evolution, one below the other and in line: the pad has both axes,
 * the curve of the loss and the slider have training alone. A slider over denoising stands beside the
 * digits (`DigitStage.tsx`).
 */
import { Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { type PointerEvent, type ReactNode, useCallback, useMemo, useRef } from "react";
import { evenIndices } from "../../../../engine/config/snapshotSteps.ts";
import { epochWord, formatCount, formatLoss } from "../../../../runtime/format.ts";
import { useAppState, useThrottledState } from "../../../shared/AppContext.ts";
import { ImageGrid } from "../../../shared/images/ImageGrid.tsx";
import { DataTable } from "../../../shared/parts/DataTable.tsx";
import { cursorStep } from "../../../state/slices/cursor.ts";
import type { AppState } from "../../../state/state.ts";
import { digitOnAxis } from "./denoisingAxis.ts";
import classes from "./Evolution.module.css";
import { PaintedCanvas, paintPictures } from "./PlanePicture.tsx";
import {
  runSettings,
  type Shown,
  useDrawing,
  useNounOfRun,
  useScrubber,
  useShown,
  useWords,
} from "./scrubber.ts";
import { type LossCurve, lossAt, lossCurve, stepOfPlace, trainingTicks } from "./trainingAxis.ts";

export function Axes() {
  const digit = useShown((shown) => shown.digit);
  const noun = useNounOfRun();
  return (
    <div className={classes.axes}>
      <div className={`column ${classes.gutter}`}>
        <span>noise</span>
        <span>sample {digit + 1}</span>
        <span>{noun}s</span>
      </div>
      <ScrubPad />
      <LossStrip />
      <TrainingSlider />
      <Text size="xs" c="dimmed" lh={1.2} mt={-4} style={{ gridColumn: 2 }}>
        Evenly spaced by snapshot, not by step: early snapshots are fewer steps apart, because the{" "}
        {noun}s change faster then.
      </Text>
    </div>
  );
}

/**
 * Both axes at once: training across, denoising down. Its pictures are of the chosen digit, from a
 * part of the places. The sliders along it do the same with the keyboard.
 */
function ScrubPad() {
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

  const onPointer = (event: DragEvent) => {
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
      <PaintedCanvas
        label={`Sample ${digit + 1}, training across, denoising down`}
        width={width}
        height={height}
        paint={paint}
      />
      <div className={classes.padPlaces} aria-hidden="true">
        <div ref={lineRef} className={classes.padLine} />
        <div ref={cursorRef} className={classes.padCursor}>
          <ImageGrid pixels={scrubber.digitPixels} subscribe={scrubber.subscribe} />
        </div>
      </div>
    </div>
  );
}

const LOSS_INTERVAL_MS = 500;
const MAX_TABLE_ROWS = 24;
const NONE: [] = [];
const selectSteps = ({ run }: AppState) => run?.steps ?? NONE;

/** The run's smoothed loss, in line with the slider below: pointing at it shows the digits of that step. */
function LossStrip() {
  const steps = useThrottledState(selectSteps, LOSS_INTERVAL_MS);
  const snapshots = useShown((shown) => shown.snapshots);
  const curve = useMemo(() => lossCurve(steps, snapshots), [steps, snapshots]);
  // The step pointed at in any chart, else that of the snapshot.
  const pointed = useAppState(cursorStep);
  const step = useShown((shown) => pointed ?? shown.snapshot.step);
  const loss = curve && formatLoss(lossAt(curve, step));
  const table = useMemo(
    () => curve && <LossTable curve={curve} snapshots={snapshots} />,
    [curve, snapshots],
  );
  return (
    <>
      <div className={`column ${classes.gutter}`}>
        <span>loss</span>
        <span className={classes.figure}>{loss}</span>
      </div>
      {curve ? (
        <Curve curve={curve} label={`Loss, smoothed: ${loss} at step ${formatCount(step)}`} />
      ) : (
        <div className={classes.loss} />
      )}
      {table}
    </>
  );
}

function Curve({ curve, label }: { curve: LossCurve; label: string }) {
  const scrubber = useScrubber();
  const snapshots = useShown((shown) => shown.snapshots);
  const lineRef = useRef<HTMLDivElement>(null);
  const move = useCallback(({ index, snapshots }: Shown) => {
    if (lineRef.current) lineRef.current.style.left = percentAlong(index, snapshots.length - 1);
  }, []);
  useDrawing(move);

  const stepAt = (event: DragEvent) =>
    stepOfPlace(snapshots, pointerPlace(event, 0).x * (snapshots.length - 1));
  const drag = useSideDrag((event) => scrubber.holdAt(stepAt(event)));
  return (
    <div
      className={classes.loss}
      role="img"
      aria-label={label}
      {...drag}
      onPointerMove={(event) => {
        if (event.buttons === 0) scrubber.pointAt({ step: stepAt(event) });
        else drag.onPointerMove(event);
      }}
      onPointerLeave={() => scrubber.pointAt(null)}
    >
      <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
        <polyline points={curve.points.map((point) => point.join()).join(" ")} />
      </svg>
      <div ref={lineRef} className={classes.lossLine} />
    </div>
  );
}

/** For those who do not see the curve. */
function LossTable({ curve, snapshots }: Pick<Shown, "snapshots"> & { curve: LossCurve }) {
  const rows = evenIndices(snapshots.length, MAX_TABLE_ROWS).flatMap(
    (index) => snapshots[index] ?? [],
  );
  return (
    <div className="visuallyHidden">
      <DataTable
        caption="Loss at the snapshots, smoothed"
        columns={["Step", "Loss"]}
        rows={rows.map(({ step }) => [
          formatCount(step),
          step === 0 ? "–" : formatLoss(lossAt(curve, step)),
        ])}
      />
    </div>
  );
}

/** Over all snapshots, evenly spaced, with marks where epochs ended. */
function TrainingSlider() {
  const scrubber = useScrubber();
  const { ref, width } = useElementSize();
  const snapshots = useShown((shown) => shown.snapshots);
  const epochs = useAppState(({ run }) => run?.epochs ?? NONE);
  const word = useAppState((state) => epochWord(runSettings(state).config));
  const index = useShown((shown) => shown.index);
  const { training } = useWords();
  const max = snapshots.length - 1;
  const { unit, ticks } = useMemo(
    () => trainingTicks(snapshots, epochs, width),
    [snapshots, epochs, width],
  );
  return (
    <>
      <div className={`column ${classes.gutter}`}>
        <span>training</span>
        <span className={classes.figure}>{unit === "epoch" ? word : unit}</span>
      </div>
      <div ref={ref}>
        <AxisSlider
          name="Training"
          orientation="horizontal"
          max={max}
          value={index}
          valueText={training}
          onChange={(next) => scrubber.go({ index: next })}
        >
          {ticks.map((tick) => (
            <span
              key={tick.index}
              className={classes.tick}
              style={{ left: percentAlong(tick.index, max) }}
            >
              {tick.label}
            </span>
          ))}
        </AxisSlider>
      </div>
    </>
  );
}

/**
 * A slider over one axis, in line with the pad: its first value is left or at the top. The view's
 * keys move it (`useKeys` in `EvolutionView.tsx`).
 */
export function AxisSlider(props: {
  name: string;
  orientation: "horizontal" | "vertical";
  /** Whole numbers from 0. */
  max: number;
  value: number;
  valueText: string;
  onChange: (value: number) => void;
  /** Marks along it. */
  children?: ReactNode;
}) {
  const { name, orientation, max, value, valueText, onChange, children } = props;
  const isHorizontal = orientation === "horizontal";
  const thumbRef = useRef<HTMLDivElement>(null);
  const moveTo = (event: DragEvent) => {
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

type DragEvent = PointerEvent<HTMLDivElement>;

/** From the edges of the pad and the sliders to their first and last places, in CSS pixels; as in the style sheet. */
const INSET = 14;
const GAP = 2;

/** Side of a picture of the pad, in CSS pixels. */
export const PICTURE = 2 * INSET - GAP;

/**
 * Where the pointer is across and down in the element, from 0 to 1.
 *
 * @param inset of 0 and 1 from its edges, in CSS pixels
 */
function pointerPlace({ currentTarget, clientX, clientY }: DragEvent, inset = INSET) {
  const { left, top, width, height } = currentTarget.getBoundingClientRect();
  const along = (at: number, side: number) =>
    Math.min(1, Math.max(0, (at - inset) / Math.max(1, side - 2 * inset)));
  return { x: along(clientX - left, width), y: along(clientY - top, height) };
}

/** Position of a whole number from 0 to `max` between the insets; where `max` is 0, the end. */
function percentAlong(value: number, max: number): string {
  return `${max > 0 ? (100 * value) / max : 100}%`;
}

/**
 * As many places of an axis as there is room for pictures, evenly chosen, and the centers of their
 * pictures along a side of the pad, in CSS pixels.
 */
export function evenPlaces(count: number, side: number): { index: number; at: number }[] {
  const most = Math.max(1, Math.floor((side + GAP) / (PICTURE + GAP)));
  const indices = evenIndices(count, most);
  const between = Math.max(0, side - 2 * INSET) / Math.max(1, indices.length - 1);
  const first = indices.length > 1 ? INSET : Math.max(INSET, side - INSET);
  return indices.map((index, i) => ({ index, at: first + i * between }));
}

/**
 * Pressing and dragging, where a finger that moves up or down scrolls the page: a finger has no effect
 * until it moves sideways or is lifted. The browser cancels the pointer of one that scrolls.
 */
function useSideDrag(moveTo: (event: DragEvent) => void) {
  const startRef = useRef({ x: 0, y: 0 });
  const mayScroll = ({ pointerType, clientX, clientY }: DragEvent) => {
    const { x, y } = startRef.current;
    return pointerType === "touch" && Math.abs(clientX - x) <= Math.abs(clientY - y);
  };
  return {
    onPointerDown: (event: DragEvent) => {
      startRef.current = { x: event.clientX, y: event.clientY };
      if (event.pointerType !== "touch") moveTo(event);
    },
    onPointerMove: (event: DragEvent) => {
      if (event.buttons === 1 && !mayScroll(event)) moveTo(event);
    },
    onPointerUp: (event: DragEvent) => {
      if (event.pointerType === "touch") moveTo(event);
    },
  };
}
