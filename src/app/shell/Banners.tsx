import { Button, CloseButton, Text } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { formatCount } from "../../runtime/format.ts";
import { useApp, useAppState } from "../shared/AppContext.ts";
import { hasUnsaved, isActive } from "../state/slices/run.ts";
import { isReadable } from "../state/slices/storedRuns.ts";
import type { AppState } from "../state/state.ts";
import classes from "./app.module.css";
import { isAsChosen } from "./BackendChoice.tsx";
import { startNewVersion } from "./newVersion.ts";

/** Lines under the top bar: what this browser has for the person to know. */
export function Banners() {
  return (
    <aside className={classes.banners} aria-label="About this browser">
      <StorageTrouble />
      <NewVersionOffer />
      <BackendAdvice />
    </aside>
  );
}

/** Stands under the top bar as long as what training does would be lost with the page. */
function StorageTrouble() {
  const { client } = useApp();
  const trouble = useAppState((state) => state.stored.trouble);
  // What the worker has of it can be had also while it is trained.
  const runId = useAppState(({ run, backend }) =>
    backend.status === "ready" && run?.size ? run.runId : null,
  );
  const savedStep = useAppState(({ run, stored }) => {
    const saved = stored.runs?.find(({ runId }) => runId === run?.runId);
    return saved && isReadable(saved) ? saved.step : null;
  });
  if (trouble === null) return null;
  const what = savedStep === null ? "Nothing" : `Nothing after step ${formatCount(savedStep)}`;
  return (
    <div style={{ background: "var(--error-ground)" }}>
      <Text size="xs" role="alert">
        <b>{what} is saved.</b> {trouble} Training continues.
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

/** One line under the top bar when another version of the app is there and waits for this one to end. */
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

function lossByReload({ run, stored }: AppState): string {
  if (isActive(run)) {
    return stored.trouble === null
      ? "Reloading now interrupts the run; Resume goes on from its newest checkpoint."
      : "Reloading now would end the run.";
  }
  if (hasUnsaved(run)) return "Reloading now would lose the weights that are not saved.";
  return "";
}

/**
 * One line under the top bar when a better backend could not be had; what was chosen is no news. Once
 * closed it stays closed, until there is another reason.
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
