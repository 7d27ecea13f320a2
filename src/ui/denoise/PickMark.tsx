import { IMAGE_SIZE } from "../../config/hyperparameters.ts";
import { GAP, type GridLayout } from "../digitGrid.ts";
import { useDenoiseState } from "./DenoiseContext.ts";
import classes from "./Stage.module.css";

const PITCH = IMAGE_SIZE + GAP;

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
        width: IMAGE_SIZE * scale,
        height: IMAGE_SIZE * scale,
      }}
    />
  );
}
