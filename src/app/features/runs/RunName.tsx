import { ActionIcon, Text, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { MAX_NAME_LENGTH, visibleName } from "../../../runtime/runName.ts";
import { useApp } from "../../shared/AppContext.ts";
import { PencilIcon } from "../../shared/icons.tsx";
import classes from "../../shared/runs/Runs.module.css";
import type { ReadableRun } from "../../state/slices/storedRuns.ts";

interface RunNameProps {
  run: Pick<ReadableRun, "runId" | "name">;
}

/** A run's name; the pencil beside it makes a field of it. */
export function RunName({ run }: RunNameProps) {
  const [isEdited, setIsEdited] = useState(false);
  const pencilRef = useRef<HTMLButtonElement>(null);
  const wasEdited = useRef(false);
  useEffect(() => {
    // The field that had the focus is gone.
    if (wasEdited.current && !isEdited && hasNoFocus()) pencilRef.current?.focus();
    wasEdited.current = isEdited;
  }, [isEdited]);
  if (isEdited) return <NameField run={run} onDone={() => setIsEdited(false)} />;
  return (
    <>
      <Text component="h3" size="sm" fw={600} lh={1.35} className={classes.name}>
        {run.name}
      </Text>
      <ActionIcon
        ref={pencilRef}
        size={24}
        variant="subtle"
        color="gray"
        c="dimmed"
        aria-label="Rename"
        title="Rename"
        onClick={() => setIsEdited(true)}
      >
        <PencilIcon />
      </ActionIcon>
    </>
  );
}

/** Enter and leaving it save, Escape does not. */
function NameField({ run, onDone }: Pick<RunNameProps, "run"> & { onDone: () => void }) {
  const { client } = useApp();
  const [text, setText] = useState(run.name);
  const isDone = useRef(false);
  const fieldRef = useRef<HTMLInputElement>(null);
  // Once: selected anew after each key, the field would keep the last letter alone.
  useEffect(() => fieldRef.current?.select(), []);
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
        ref={fieldRef}
        size="xs"
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

function hasNoFocus(): boolean {
  const { activeElement } = document;
  return activeElement === null || activeElement.matches("body, dialog");
}
