import { Button } from "@mantine/core";
import { lazy, useId, useState } from "react";
import { type FormatOf, formatsOf } from "../../../runtime/files/runFormats.ts";
import { ACTIONS } from "../../state/actions.ts";
import { isReadable, type ReadableRun } from "../../state/slices/storedRuns.ts";
import { useApp, useAppState } from "../AppContext.ts";
import { ErrorBoundary } from "../parts/ErrorBoundary.tsx";
import { Popup, PopupItem } from "../parts/Popup.tsx";

const PageDialog = lazy(() => import("./PageDialog.tsx"));
const SummaryCardDialog = lazy(() => import("./SummaryCardDialog.tsx"));
/** Formats that ask for something before their file is made. */
const DIALOGS: Partial<Record<FormatOf<"run">, typeof PageDialog>> = { page: PageDialog };

/** Downloads a run in one of its formats, and shows its summary card. */
export function ExportRun({ runId }: { runId: string }) {
  const { client } = useApp();
  const id = useId();
  const [asked, setAsked] = useState<FormatOf<"run"> | null>(null);
  const config = useAppState(({ run, stored }) => {
    const exported = run?.runId === runId ? run : stored.runs?.find((of) => of.runId === runId);
    return exported && "config" in exported ? exported.config : null;
  });
  const stored = useAppState(({ stored }) => stored.runs?.find((run) => run.runId === runId));
  const cardReason = useAppState((state) => ACTIONS.summaryCard.disabledReason(state, runId));
  /** As it was stored when its card was opened. */
  const [carded, setCarded] = useState<ReadableRun | null>(null);
  const uncard = () => setCarded(null);
  const Dialog = asked && DIALOGS[asked];
  const unask = () => setAsked(null);
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
        {formatsOf("run").map(({ id: format, label, help, problem }) => {
          const reason = (config && problem?.(config)) ?? null;
          return (
            <PopupItem
              key={format}
              popupId={id}
              label={DIALOGS[format] ? `${label}…` : label}
              use={reason ?? help}
              disabled={reason !== null}
              onClick={() => (DIALOGS[format] ? setAsked(format) : client.exportRun(runId, format))}
            />
          );
        })}
        <PopupItem
          popupId={id}
          label={ACTIONS.summaryCard.label}
          use={cardReason ?? ACTIONS.summaryCard.help}
          disabled={cardReason !== null}
          onClick={() => stored && isReadable(stored) && setCarded(stored)}
        />
      </Popup>
      {carded && (
        <ErrorBoundary part="The summary card" onClose={uncard}>
          <SummaryCardDialog run={carded} onClose={uncard} />
        </ErrorBoundary>
      )}
      {Dialog && (
        <ErrorBoundary part="The form" onClose={unask}>
          <Dialog runId={runId} onClose={unask} />
        </ErrorBoundary>
      )}
    </>
  );
}
