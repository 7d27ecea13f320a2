import { type PointerEvent, useCallback, useMemo, useRef } from "react";
import { evenIndices } from "../../../../engine/config/snapshotSteps.ts";
import { formatCount, formatLoss } from "../../../../runtime/format.ts";
import { useAppState, useThrottledState } from "../../../shared/AppContext.ts";
import { cursorStep } from "../../../state/slices/cursor.ts";
import type { AppState } from "../../../state/state.ts";
import { useDrawing, useScrubber, useShown } from "../ScrubberContext.ts";
import type { Shown } from "../scrubber.ts";
import axes from "./Axes.module.css";
import classes from "./LossStrip.module.css";
import { type LossStripCurve, lossAt, lossStripCurve, stepOfPlace } from "./lossStrip.ts";
import { useSideDrag } from "./useSideDrag.ts";

const MAX_ROWS = 24;
const INTERVAL_MS = 500;
const NO_STEPS: [] = [];
const NO_SNAPSHOTS: [] = [];
const selectSteps = ({ run }: AppState) => run?.steps ?? NO_STEPS;

/** The run's smoothed loss, in line with the slider below: pointing at it shows the digits of that step. */
export function LossStrip() {
  const steps = useThrottledState(selectSteps, INTERVAL_MS);
  const snapshots = useShown((shown) => shown?.snapshots ?? NO_SNAPSHOTS);
  const curve = useMemo(() => lossStripCurve(steps, snapshots), [steps, snapshots]);
  return (
    <>
      <div className={`column ${axes.gutter}`}>
        <span>loss</span>
        {curve && <LossValue curve={curve} />}
      </div>
      {curve ? <Curve curve={curve} /> : <div className={classes.loss} />}
      {curve && <LossTable curve={curve} snapshots={snapshots} />}
    </>
  );
}

function LossValue({ curve }: { curve: LossStripCurve }) {
  const step = useShownStep();
  return <span className={axes.figure}>{formatLoss(lossAt(curve, step))}</span>;
}

interface LossTableProps {
  curve: LossStripCurve;
  snapshots: Shown["snapshots"];
}

/** The curve in numbers, for those who do not see it. */
function LossTable({ curve, snapshots }: LossTableProps) {
  const rows = evenIndices(snapshots.length, MAX_ROWS).flatMap((index) => snapshots[index] ?? []);
  return (
    <div className="visuallyHidden">
      <table>
        <caption>Loss at the snapshots, smoothed</caption>
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">Loss</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ step }) => (
            <tr key={step}>
              <th scope="row">{formatCount(step)}</th>
              <td>{step === 0 ? "–" : formatLoss(lossAt(curve, step))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Where somebody points, else the step of the snapshot. */
function useShownStep(): number {
  const marked = useAppState(cursorStep);
  const step = useShown((shown) => shown?.snapshot.step ?? 0);
  return marked ?? step;
}

function Curve({ curve }: { curve: LossStripCurve }) {
  const scrubber = useScrubber();
  const lineRef = useRef<HTMLDivElement>(null);
  const step = useShownStep();
  const move = useCallback(({ index, snapshots }: Shown) => {
    const percent = (100 * index) / (snapshots.length - 1);
    if (lineRef.current) lineRef.current.style.left = `${percent}%`;
  }, []);
  useDrawing(move);

  const stepAt = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const snapshots = scrubber.shown()?.snapshots ?? [];
    const along = (event.clientX - box.left) / box.width;
    return stepOfPlace(snapshots, along * (snapshots.length - 1));
  };
  const drag = useSideDrag((event) => scrubber.holdAt(stepAt(event)));
  return (
    <div
      className={classes.loss}
      role="img"
      aria-label={`Loss, smoothed: ${formatLoss(lossAt(curve, step))} at step ${formatCount(step)}`}
      onPointerDown={drag.onPointerDown}
      onPointerMove={(event) => {
        if (event.buttons === 0) scrubber.pointAt({ step: stepAt(event) });
        else drag.onPointerMove(event);
      }}
      onPointerUp={drag.onPointerUp}
      onPointerLeave={() => scrubber.pointAt(null)}
    >
      <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
        <polyline points={curve.points.map((point) => point.join()).join(" ")} />
      </svg>
      <div ref={lineRef} className={classes.lossLine} />
    </div>
  );
}
