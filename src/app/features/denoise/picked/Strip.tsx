import { Stack } from "@mantine/core";
import type { ComponentProps, ReactNode } from "react";
import { ImageGrid } from "../../../shared/images/ImageGrid.tsx";
import classes from "./PickedDigit.module.css";

/** Pictures of a film of one digit in a row. */
export const COLUMNS = 6;
/** In four rows: all of the 20 steps that are the least in which digits come out well. */
export const NUM_PICTURES = 4 * COLUMNS;

interface StripProps extends Omit<ComponentProps<typeof ImageGrid>, "columns"> {
  title: string;
  /** Beside the title. */
  note?: string | undefined;
  children?: ReactNode;
}

/** A film of one digit, as wide as its column. */
export function Strip({ title, note, children, ...pictures }: StripProps) {
  return (
    <Stack gap={4} flex="none" fz="xs">
      <div className={classes.stripHead}>
        <h3>{title}</h3>
        {note && <span className={classes.note}>{note}</span>}
        {children}
      </div>
      <div style={{ position: "relative" }}>
        <ImageGrid {...pictures} columns={COLUMNS} />
      </div>
    </Stack>
  );
}
