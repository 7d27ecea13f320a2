import { Button, CloseButton, Text } from "@mantine/core";
import { lazy, useState } from "react";
import { formatCount } from "../../runtime/format.ts";
import { useApp, useAppState } from "../shared/AppContext.ts";
import { ErrorBoundary } from "../shared/parts/ErrorBoundary.tsx";
import { readLocal, writeLocal } from "../state/localStorage.ts";
import { goesOn } from "../state/slices/run.ts";
import { isReadable } from "../state/slices/storedRuns.ts";
import type { AppState } from "../state/state.ts";
import classes from "./app.module.css";
import { isAsChosen } from "./BackendChoice.tsx";

const NewVersionOffer = lazy(() => import("./NewVersionOffer.tsx"));

/** Lines under the top bar: what the person should know about this browser. */
export function Banners() {
  const hasNewVersion = useAppState((state) => state.newVersion !== "none");
  return (
    <aside className={classes.banners} aria-label="About this browser">
      <StorageTrouble />
      {hasNewVersion && (
        <ErrorBoundary part="The new version's banner">
          <NewVersionOffer />
        </ErrorBoundary>
      )}
      <GraphicsFailure />
    </aside>
  );
}

/** While what is trained would be lost with the page. */
function StorageTrouble() {
  const { client } = useApp();
  const trouble = useAppState(formatTrouble);
  // The worker can export it also while it trains.
  const runId = useAppState(({ run, backend }) =>
    backend.status === "ready" && run?.size ? run.runId : null,
  );
  const unsaved = useAppState(formatUnsaved);
  if (trouble === null) return null;
  return (
    <div style={{ background: "var(--error-ground)" }}>
      <Text size="xs" role="alert">
        <b>{unsaved}</b> {trouble}
      </Text>
      {runId !== null && (
        <Button flex="none" onClick={() => client.exportRun(runId, "run")}>
          Download the run
        </Button>
      )}
    </div>
  );
}

/** How much of the run is lost with the page while it cannot be saved. */
function formatUnsaved({ run, stored }: AppState): string {
  const saved = stored.runs?.find(({ runId }) => runId === run?.runId);
  if (!saved || !isReadable(saved)) return "Nothing is saved.";
  return `Nothing after step ${formatCount(saved.step)} is saved.`;
}

/** Why it cannot be saved; null where it can. */
export function formatTrouble({ run, stored: { trouble } }: AppState): string | null {
  return trouble !== null && goesOn(run) ? `${trouble} Training continues.` : trouble;
}

/**
 * Where the graphics card failed, on what the page computes since then. That there is none stands behind the backend's
 * name alone. Once closed, the line stays closed until there is another reason.
 */
function GraphicsFailure() {
  const backend = useAppState((state) => state.backend);
  const [closed, setClosed] = useState(() => readLocal(CLOSED_KEY));
  if (backend.status !== "ready" || isAsChosen(backend.report)) return null;
  const { reason, advice, fallback } = backend.report;
  if (!fallback || reason === null || JSON.stringify(reason) === closed) return null;
  return (
    <div style={{ background: "var(--warning-ground)" }} role="status">
      <Text size="xs">
        {reason} <span className={classes.advice}>{advice}</span>
      </Text>
      <CloseButton
        size="xs"
        ml="auto"
        aria-label="Close this note"
        onClick={() => {
          setClosed(JSON.stringify(reason));
          writeLocal(CLOSED_KEY, JSON.stringify(reason));
        }}
      />
    </div>
  );
}

/** The reason that was closed is kept under this key, as JSON. */
const CLOSED_KEY = "closed-backend-advice";
