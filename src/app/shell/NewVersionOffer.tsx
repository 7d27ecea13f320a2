import { Button, CloseButton, Text } from "@mantine/core";
import { useApp, useAppState } from "../shared/AppContext.ts";
import { hasUnsaved, isActive } from "../state/slices/run.ts";
import type { AppState } from "../state/state.ts";
import { startNewVersion } from "./startNewVersion.ts";

/** While another version of the app waits for this one to end. */
export default function NewVersionOffer() {
  const { store } = useApp();
  const newVersion = useAppState((state) => state.newVersion);
  const words = useAppState(formatNewVersion);
  return (
    <div style={{ background: "var(--info-ground)" }} role="note" aria-live="polite">
      <Text size="xs">
        <b>A new version is ready.</b> {words}
      </Text>
      <Button
        size="compact-sm"
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

/** After its title: what a reload would lose now, or why it has to wait. */
function formatNewVersion(state: AppState): string {
  if (state.newVersion === "openElsewhere") {
    return "Another tab still uses the old version. Close it first.";
  }
  return `${lossByReload(state)} You get it on your next visit anyway.`.trim();
}

/** Empty when nothing is lost. */
function lossByReload({ run, stored }: AppState): string {
  if (isActive(run)) {
    return stored.trouble === null
      ? "Reloading now interrupts the run; Resume continues from its newest checkpoint."
      : "Reloading now would end the run.";
  }
  return hasUnsaved(run) ? "Reloading now would lose the weights that are not saved." : "";
}
