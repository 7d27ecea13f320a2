import type { FormatOf } from "../../../runtime/files/runFormats.ts";
import { uniqueName } from "../../../runtime/runName.ts";
import { runsToRead, withAsked } from "../slices/comparison.ts";
import { startExport, takenNames } from "../slices/storedRuns.ts";
import type { ClientContext } from "./clientContext.ts";

export function storedRunsClient({ store, link }: ClientContext) {
  return {
    /** Shows a stored run. */
    openRun(runId: string) {
      // Without a backend the worker may be gone, and no one would ever answer.
      if (store.getState().backend.status === "failed") return;
      store.setState(({ stored }) => ({ stored: { ...stored, opening: runId } }));
      link.post({ type: "openRun", runId });
    },
    /** Reads what is compared and not yet read, or was saved anew since. */
    readCompared() {
      if (!link.isThere) return;
      for (const run of runsToRead(store.getState())) {
        store.setState(({ comparison }) => ({ comparison: withAsked(comparison, run) }));
        link.post({ type: "readRun", runId: run.runId });
      }
    },
    renameRun(runId: string, name: string) {
      const unique = uniqueName(name, takenNames(store.getState(), runId));
      link.post({ type: "renameRun", runId, name: unique });
    },
    deleteRun: (runId: string) => link.post({ type: "deleteRun", runId }),
    /** Downloads a run, whole or its history. */
    exportRun(runId: string, format: FormatOf<"run">) {
      if (!link.isThere) return;
      store.setState(({ stored }) => ({ stored: startExport(stored, runId) }));
      link.post({ type: "exportRun", runId, format });
    },
  };
}
