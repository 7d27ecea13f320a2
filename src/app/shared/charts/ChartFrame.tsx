import { Group, Text } from "@mantine/core";
import { type ReactNode, useId, useRef, useState } from "react";
import { Explain, type ExplainProps } from "../explain/Explain.tsx";
import { DataTable } from "../parts/DataTable.tsx";
import { ModalDialog } from "../parts/ModalDialog.tsx";
import classes from "./ChartCard.module.css";
import { ChartMenu, type ChartMenuProps } from "./ChartMenu.tsx";

/** A chart in numbers, for those who do not see it. */
export interface ChartNumbers {
  columns: string[];
  /** The first field of each is its heading. */
  rows: string[][];
  /** What is left out. */
  hint?: string | null;
}

export interface ChartFrameProps {
  title: string;
  /** Beside the title, in small letters. */
  detail?: ReactNode;
  note?: ExplainProps["note"] | undefined;
  size?: "large" | "small";
  className?: string | undefined;
  /** Before the menu. */
  end?: ReactNode;
  /** Left out where there is nothing to save. */
  files?: Pick<ChartMenuProps, "name" | "isEmpty" | "csv" | "json">;
  /** Left out where the chart is a table itself. */
  numbers?: () => ChartNumbers;
  children?: ReactNode;
}

/** The card of a chart: its title and note, its menu of files, its table, and within it the chart. */
export function ChartFrame(props: ChartFrameProps) {
  const { title, detail, note, size, className = "", end, files, numbers, children } = props;
  const card = useRef<HTMLElement>(null);
  const headingId = useId();
  // As it was when it was opened: rows that move cannot be read.
  const [table, setTable] = useState<ChartNumbers | null>(null);
  return (
    <section
      ref={card}
      className={`column ${classes.card} ${className}`}
      aria-labelledby={headingId}
      data-size={size}
    >
      <Group gap={6} wrap="nowrap">
        <h3 id={headingId}>{title}</h3>
        {detail && (
          <Text span size="xs" c="dimmed" lh="inherit">
            {detail}
          </Text>
        )}
        {note && (
          <span data-undrawn>
            <Explain note={note} />
          </span>
        )}
        <Group gap={8} wrap="nowrap" ml="auto">
          {end}
          {files && (
            <ChartMenu
              {...files}
              title={title}
              card={card}
              onTable={numbers && (() => setTable(numbers()))}
            />
          )}
        </Group>
      </Group>
      {children}
      {table && (
        <ModalDialog title={title} width={640} onClose={() => setTable(null)}>
          {table.hint && (
            <Text size="sm" c="dimmed" mb="xs">
              {table.hint}
            </Text>
          )}
          <DataTable columns={table.columns} rows={table.rows} />
        </ModalDialog>
      )}
    </section>
  );
}
