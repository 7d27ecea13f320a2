import { Button, CloseButton, Text } from "@mantine/core";
import { lazy, useState } from "react";
import { useApp, useAppState } from "../shared/AppContext.ts";
import { ErrorBoundary } from "../shared/parts/ErrorBoundary.tsx";
import { readLocal, writeLocal } from "../state/localStorage.ts";
import classes from "./app.module.css";
import { isAsChosen } from "./BackendChoice.tsx";
import { formatTrouble, formatUnsaved } from "./text.ts";

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
      <BackendAdvice />
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

/**
 * When a better backend was not available, unless the person chose this one. Once closed, it stays closed
 * until there is another reason.
 */
function BackendAdvice() {
  const backend = useAppState((state) => state.backend);
  const [closed, setClosed] = useState(() => readLocal(CLOSED_KEY));
  if (backend.status !== "ready" || isAsChosen(backend.report)) return null;
  const { reason, advice, fallback } = backend.report;
  if (reason === null || JSON.stringify(reason) === closed) return null;
  return (
    <div style={{ background: "var(--warning-ground)" }} role={fallback ? "status" : "note"}>
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
