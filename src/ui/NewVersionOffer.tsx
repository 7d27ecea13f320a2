import { Button, CloseButton, Text } from "@mantine/core";
import { startNewVersion } from "../store/newVersion.ts";
import { hasUnsaved, isActive } from "../store/run.ts";
import type { AppState } from "../store/state.ts";
import { useApp, useAppState } from "./AppContext.ts";

/** One line under the top bar when another version of the app is there and waits for this one to end. */
export function NewVersionOffer() {
  const { store } = useApp();
  const newVersion = useAppState((state) => state.newVersion);
  const loss = useAppState(lossByReload);
  if (newVersion === "none") return null;
  return (
    <div style={{ background: "var(--info-ground)" }} role="note" aria-live="polite">
      <Text size="xs">
        <b>A new version is ready.</b>{" "}
        {newVersion === "openElsewhere"
          ? "Another tab with this page needs the old one: close it first."
          : `${loss} Your next visit has it in any case.`.trim()}
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
