import { Button, type ButtonProps, type ElementProps } from "@mantine/core";
import { lazy, useState } from "react";
import { isReadable } from "../../state/slices/storedRuns.ts";
import { useAppState } from "../AppContext.ts";
import { ErrorBoundary } from "../parts/ErrorBoundary.tsx";

const ExportSheet = lazy(() => import("./ExportSheet.tsx"));
const PageDialog = lazy(() => import("./PageDialog.tsx"));
const SummaryCardDialog = lazy(() => import("./SummaryCardDialog.tsx"));

interface ExportButtonProps extends ButtonProps, ElementProps<"button", keyof ButtonProps> {
  /** The run to be exported; null for the page's link and the weights that are loaded alone. */
  runId: string | null;
}

/** Opens the sheet of all that can be taken away, and from there what asks for something before its file is made. */
export function ExportButton({ runId, ...button }: ExportButtonProps) {
  const [opened, setOpened] = useState<"sheet" | "page" | "card" | null>(null);
  const close = () => setOpened(null);
  const isBusy = useAppState(({ stored }) => runId !== null && stored.exporting.includes(runId));
  const stored = useAppState(
    ({ stored }) => stored.runs?.find((run) => run.runId === runId) ?? null,
  );
  // A button that works meanwhile, since the focus comes back to it.
  return (
    <>
      <Button
        miw={84}
        aria-haspopup="dialog"
        aria-busy={isBusy}
        title={isBusy ? "The file is being made" : undefined}
        {...button}
        onClick={() => setOpened("sheet")}
      >
        {button.children ?? (isBusy ? "Exporting…" : "Export…")}
      </Button>
      {opened && (
        <ErrorBoundary part="The form" onClose={close}>
          {opened === "sheet" && <ExportSheet runId={runId} onOpen={setOpened} onClose={close} />}
          {opened === "page" && runId && <PageDialog runId={runId} onClose={close} />}
          {opened === "card" && stored && isReadable(stored) && (
            <SummaryCardDialog run={stored} onClose={close} />
          )}
        </ErrorBoundary>
      )}
    </>
  );
}
