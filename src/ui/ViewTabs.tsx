import type { MouseEvent } from "react";
import { goToView } from "../store/address.ts";
import { VIEWS, type ViewName, withView } from "../store/view.ts";
import { useApp, useAppState } from "./AppContext.ts";
import { LAB_VIEWS } from "./labViews.ts";
import classes from "./ViewTabs.module.css";

const NAMES: Record<ViewName, string> = {
  train: "Train",
  denoise: "Denoise",
  evolution: "Evolution",
  charts: "Charts",
  compare: "Compare",
  model: "Model",
};

/** Links to the views, which can also be opened in another tab of the browser. */
export function ViewTabs() {
  const { store } = useApp();
  const current = useAppState((state) => state.view);
  // So that the addresses are of the newest settings, which are written there.
  useAppState((state) => state.config);
  const go = (event: MouseEvent, view: ViewName) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    goToView(view);
    store.setState({ view });
  };
  const query = new URLSearchParams(window.location.search);
  return (
    <nav className={classes.tabs} aria-label="Views">
      {VIEWS.filter((view) => view === "train" || LAB_VIEWS[view]).map((view) => (
        <a
          key={view}
          className={classes.tab}
          href={`?${withView(query, view)}`}
          aria-current={view === current ? "page" : undefined}
          onClick={(event) => go(event, view)}
        >
          {NAMES[view]}
        </a>
      ))}
    </nav>
  );
}
