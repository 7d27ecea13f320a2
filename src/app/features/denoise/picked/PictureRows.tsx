import { Stack } from "@mantine/core";
import type { ComponentProps, ReactNode } from "react";
import { ImageGrid } from "../../../shared/images/ImageGrid.tsx";
import classes from "./PickedDigit.module.css";

export const COLUMNS = 6;
/** Four rows: room for 20 steps, the fewest that give good digits. */
export const NUM_PICTURES = 4 * COLUMNS;

interface PictureRowsProps extends Omit<ComponentProps<typeof ImageGrid>, "columns"> {
  title: string;
  /** Beside the title. */
  note?: string | undefined;
  children?: ReactNode;
}

/** Pictures of one digit in rows, under a title. */
export function PictureRows({ title, note, children, ...pictures }: PictureRowsProps) {
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
