import { Button, Text } from "@mantine/core";
import { isReadable } from "../store/storedRuns.ts";
import { useApp, useAppState } from "./AppContext.ts";
import { formatCount } from "./format.ts";

/** Stands under the top bar as long as what training does would be lost with the page. */
export function StorageTrouble() {
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
        <b>{what} is saved.</b> {trouble} Training goes on all the same.
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
