import { Text } from "@mantine/core";
import { useState } from "react";
import { formatCount } from "../../../runtime/format.ts";
import type { XKind } from "../../state/slices/chartOptions.ts";
import { ModalDialog } from "../parts/ModalDialog.tsx";
import type { Series } from "../plot/series.ts";
import { xValueWords } from "../plot/xWords.ts";
import { stepsOf, tableRows } from "./chartFiles.ts";

const MAX_ROWS = 50;
const X_HEADINGS = { epoch: "Epoch", time: "Wall time" };

interface ChartTableProps {
  title: string;
  series: readonly Series[];
  xKind: XKind;
  format: (value: number) => string;
  onClose: () => void;
}

/** A chart in numbers, for those who do not see it. */
export function ChartTable({ title, series, xKind, format, onClose }: ChartTableProps) {
  // As it was when it was opened: rows that move cannot be read.
  const [{ rows, numSteps }] = useState(() => ({
    rows: tableRows(series, MAX_ROWS),
    numSteps: stepsOf(series).length,
  }));
  const hasX = rows.some(({ x }) => Number.isFinite(x));
  return (
    <ModalDialog title={title} width={640} onClose={onClose}>
      {rows.length < numSteps && (
        <Text size="sm" c="dimmed" mb="xs">
          Every epoch, and some of the {formatCount(numSteps)} steps. The CSV has all.
        </Text>
      )}
      <table>
        <thead>
          <tr>
            <th scope="col">Step</th>
            {xKind !== "step" && hasX && <th scope="col">{X_HEADINGS[xKind]}</th>}
            {series.map(({ key, name }) => (
              <th key={key} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ step, x, values }) => (
            <tr key={step}>
              <th scope="row">{formatCount(step)}</th>
              {xKind !== "step" && hasX && (
                <td>{Number.isFinite(x) ? xValueWords(x, xKind) : ""}</td>
              )}
              {values.map((value, i) => (
                <td key={series[i]?.key}>{value === null ? "" : format(value)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ModalDialog>
  );
}
