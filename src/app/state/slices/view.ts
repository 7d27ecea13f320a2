/** What the page shows: training, or one of the views of the lab. The address names it. */
import { withParams } from "../query.ts";

export const VIEWS = [
  "train",
  "denoise",
  "evolution",
  "charts",
  "compare",
  "quality",
  "model",
] as const;
export type ViewName = (typeof VIEWS)[number];

/** `?view=evolution`; training without. */
export function viewFromQuery(query: URLSearchParams): ViewName {
  return VIEWS.find((view) => view === query.get("view")) ?? "train";
}

/** `query` with the view replaced; the first view is not named. */
export function withView(query: URLSearchParams, view: ViewName): URLSearchParams {
  return withParams(query, { view: view === "train" ? null : view });
}
