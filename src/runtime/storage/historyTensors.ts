/**
 * A metric history as tensors of a run's file: a column for each figure, `history.steps.<name>` of shape
 * [steps] and `history.epochs.<name>` of shape [epochs], or [epochs, length] for lists; figures in a group
 * have its name before a dot (`quality.count`). What few steps have, their live validation, has columns of
 * its own, `history.live.<name>`, with the `step` of each row. All are float64, which holds every number
 * exactly; NaN where there is none. A matrix is a list, row by row.
 */
import { FormatError, formatShape, quoted } from "../../engine/formats/formatError.ts";
import type { StoredTensor, WritableTensor } from "../../engine/formats/safetensors/safetensors.ts";
import { formatCount } from "../format.ts";
import { MAX_LIST_LENGTH } from "./historyChecks.ts";
import type { CheckpointPointer, History } from "./records.ts";
import type { UncheckedHistory } from "./storedHistory.ts";

/** What the names of the tensors begin with. */
export const HISTORY = "history.";
const STEPS = `${HISTORY}steps.`;
const LIVE = `${HISTORY}live.`;
const EPOCHS = `${HISTORY}epochs.`;
/** Objects in a report. */
const GROUPS = ["quality.nearest.", "quality."];
/** One more than the longest list shows that a list is too long. */
const MAX_LIST = MAX_LIST_LENGTH + 1;

/** Figures of a step that belong to its live validation, as all lists do. */
const LIVE_FIGURES: readonly string[] = ["liveLoss"];
const isLive = ([name, value]: [string, unknown]) =>
  LIVE_FIGURES.includes(name) || Array.isArray(value);

export function historyTensors({ steps, epochs }: History): [string, WritableTensor][] {
  const live: object[] = [];
  const others = steps.map((report) => {
    const fields = Object.entries(report);
    const ofLive = fields.filter(isLive);
    if (ofLive.length === 0) return report;
    live.push({ step: report.step, ...Object.fromEntries(ofLive) });
    return Object.fromEntries(fields.filter((field) => !isLive(field)));
  });
  return [...columnsOf(others, STEPS), ...columnsOf(live, LIVE), ...columnsOf(epochs, EPOCHS)];
}

/**
 * Reads at most as many rows as the checkpoint has steps and epochs: a small file could ask for hundreds of
 * millions.
 *
 * @param onCut called with the number of rows that are left out
 * @throws FormatError when the columns are not equally long
 */
export function historyFromTensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  { step, numEpochs }: Pick<CheckpointPointer, "step" | "numEpochs">,
  onCut: (numRows: number) => void,
): UncheckedHistory {
  const byStep = new Map(rowsOf(tensors, LIVE, step, onCut).map((row) => [row.step, row]));
  return {
    steps: rowsOf(tensors, STEPS, step, onCut).map((row) => ({ ...row, ...byStep.get(row.step) })),
    epochs: rowsOf(tensors, EPOCHS, numEpochs, onCut),
  };
}

function columnsOf(
  reports: readonly (object | undefined)[],
  prefix: string,
): [string, WritableTensor][] {
  const scalars = new Map<string, Float64Array>();
  const lists = new Map<string, (readonly number[])[]>();
  const groups = new Map<string, object[]>();
  const numRows = reports.length;
  for (const [row, report] of reports.entries()) {
    for (const key in report) {
      const value: unknown = report[key as keyof typeof report];
      if (typeof value === "number") {
        columnIn(scalars, key, () => new Float64Array(numRows).fill(Number.NaN))[row] = value;
      } else if (Array.isArray(value)) {
        columnIn(lists, key, () => new Array<readonly number[]>(numRows).fill([]))[row] =
          value.flat();
      } else if (typeof value === "object" && value !== null) {
        columnIn(groups, key, () => new Array<object>(numRows))[row] = value;
      }
    }
  }
  return [
    ...Array.from(scalars, ([key, values]): [string, WritableTensor] => [
      prefix + key,
      { dtype: "F64", shape: [numRows], values },
    ]),
    ...Array.from(lists, ([key, rows]): [string, WritableTensor] => {
      // A column at least: a tensor of no values would say nothing of how many rows it has.
      const length = rows.reduce((most, list) => Math.max(most, list.length), 1);
      const values = new Float64Array(numRows * length).fill(Number.NaN);
      for (const [row, list] of rows.entries()) values.set(list, row * length);
      return [prefix + key, { dtype: "F64", shape: [numRows, length], values }];
    }),
    ...[...groups].flatMap(([key, members]) => columnsOf(members, `${prefix}${key}.`)),
  ];
}

function columnIn<T>(columns: Map<string, T>, key: string, newColumn: () => T): T {
  let column = columns.get(key);
  if (column === undefined) {
    column = newColumn();
    columns.set(key, column);
  }
  return column;
}

type Row = Record<string, unknown>;

function rowsOf(
  tensors: ReadonlyMap<string, StoredTensor>,
  prefix: string,
  maxRows: number,
  onCut: (numRows: number) => void,
): Row[] {
  const columns = [...tensors].filter(([name]) => name.startsWith(prefix));
  const [first] = columns;
  if (!first) return [];
  const numRows = first[1].shape[0] ?? 0;
  for (const [name, { shape }] of columns) {
    const isColumn = shape.length === 1 || (shape.length === 2 && shape[1] !== 0);
    if (isColumn && shape[0] === numRows) continue;
    throw new FormatError(
      `Expected ${quoted(name)} to have a row for each of ${formatCount(numRows)}, as ${quoted(first[0])} has, got the shape ${formatShape(shape)}. The file is damaged: export the run again.`,
    );
  }
  if (numRows > maxRows) onCut(numRows - maxRows);
  const rows = Array.from({ length: Math.min(numRows, maxRows) }, (): Row => ({}));
  for (const [name, { shape, values }] of columns) {
    const [, width = null] = shape;
    const path = name.slice(prefix.length);
    const group = GROUPS.find((start) => path.startsWith(start)) ?? "";
    const groups = group.split(".").slice(0, -1);
    const key = path.slice(group.length);
    // An object would take it for its prototype.
    if (key === "__proto__") continue;
    for (const [i, row] of rows.entries()) {
      const value =
        width === null
          ? values[i]
          : Array.from(values.subarray(i * width, i * width + Math.min(width, MAX_LIST)));
      groupIn(row, groups)[key] = value;
    }
  }
  return rows;
}

function groupIn(row: Row, groups: readonly string[]): Row {
  return groups.reduce((parent, name) => {
    const group = Object.hasOwn(parent, name) ? parent[name] : null;
    if (typeof group === "object" && group !== null) return group as Row;
    const added: Row = {};
    parent[name] = added;
    return added;
  }, row);
}
