import { Button, Text, UnstyledButton } from "@mantine/core";
import { useId } from "react";
import { formatsOf } from "../formats/runFormats.ts";
import { useApp, useAppState } from "./AppContext.ts";
import { Popup } from "./Popup.tsx";
import classes from "./Runs.module.css";

/** Downloads a run in one of its formats. */
export function ExportRun({ runId }: { runId: string }) {
  const { client } = useApp();
  const id = useId();
  const isBusy = useAppState(({ stored }) => stored.exporting.includes(runId));
  // Still a button that works meanwhile: the focus comes back to it.
  return (
    <>
      <Button
        size="compact-xs"
        variant="default"
        popoverTarget={id}
        className={classes.export ?? ""}
        aria-busy={isBusy}
        title={isBusy ? "The file is being made" : undefined}
      >
        {isBusy ? "Exporting…" : "Export…"}
      </Button>
      <Popup id={id} kind="menu">
        {formatsOf("run").map(({ id: format, label, help }) => (
          <UnstyledButton
            key={format}
            className={classes.menuItem}
            popoverTarget={id}
            popoverTargetAction="hide"
            onClick={() => client.exportRun(runId, format)}
          >
            <Text span display="block" size="sm" lh={1.3}>
              {label}
            </Text>
            <Text span display="block" size="xs" c="dimmed" lh={1.3}>
              {help}
            </Text>
          </UnstyledButton>
        ))}
      </Popup>
    </>
  );
}
