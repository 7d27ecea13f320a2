import type { ReportChoices } from "../../../runtime/files/reportChoices.ts";
import type { FormatOf } from "../../../runtime/files/runFormats.ts";
import { uniqueName } from "../../../runtime/runName.ts";
import { saveFile } from "../saveFile.ts";
import {
  afterReading,
  type ComparisonState,
  runsToRead,
  withRequested,
} from "../slices/comparison.ts";
import { noticed } from "../slices/notices.ts";
import {
  type ReadableRun,
  type StoredRunsState,
  takenNames,
  withoutExport,
} from "../slices/storedRuns.ts";
import type { Answer } from "./answers.ts";
import type { ClientContext } from "./clientContext.ts";

export function storedRunsClient({ store, link, request }: ClientContext) {
  /** Reads a stored run up to its newest checkpoint; the one that is shown stays. */
  const readRun = (runId: string): Answer<"reading"> =>
    request("reading", (requestId) => ({ type: "readRun", requestId, runId }));

  async function readForComparison(run: ReadableRun): Promise<void> {
    const change = (next: (comparison: ComparisonState) => ComparisonState) =>
      store.setState(({ comparison }) => ({ comparison: next(comparison) }));
    change((comparison) => withRequested(comparison, run));
    const outcome = await readRun(run.runId).done;
    change((comparison) => afterReading(comparison, run.runId, outcome));
  }

  return {
    readRun,
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
      for (const run of runsToRead(store.getState())) void readForComparison(run);
    },
    renameRun(runId: string, name: string) {
      const unique = uniqueName(name, takenNames(store.getState(), runId));
      link.post({ type: "renameRun", runId, name: unique });
    },
    deleteRun: (runId: string) => link.post({ type: "deleteRun", runId }),
    /** Downloads a run, whole or its history. */
    async exportRun(runId: string, format: FormatOf<"run">, choices: ReportChoices = {}) {
      if (!link.isThere()) return;
      const change = (next: (stored: StoredRunsState) => StoredRunsState) =>
        store.setState(({ stored }) => ({ stored: next(stored) }));
      change((stored) => ({ ...stored, exporting: [...stored.exporting, runId] }));
      const answer = request("export", (requestId) => ({
        type: "exportRun",
        requestId,
        runId,
        format,
        choices,
      }));
      for await (const { fraction } of answer.parts) {
        change((stored) => ({ ...stored, progress: { runId, fraction } }));
      }
      const outcome = await answer.done;
      change((stored) => withoutExport(stored, runId));
      if (outcome.status === "done") for (const file of outcome.end.files) saveFile(file);
      if (outcome.status !== "failed" || outcome.isLost) return;
      store.setState((state) =>
        noticed(state, "The run was not exported", outcome.message, { source: "run" }),
      );
    },
  };
}

export type StoredRunsClient = ReturnType<typeof storedRunsClient>;
