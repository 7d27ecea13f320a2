/** Where the lines of parallel coordinates go. Pure. */
import { HYPERPARAMETERS } from "../../../../engine/config/hyperparameters.ts";
import { configOfRun, variedNames } from "../../../../engine/config/sweep.ts";
import { formatSetting } from "../../../../runtime/format.ts";
import { formatRun, isLost, type Sweep } from "../../../../runtime/run/sweep.ts";
import { formatFigure, type shownFigures } from "./sweepFigures.ts";

type Figure = ReturnType<typeof shownFigures>[number];

interface Tick {
  /** 0 at the bottom, 1 at the top. */
  place: number;
  words: string;
}

interface CoordinateLine {
  /** The run's place in the sweep. */
  index: number;
  /** Heights on the axes, 0 to 1; without the last where the run has no such figure. */
  places: readonly number[];
  /** 0 for the worst run to 1 for the best. */
  rank: number;
  isBest: boolean;
  words: string;
}

/** An axis for each setting that varies, each value at its own height, and at the end the figure, the best at the top. */
export function coordinatesOf(
  sweep: Sweep,
  figure: Figure,
): { axes: { label: string; ticks: Tick[] }[]; lines: CoordinateLine[] } {
  const { plan, runs } = sweep;
  const names = variedNames(plan);
  const configs = plan.runs.map((changes) => configOfRun(plan, changes));
  const settings = names.map((name) => {
    const distinct = [
      ...new Map(configs.map((config) => [String(config[name]), config[name]])).values(),
    ];
    const values = distinct.every((value) => typeof value === "number")
      ? distinct.sort((a, b) => (a as number) - (b as number))
      : distinct;
    const placeOf = (i: number) => (values.length > 1 ? i / (values.length - 1) : 0.5);
    const places = new Map(values.map((value, i) => [String(value), placeOf(i)]));
    const ticks = values.map((value, i) => ({ place: placeOf(i), words: formatSetting(value) }));
    return { name, label: HYPERPARAMETERS[name].label, places, ticks: fewer(ticks) };
  });
  // What was known of a run when it failed or diverged says nothing of how good it is.
  const reached = runs.map(({ results }) => {
    const newest = results.at(-1);
    return newest && !isLost(newest) ? newest.figures[figure.id] : undefined;
  });
  const known = reached.filter((value) => value !== undefined);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const placeOfFigure = (value: number) => {
    const share = most > least ? (value - least) / (most - least) : 1;
    return figure.best === "lowest" && most > least ? 1 - share : share;
  };
  const bestValue = figure.best === "lowest" ? least : most;
  const ends = [...new Set([least, most])].map((value) => ({
    place: placeOfFigure(value),
    words: formatFigure(figure, value),
  }));
  return {
    axes: [
      ...settings.map(({ label, ticks }) => ({ label, ticks })),
      { label: figure.label, ticks: known.length > 0 ? ends : [] },
    ],
    lines: reached.map((value, index) => {
      const before = settings.map(
        ({ name, places }) => places.get(String(configs[index]?.[name])) ?? 0,
      );
      const rank = value === undefined ? 0 : placeOfFigure(value);
      return {
        index,
        places: value === undefined ? before : [...before, rank],
        rank,
        isBest: value === bestValue,
        words: `Run ${index + 1}: ${formatRun(plan.runs[index] ?? {})}. ${figure.label} ${formatFigure(figure, value)}`,
      };
    }),
  };
}

/** More would overlap. */
const MAX_TICKS = 12;

function fewer(ticks: readonly Tick[]): Tick[] {
  const every = Math.ceil(ticks.length / MAX_TICKS);
  return ticks.filter((_, i) => i % every === 0 || i === ticks.length - 1);
}
