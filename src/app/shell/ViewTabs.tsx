import { useAppState } from "../shared/AppContext.ts";
import { ViewLink } from "../shared/parts/ViewLink.tsx";
import { VIEWS, type ViewName } from "../state/slices/view.ts";
import { LAB_VIEWS } from "./labViews.ts";
import classes from "./ViewTabs.module.css";

const NAMES: Record<ViewName, string> = {
  train: "Train",
  denoise: "Denoise",
  evolution: "Evolution",
  charts: "Charts",
  compare: "Compare",
  quality: "Quality",
  model: "Model",
};

/** Links to the views, which can also be opened in another tab of the browser. */
export function ViewTabs() {
  const current = useAppState((state) => state.view);
  return (
    <nav className={classes.tabs} aria-label="Views" data-first-step="views">
      {VIEWS.filter((view) => view === "train" || LAB_VIEWS[view]).map((view) => (
        <ViewLink
          key={view}
          view={view}
          className={classes.tab}
          aria-current={view === current ? "page" : undefined}
        >
          {NAMES[view]}
        </ViewLink>
      ))}
    </nav>
  );
}
