import { Button, CloseButton, Text } from "@mantine/core";
import { useApp, useAppState } from "../shared/AppContext.ts";
import { startNewVersion } from "./startNewVersion.ts";
import { formatNewVersion } from "./text.ts";

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
