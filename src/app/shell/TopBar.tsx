import { ActionIcon, Group } from "@mantine/core";
import { lazy, useId, useState } from "react";
import { useAppState } from "../shared/AppContext.ts";
import { ShareIcon } from "../shared/icons.tsx";
import { Popup } from "../shared/parts/Popup.tsx";
import { ViewLink } from "../shared/parts/ViewLink.tsx";
import { ExportButton } from "../shared/runs/ExportButton.tsx";
import {
  PLACES,
  type PlaceName,
  placeOf,
  VIEW_LABELS,
  type ViewName,
} from "../state/slices/view.ts";
import { BackendChoice } from "./BackendChoice.tsx";
import classes from "./TopBar.module.css";

// It would make the page's first load longer.
const AboutText = lazy(() => import("./AboutText.tsx"));

const PLACE_NAMES = Object.keys(PLACES) as PlaceName[];

export function TopBar() {
  return (
    <header className={classes.bar}>
      <h1 className={classes.name}>
        <img
          src={`${import.meta.env.BASE_URL}icon.svg`}
          alt="Diffusion MNIST"
          width={22}
          height={22}
        />
        <span aria-hidden="true">Diffusion MNIST</span>
      </h1>
      <Places />
      <Group gap={4} ml="auto" wrap="nowrap" miw={0}>
        <BackendChoice />
        <ExportTool />
        <AboutButton />
      </Group>
    </header>
  );
}

/** Links, so that a place can also be opened in another tab of the browser. Each leads to the view of it that was seen last. */
function Places() {
  const view = useAppState((state) => state.view);
  const current = placeOf(view);
  const numRuns = useAppState(({ stored }) => stored.runs?.length ?? 0);
  const [seen, setSeen] = useState<Partial<Record<PlaceName, ViewName>>>({});
  // Train shows its settings again, not the drawing of the network that follows from them.
  if (current !== "train" && seen[current] !== view) setSeen({ ...seen, [current]: view });
  return (
    <nav className={classes.tabs} aria-label="Places">
      {PLACE_NAMES.map((name) => {
        const { label, views } = PLACES[name];
        return (
          <ViewLink
            key={name}
            view={seen[name] ?? views[0]}
            className={classes.tab}
            aria-current={name === current ? "page" : undefined}
          >
            {label}
            {name === "runs" && numRuns > 0 && <span className={classes.number}>{numRuns}</span>}
          </ViewLink>
        );
      })}
    </nav>
  );
}

/** The views of a place that has several. */
export function PlaceTabs() {
  const view = useAppState((state) => state.view);
  const { label, views } = PLACES[placeOf(view)];
  if (views.length === 1) return null;
  return (
    <nav className={classes.views} aria-label={label}>
      {views.map((name) => (
        <ViewLink
          key={name}
          view={name}
          className={classes.view}
          aria-current={name === view ? "page" : undefined}
        >
          {name === "train" ? "Settings" : VIEW_LABELS[name]}
        </ViewLink>
      ))}
    </nav>
  );
}

/** Whatever can be taken away of the run or the model that is open, and a link to the page. */
function ExportTool() {
  const runId = useAppState(({ run, weights }) => (weights.loaded ? null : (run?.runId ?? null)));
  return (
    <ExportButton
      runId={runId}
      variant="subtle"
      color="gray"
      size="compact-sm"
      flex="none"
      miw={0}
      className={classes.tool ?? ""}
      leftSection={<ShareIcon />}
      aria-label="Export"
      title="Files to take away, and a link to share"
    >
      <span className={classes.toolWords}>Export</span>
    </ExportButton>
  );
}

/** What the page does, in a few sentences, and whose work it is based on. */
function AboutButton() {
  const id = useId();
  return (
    <>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label="About this page"
        title="About this page"
        popoverTarget={id}
      >
        ?
      </ActionIcon>
      <Popup id={id} align="end" part="The text">
        <AboutText popupId={id} />
      </Popup>
    </>
  );
}
