import { GAP, type GridLayout } from "../digitGrid.ts";
import { useDenoiseState } from "./DenoiseContext.ts";
import classes from "./Stage.module.css";

const PITCH = 28 + GAP;

/** A frame around the digit that is looked at closely. */
export function PickMark({ grid }: { grid: GridLayout & { scale: number } }) {
  const picked = useDenoiseState((state) => state.picked);
  const { columns, scale } = grid;
  return (
    <div
      className={classes.mark}
      style={{
        left: (picked % columns) * PITCH * scale,
        top: Math.floor(picked / columns) * PITCH * scale,
        width: 28 * scale,
        height: 28 * scale,
      }}
    />
  );
}
