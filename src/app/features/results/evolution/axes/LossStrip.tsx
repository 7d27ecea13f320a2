import { type PointerEvent, useCallback, useMemo, useRef } from "react";
import { evenIndices } from "../../../../../engine/config/snapshotSteps.ts";
import { formatCount, formatLoss } from "../../../../../runtime/format.ts";
import { useAppState, useThrottledState } from "../../../../shared/AppContext.ts";
import { DataTable } from "../../../../shared/parts/DataTable.tsx";
import { cursorStep } from "../../../../state/slices/cursor.ts";
import type { AppState } from "../../../../state/state.ts";
import classes from "../Evolution.module.css";
import type { Shown } from "../scrubber.ts";
import { useDrawing, useScrubber, useShown } from "../scrubber.ts";
import { formatAssignmentLoss } from "../text.ts";
import { type LossCurve, lossAt, lossCurve, stepOfPlace } from "../trainingAxis.ts";
import { percentAlong, pointerPlace, useSideDrag } from "./axisPlaces.ts";

const MAX_ROWS = 24;
const INTERVAL_MS = 500;
const NO_STEPS: [] = [];
const selectSteps = ({ run }: AppState) => run?.steps ?? NO_STEPS;

/** The run's smoothed loss, in line with the slider below: pointing at it shows the digits of that step. */
export function LossStrip() {
  const steps = useThrottledState(selectSteps, INTERVAL_MS);
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
      {curve && loss ? (
        <Curve curve={curve} label={formatAssignmentLoss(loss, step)} />
      ) : (
        <div className={classes.loss} />
      )}
      {table}
    </>
  );
}

/** For those who do not see the curve. */
function LossTable({ curve, snapshots }: Pick<Shown, "snapshots"> & { curve: LossCurve }) {
  const rows = evenIndices(snapshots.length, MAX_ROWS).flatMap((index) => snapshots[index] ?? []);
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

function Curve({ curve, label }: { curve: LossCurve; label: string }) {
  const scrubber = useScrubber();
  const snapshots = useShown((shown) => shown.snapshots);
  const lineRef = useRef<HTMLDivElement>(null);
  const move = useCallback(({ index, snapshots }: Shown) => {
    if (lineRef.current) lineRef.current.style.left = percentAlong(index, snapshots.length - 1);
  }, []);
  useDrawing(move);

  const stepAt = (event: PointerEvent<HTMLDivElement>) =>
    stepOfPlace(snapshots, pointerPlace(event, 0).x * (snapshots.length - 1));
  const drag = useSideDrag((event) => scrubber.holdAt(stepAt(event)));
  return (
    <div
      className={classes.loss}
      role="img"
      aria-label={label}
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
