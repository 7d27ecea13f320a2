/** The columns of the table of runs, and its order. Pure. */
import { HYPERPARAMETERS } from "../../../../engine/config/hyperparameters.ts";
import { configOfRun, variedNames } from "../../../../engine/config/sweep.ts";
import { formatCount, formatDuration, formatSetting } from "../../../../runtime/format.ts";
import { formatState, type Sweep } from "../../../../runtime/run/sweep.ts";
import { formatFigure, shownFigures } from "./sweepFigures.ts";

interface Column {
  /** Stays when columns come in before it. */
  id: string;
  label: string;
  /** Sorted by it; text where it is no number. */
  value: (index: number) => number | string | undefined;
  words: (index: number) => string;
}

export interface Sorting {
  /** The column that the rows are sorted by. */
  id: string;
  isDown: boolean;
}

/** @param current the run that is trained now, and how far it is */
export function columnsOf(sweep: Sweep, current: { index: number; step: number } | null): Column[] {
  const { plan, runs } = sweep;
  const newest = (index: number) => runs[index]?.results.at(-1);
  const settings = variedNames(plan).map((name): Column => {
    const settingOf = (index: number) => configOfRun(plan, plan.runs[index] ?? {})[name];
    return {
      id: name,
      label: HYPERPARAMETERS[name].label,
      value: (index) => {
        const value = settingOf(index);
        return typeof value === "number" ? value : String(value);
      },
      words: (index) => formatSetting(settingOf(index)),
    };
  });
  const stepOf = (index: number) => {
    const counted = newest(index)?.step;
    return index === current?.index ? Math.max(counted ?? 0, current.step) : counted;
  };
  const state = (index: number) =>
    index === current?.index ? "training" : formatState(sweep, index);
  return [
    ...settings,
    { id: "state", label: "State", value: state, words: state },
    {
      id: "steps",
      label: "Steps",
      value: stepOf,
      words: (index) => formatCount(stepOf(index) ?? 0),
    },
    {
      id: "time",
      label: "Time",
      value: (index) => newest(index)?.trainedMs,
      words: (index) => (newest(index) ? formatDuration(newest(index)?.trainedMs ?? 0) : "–"),
    },
    ...shownFigures(sweep).map((figure) => ({
      id: figure.id,
      label: figure.label,
      value: (index: number) => newest(index)?.figures[figure.id],
      words: (index: number) => formatFigure(figure, newest(index)?.figures[figure.id]),
    })),
  ];
}

/** Runs without a value come last, either way. */
export function sortedRuns(sweep: Sweep, columns: readonly Column[], sorting: Sorting | null) {
  const indices = [...sweep.runs.keys()];
  const column = columns.find(({ id }) => id === sorting?.id);
  if (!column || !sorting) return indices;
  return indices.sort((a, b) => {
    const [first, second] = [column.value(a), column.value(b)];
    if (first === undefined || second === undefined) {
      return Number(first === undefined) - Number(second === undefined);
    }
    const order =
      typeof first === "number" && typeof second === "number"
        ? first - second
        : String(first).localeCompare(String(second), "en", { numeric: true });
    return sorting.isDown ? -order : order;
  });
}
