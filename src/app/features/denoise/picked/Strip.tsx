import type { ReactNode } from "react";
import { ImageGrid } from "../../../shared/images/ImageGrid.tsx";
import classes from "./PickedDigit.module.css";

/** Pictures of a film of one digit in a row. */
export const COLUMNS = 6;
/** In four rows: all of the 20 steps that are the least in which digits come out well. */
export const NUM_PICTURES = 4 * COLUMNS;

interface StripProps {
  title: string;
  /** Beside the title. */
  note?: string | undefined;
  label: string;
  /** `[n, 28, 28]`, one after the other in rows. */
  pixels: Uint8Array;
  /** Room for so many. */
  numPictures: number;
  /** Which of them is marked; -1 is none. */
  here?: number;
  onPick?: (place: number) => void;
  children?: ReactNode;
}

/** A film of one digit, as wide as its column. */
export function Strip(props: StripProps) {
  const { title, note, label, pixels, numPictures, here = -1, onPick, children } = props;
  const count = Math.max(1, numPictures);
  return (
    <div className={`column ${classes.strip}`}>
      <div className={classes.stripHead}>
        <h3>{title}</h3>
        {note && <span className={classes.note}>{note}</span>}
        {children}
      </div>
      <div className={classes.film}>
        <ImageGrid
          pixels={pixels}
          label={label}
          onPick={onPick}
          count={count}
          columns={COLUMNS}
          marked={here}
        />
      </div>
    </div>
  );
}
