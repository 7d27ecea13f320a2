import { ActionIcon, Text, TextInput } from "@mantine/core";
import { useRef, useState } from "react";
import { MAX_NAME_LENGTH, visibleName } from "../../../runtime/runName.ts";
import { useApp } from "../../shared/AppContext.ts";
import { PencilIcon } from "../../shared/icons.tsx";
import type { ReadableRun } from "../../state/slices/storedRuns.ts";
import classes from "./Runs.module.css";

type NamedRun = Pick<ReadableRun, "runId" | "name">;

/** A run's name; the pencil beside it makes a field of it. */
export function RunName({ run }: { run: NamedRun }) {
  const [state, setState] = useState<"editing" | "edited" | null>(null);
  if (state === "editing") return <NameField run={run} onDone={() => setState("edited")} />;
  return (
    <>
      <Text component="h3" size="sm" fw={600} lh={1.35} className={classes.name}>
        {run.name}
      </Text>
      <ActionIcon
        ref={state === "edited" ? focusIfNone : null}
        size={24}
        variant="subtle"
        color="gray"
        c="dimmed"
        aria-label="Rename"
        title="Rename"
        onClick={() => setState("editing")}
      >
        <PencilIcon />
      </ActionIcon>
    </>
  );
}

/** Enter and leaving it save, Escape does not. */
function NameField({ run, onDone }: { run: NamedRun; onDone: () => void }) {
  const { client } = useApp();
  const [text, setText] = useState(run.name);
  const isDone = useRef(false);
  const end = (name: string | null) => {
    // The field loses the focus once more when it goes.
    if (isDone.current) return;
    isDone.current = true;
    if (name !== null && name !== run.name) client.renameRun(run.runId, name);
    onDone();
  };
  return (
    <form
      style={{ flex: 1 }}
      onSubmit={(event) => {
        event.preventDefault();
        end(visibleName(text));
      }}
    >
      <TextInput
        ref={selectAll}
        aria-label="Name"
        maxLength={MAX_NAME_LENGTH}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={() => end(visibleName(text))}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          // Else the dialog would close.
          event.preventDefault();
          end(null);
        }}
      />
    </form>
  );
}

/** As a `ref`: once, when the field appears. */
function selectAll(field: HTMLInputElement | null): void {
  field?.select();
}

/** As a `ref`: the field that had the focus is gone, unless the person went on to something else. */
function focusIfNone(button: HTMLButtonElement | null): void {
  if (document.activeElement?.matches("body, dialog") ?? true) button?.focus();
}
