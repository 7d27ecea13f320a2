import { Button } from "@mantine/core";
import { lazy, useId, useState } from "react";
import { notebookProblem } from "../../../runtime/files/notebookCells.ts";
import { formatsOf } from "../../../runtime/files/runFormats.ts";
import { LAZY_ACTIONS } from "../../state/lazyActions.ts";
import { isReadable, type ReadableRun } from "../../state/slices/storedRuns.ts";
import { useApp, useAppState } from "../AppContext.ts";
import { ErrorBoundary } from "../parts/ErrorBoundary.tsx";
import { Popup, PopupItem } from "../parts/Popup.tsx";

const RecordCardDialog = lazy(() => import("./RecordCardDialog.tsx"));
const PageDialog = lazy(() => import("./PageDialog.tsx"));

/** Downloads a run in one of its formats, and shows its record card. */
export function ExportRun({ runId }: { runId: string }) {
  const { client } = useApp();
  const id = useId();
  const [isPageAsked, setIsPageAsked] = useState(false);
  const notebook = useAppState(({ run, stored }) => {
    const exported = run?.runId === runId ? run : stored.runs?.find((of) => of.runId === runId);
    return exported && "config" in exported ? notebookProblem(exported.config) : null;
  });
  const stored = useAppState(({ stored }) => stored.runs?.find((run) => run.runId === runId));
  const cardReason = useAppState((state) => LAZY_ACTIONS.recordCard.disabledReason(state, runId));
  /** As it was stored when its card was opened. */
  const [carded, setCarded] = useState<ReadableRun | null>(null);
  const isBusy = useAppState(({ stored }) => stored.exporting.includes(runId));
  // Still a button that works meanwhile: the focus comes back to it.
  return (
    <>
      <Button
        popoverTarget={id}
        miw={84}
        aria-busy={isBusy}
        title={isBusy ? "The file is being made" : undefined}
      >
        {isBusy ? "Exporting…" : "Export…"}
      </Button>
      <Popup id={id} kind="menu">
        {formatsOf("run").map(({ id: format, label, help }) => (
          <PopupItem
            key={format}
            popupId={id}
            label={format === "page" ? `${label}…` : label}
            use={(format === "notebook" && notebook) || help}
            disabled={format === "notebook" && notebook !== null}
            onClick={() =>
              format === "page" ? setIsPageAsked(true) : client.exportRun(runId, format)
            }
          />
        ))}
        <PopupItem
          popupId={id}
          label={LAZY_ACTIONS.recordCard.label}
          use={cardReason ?? LAZY_ACTIONS.recordCard.help}
          disabled={cardReason !== null}
          onClick={() => stored && isReadable(stored) && setCarded(stored)}
        />
      </Popup>
      {carded && (
        <ErrorBoundary part="The record card">
          <RecordCardDialog run={carded} onClose={() => setCarded(null)} />
        </ErrorBoundary>
      )}
      {isPageAsked && (
        <ErrorBoundary part="The form">
          <PageDialog runId={runId} onClose={() => setIsPageAsked(false)} />
        </ErrorBoundary>
      )}
    </>
  );
}
