import { type PointerEvent, useCallback } from "react";
import { ImageGrid } from "../../../shared/images/ImageGrid.tsx";
import type { Side } from "../state/denoiseSettings.ts";
import { BLANK } from "../state/drawing.ts";
import { nearestPlace, type PlanePoint, pointAfterKey, pointAt, shareAt } from "../state/plane.ts";
import { pointWords } from "../text.ts";
import { useDenoise, useDenoiseState } from "../useDenoise.ts";
import classes from "./Stage.module.css";

/** Over the grid of a plane: the digit at the pointer, between those of the grid. */
export function PlanePointer({ side }: { side: Side }) {
  const { store, pointTo } = useDenoise();
  const at = useDenoiseState(({ point }) => point.at);
  const isHere = useDenoiseState(({ point }) => point.side === side);
  const hasDigit = useDenoiseState(({ pointed }) => pointed !== null);
  const pixels = useCallback(() => store.getState().pointed ?? BLANK, [store]);

  const move = (to: PlanePoint) => pointTo({ side, at: to });
  const follow = ({ currentTarget, clientX, clientY }: PointerEvent<HTMLDivElement>) => {
    const { left, top, width, height } = currentTarget.getBoundingClientRect();
    move(pointAt([(clientX - left) / width, (clientY - top) / height]));
  };
  const [left, top] = shareAt(at).map((share) => `${100 * share}%`);
  return (
    <div
      className={`over ${classes.plane}`}
      role="slider"
      tabIndex={0}
      aria-label="Place in the plane"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(100 * at[0])}
      aria-valuetext={pointWords(at)}
      onPointerDown={(event) => {
        // A finger that leaves the plane goes on moving it.
        event.currentTarget.setPointerCapture(event.pointerId);
        follow(event);
      }}
      onPointerMove={follow}
      onClick={() => store.setState(({ point }) => ({ picked: nearestPlace(point.at) }))}
      onKeyDown={(event) => {
        const to = pointAfterKey(at, event);
        if (!to) return;
        // The keys of the view are for the steps.
        event.preventDefault();
        move(to);
      }}
    >
      {isHere && hasDigit && (
        <div className={classes.lens} style={{ left, top }}>
          <ImageGrid
            pixels={pixels}
            subscribe={store.subscribe}
            label={`The digit ${pointWords(at)}`}
          />
        </div>
      )}
    </div>
  );
}
