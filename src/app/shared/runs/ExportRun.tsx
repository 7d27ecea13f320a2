import { Button } from "@mantine/core";
import { useId } from "react";
import { notebookProblem } from "../../../runtime/files/notebookCells.ts";
import { formatsOf } from "../../../runtime/files/runFormats.ts";
import { useApp, useAppState } from "../AppContext.ts";
import { Popup, PopupItem } from "../parts/Popup.tsx";

/** Downloads a run in one of its formats. */
export function ExportRun({ runId }: { runId: string }) {
  const { client } = useApp();
  const id = useId();
  const notebook = useAppState(({ run, stored }) => {
    const exported = run?.runId === runId ? run : stored.runs?.find((of) => of.runId === runId);
    return exported && "config" in exported ? notebookProblem(exported.config) : null;
  });
  const isBusy = useAppState(({ stored }) => stored.exporting.includes(runId));
  // Still a button that works meanwhile: the focus comes back to it.
  return (
    <>
      <Button
        size="compact-xs"
        variant="default"
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
            label={label}
            use={(format === "notebook" && notebook) || help}
            disabled={format === "notebook" && notebook !== null}
            onClick={() => client.exportRun(runId, format)}
          />
        ))}
      </Popup>
    </>
  );
}
