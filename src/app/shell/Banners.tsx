import { Button, CloseButton, Text } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { useApp, useAppState } from "../shared/AppContext.ts";
import classes from "./app.module.css";
import { isAsChosen } from "./BackendChoice.tsx";
import { startNewVersion } from "./newVersion.ts";
import { lossByReload, unsavedWords } from "./text.ts";

/** Lines under the top bar: what the person should know about this browser. */
export function Banners() {
  return (
    <aside className={classes.banners} aria-label="About this browser">
      <StorageTrouble />
      <NewVersionOffer />
      <BackendAdvice />
    </aside>
  );
}

/** While what is trained would be lost with the page. */
function StorageTrouble() {
  const { client } = useApp();
  const trouble = useAppState((state) => state.stored.trouble);
  // The worker can export it also while it trains.
  const runId = useAppState(({ run, backend }) =>
    backend.status === "ready" && run?.size ? run.runId : null,
  );
  const unsaved = useAppState(unsavedWords);
  if (trouble === null) return null;
  return (
    <div style={{ background: "var(--error-ground)" }}>
      <Text size="xs" role="alert">
        <b>{unsaved}</b> {trouble} Training continues.
      </Text>
      {runId !== null && (
        <Button
          size="compact-xs"
          variant="default"
          flex="none"
          onClick={() => client.exportRun(runId, "run")}
        >
          Download the run
        </Button>
      )}
    </div>
  );
}

/** While another version of the app waits for this one to end. */
function NewVersionOffer() {
  const { store } = useApp();
  const newVersion = useAppState((state) => state.newVersion);
  const loss = useAppState(lossByReload);
  if (newVersion === "none") return null;
  return (
    <div style={{ background: "var(--info-ground)" }} role="note" aria-live="polite">
      <Text size="xs">
        <b>A new version is ready.</b>{" "}
        {newVersion === "openElsewhere"
          ? "Another tab still uses the old version. Close it first."
          : `${loss} You get it on your next visit anyway.`.trim()}
      </Text>
      <Button
        size="compact-sm"
        variant="default"
        flex="none"
        loading={newVersion === "starting"}
        onClick={() => startNewVersion(store)}
      >
        Reload
      </Button>
      <CloseButton
        size="sm"
        aria-label="Not now"
        ml="auto"
        onClick={() => store.setState({ newVersion: "none" })}
      />
    </div>
  );
}

/**
 * When a better backend was not available, unless the person chose this one. Once closed, it stays closed
 * until there is another reason.
 */
function BackendAdvice() {
  const backend = useAppState((state) => state.backend);
  const [closedReason, setClosedReason] = useLocalStorage<string | null>({
    key: "closed-backend-advice",
    defaultValue: null,
    // At once, so that what was closed does not flash.
    getInitialValueInEffect: false,
  });
  if (backend.status !== "ready" || isAsChosen(backend.report)) return null;
  const { reason, advice } = backend.report;
  if (reason === null || reason === closedReason) return null;
  return (
    <div style={{ background: "var(--warning-ground)" }} role="note">
      <Text size="xs">
        {reason} {advice}
      </Text>
      <CloseButton
        size="xs"
        ml="auto"
        aria-label="Close this note"
        onClick={() => setClosedReason(reason)}
      />
    </div>
  );
}
