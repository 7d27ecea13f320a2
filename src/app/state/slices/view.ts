/**
 * What the page shows: training, or one of the views of the lab. The address names it. A view is a folder in
 * `app/features/`, which `LAB_VIEWS` in `app/shell/App.tsx` loads when somebody opens it.
 */
/** The views in the order of their tabs, with their labels. */
export const VIEW_LABELS = {
  train: "Train",
  denoise: "Denoise",
  evolution: "Evolution",
  charts: "Charts",
  compare: "Compare",
  sweep: "Sweep",
  quality: "Quality",
  model: "Model",
  lessons: "Lessons",
} as const;
export type ViewName = keyof typeof VIEW_LABELS;
export const VIEWS = Object.keys(VIEW_LABELS) as ViewName[];
