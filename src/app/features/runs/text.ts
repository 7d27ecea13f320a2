/** What people read in the list of runs. Pure. */
import { counted, formatMegabytes } from "../../../runtime/format.ts";
import { isReadable, type StoredRunsState } from "../../state/slices/storedRuns.ts";

/** How many there are and how large they are, or what is being done with one of them. */
export function summaryWords(stored: StoredRunsState): string {
  const { runs, trouble, importedId, exporting, opening } = stored;
  if (runs === null) return trouble ?? "Reading the stored runs…";
  if (runs.length === 0) return "No runs yet. Every run you train is kept in this browser.";
  const opened = runs.find(({ runId }) => runId === opening);
  if (opened) return `Opening “${opened.name}”…`;
  const exported = runs.find(({ runId }) => exporting.includes(runId));
  if (exported) return `Exporting “${exported.name}”…`;
  const bytes = runs.filter(isReadable).reduce((sum, { totalBytes }) => sum + totalBytes, 0);
  const all = `${counted(runs.length, "run")}, ${formatMegabytes(bytes)} in this browser.`;
  const imported = runs.find(({ runId }) => runId === importedId);
  return imported ? `“${imported.name}” is imported. ${all}` : all;
}
