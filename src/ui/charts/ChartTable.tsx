import { Text } from "@mantine/core";
import { useState } from "react";
import { formatCount } from "../format.ts";
import { ModalDialog } from "../ModalDialog.tsx";
import classes from "./ChartTable.module.css";
import { stepsOf, tableRows } from "./chartFiles.ts";
import type { Series } from "./series.ts";

const MAX_ROWS = 50;

interface ChartTableProps {
  title: string;
  series: readonly Series[];
  format: (value: number) => string;
  onClose: () => void;
}

/** A chart in numbers, for those who do not see it. */
export function ChartTable({ title, series, format, onClose }: ChartTableProps) {
  // As it was when it was opened: rows that move cannot be read.
  const [{ rows, numSteps }] = useState(() => ({
    rows: tableRows(series, MAX_ROWS),
    numSteps: stepsOf(series).length,
  }));
  const last = rows.at(-1)?.step ?? 0;
  return (
    <ModalDialog title={title} width={640} onClose={onClose}>
      <Text size="sm" c="dimmed" mb="xs">
        {rows.length < numSteps
          ? `${rows.length} of ${formatCount(numSteps)} steps up to ${formatCount(last)}, evenly spread; the CSV has all. Each value is the newest at its step.`
          : "Each value is the newest at its step."}
      </Text>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">step</th>
            {series.map(({ key, name }) => (
              <th key={key} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ step, values }) => (
            <tr key={step}>
              <th scope="row">{formatCount(step)}</th>
              {values.map((value, i) => (
                <td key={series[i]?.key}>{value === null ? "–" : format(value)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ModalDialog>
  );
}
