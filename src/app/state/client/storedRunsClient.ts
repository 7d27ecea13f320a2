import type { ReportChoices } from "../../../runtime/files/reportChoices.ts";
import type { FormatOf } from "../../../runtime/files/runFormats.ts";
import { uniqueName } from "../../../runtime/runName.ts";
import { runsToRead, withRequested } from "../slices/comparison.ts";
import { takenNames } from "../slices/storedRuns.ts";
import type { ClientContext } from "./clientContext.ts";

export function storedRunsClient({ store, link }: ClientContext) {
  return {
    /** Shows a stored run. */
    openRun(runId: string) {
      // Without a backend the worker may be gone, and nobody would answer.
      if (store.getState().backend.status === "failed") return;
      store.setState(({ stored }) => ({ stored: { ...stored, opening: runId } }));
      link.post({ type: "openRun", runId });
    },
    /** Reads the compared runs that were not read yet, or were saved again since. */
    readCompared() {
      if (!link.isThere()) return;
      for (const run of runsToRead(store.getState())) {
        store.setState(({ comparison }) => ({ comparison: withRequested(comparison, run) }));
        link.post({ type: "readRun", runId: run.runId });
      }
    },
    renameRun(runId: string, name: string) {
      const unique = uniqueName(name, takenNames(store.getState(), runId));
      link.post({ type: "renameRun", runId, name: unique });
    },
    deleteRun: (runId: string) => link.post({ type: "deleteRun", runId }),
    /** Downloads a run, whole or its history. */
    exportRun(runId: string, format: FormatOf<"run">, choices: ReportChoices = {}) {
      if (!link.isThere()) return;
      store.setState(({ stored }) => ({
        stored: { ...stored, exporting: [...stored.exporting, runId] },
      }));
      link.post({ type: "exportRun", runId, format, choices });
    },
  };
}

export type StoredRunsClient = ReturnType<typeof storedRunsClient>;
