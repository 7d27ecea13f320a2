import { Button, Text, UnstyledButton } from "@mantine/core";
import { useId } from "react";
import type { RunFormat } from "../worker/protocol.ts";
import { useApp, useAppState } from "./AppContext.ts";
import { Popup } from "./Popup.tsx";
import classes from "./Runs.module.css";

const FORMATS: { format: RunFormat; label: string; use: string }[] = [
  { format: "run", label: "Whole run", use: "One .safetensors file, to be trained on elsewhere" },
  { format: "tfevents", label: "TensorBoard", use: "A .tfevents file: losses and previews" },
  { format: "csv", label: "CSV", use: "Two tables: every step, every epoch" },
  { format: "json", label: "JSON", use: "Settings, every step and every epoch" },
];

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
        {FORMATS.map(({ format, label, use }) => (
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
              {use}
            </Text>
          </UnstyledButton>
        ))}
      </Popup>
    </>
  );
}
