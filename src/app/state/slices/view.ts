/**
 * What the page shows. It has five places, each with one view or several, and the address names the view. A place is a
 * folder in `app/features/`; every view but Train is loaded by `LAB_VIEWS` in `app/shell/App.tsx` when somebody opens it.
 */

/** The views with their labels. */
export const VIEW_LABELS = {
  train: "Train",
  model: "Network",
  denoise: "Draw",
  evolution: "Evolution",
  charts: "Charts",
  quality: "Quality",
  runs: "Saved runs",
  compare: "Compare",
  sweep: "Sweep",
  plane: "2D",
  lessons: "Lessons",
} as const;
export type ViewName = keyof typeof VIEW_LABELS;
export const VIEWS = Object.keys(VIEW_LABELS) as ViewName[];

interface Place {
  label: string;
  /** In the order of their tabs; the first is shown when the place is opened for the first time. */
  views: readonly ViewName[];
}

/** The places in the order of their tabs. */
export const PLACES = {
  train: { label: "Train", views: ["train", "model"] },
  draw: { label: "Draw", views: ["denoise"] },
  results: { label: "Results", views: ["evolution", "charts", "quality"] },
  runs: { label: "Runs", views: ["runs", "compare", "sweep"] },
  lessons: { label: "Lessons", views: ["lessons", "plane"] },
} as const satisfies Record<string, Place>;
export type PlaceName = keyof typeof PLACES;

export function placeOf(view: ViewName): PlaceName {
  const places = Object.entries(PLACES) as [PlaceName, Place][];
  return places.find(([, { views }]) => views.includes(view))?.[0] ?? "train";
}
