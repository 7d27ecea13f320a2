import { useAppState } from "../shared/AppContext.ts";
import { ViewLink } from "../shared/parts/ViewLink.tsx";
import { VIEW_LABELS, VIEWS } from "../state/slices/view.ts";
import classes from "./ViewTabs.module.css";

/** Links to the views, which can also be opened in another tab of the browser. */
export function ViewTabs() {
  const current = useAppState((state) => state.view);
  return (
    <nav className={classes.tabs} aria-label="Views" data-first-step="views">
      {VIEWS.map((view) => (
        <ViewLink
          key={view}
          view={view}
          className={classes.tab}
          aria-current={view === current ? "page" : undefined}
        >
          {VIEW_LABELS[view]}
        </ViewLink>
      ))}
    </nav>
  );
}
