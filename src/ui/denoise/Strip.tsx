import type { ReactNode } from "react";
import { IMAGE_SIZE } from "../../config/hyperparameters.ts";
import { DigitsImage } from "../DigitsImage.tsx";
import { GAP, gridLayout } from "../digitGrid.ts";
import { COLUMNS } from "./filmSize.ts";
import classes from "./PickedDigit.module.css";

const PITCH = IMAGE_SIZE + GAP;

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
  const { width, height } = gridLayout(count, COLUMNS);
  const share = (pixel: number, whole: number) => `${(100 * pixel) / whole}%`;
  return (
    <div className={classes.strip}>
      <div className={classes.stripHead}>
        <h3 className={classes.title}>{title}</h3>
        {note && <span className={classes.note}>{note}</span>}
        {children}
      </div>
      <div className={classes.film}>
        <DigitsImage
          {...{ pixels, count, label }}
          columns={COLUMNS}
          onClick={({ nativeEvent, currentTarget }) => {
            const pitch = (PITCH * currentTarget.clientWidth) / width;
            const column = Math.min(COLUMNS - 1, Math.floor(nativeEvent.offsetX / pitch));
            onPick?.(Math.floor(nativeEvent.offsetY / pitch) * COLUMNS + column);
          }}
        />
        {here >= 0 && (
          <div
            className={classes.here}
            style={{
              left: share((here % COLUMNS) * PITCH, width),
              top: share(Math.floor(here / COLUMNS) * PITCH, height),
              width: share(IMAGE_SIZE, width),
              height: share(IMAGE_SIZE, height),
            }}
          />
        )}
      </div>
    </div>
  );
}
