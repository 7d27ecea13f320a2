import { Button, Group, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { distilledConfig } from "../../../engine/config/studentSteps.ts";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { BusyButton } from "../../shared/BusyButton.tsx";
import { PlayIcon } from "../../shared/icons.tsx";
import { ExportButton } from "../../shared/runs/ExportButton.tsx";
import { useAction } from "../../shared/useAction.ts";
import { ACTIONS } from "../../state/actions.ts";
import { fromList } from "../../state/opening.ts";
import { isActiveRun, isShownRun } from "../../state/slices/run.ts";
import { isUnfinished, type ReadableRun } from "../../state/slices/storedRuns.ts";
import type { Teacher } from "../../state/slices/weights.ts";

interface DeletableProps {
  runId: string;
  /** Takes the focus, which goes with the row. */
  onDelete: () => void;
  /** The other buttons. */
  children: ReactNode;
}

/** A run's buttons and Delete, which asks in their place before it deletes. */
export function Deletable({ runId, onDelete, children }: DeletableProps) {
  const app = useApp();
  const [state, setState] = useState<"asking" | "kept" | null>(null);
  const { disabled, title, children: label } = useAction(ACTIONS.deleteRun, runId);
  if (state === "asking" && !disabled) {
    return (
      <Group
        component="fieldset"
        gap={6}
        mt={8}
        aria-label="Delete this run?"
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          // It means nothing else then.
          event.preventDefault();
          setState("kept");
        }}
      >
        <Text size="xs">Delete this run for good?</Text>
        <Button
          variant="filled"
          color="red"
          onClick={() => {
            setState(null);
            onDelete();
            ACTIONS.deleteRun.perform(app, runId);
          }}
        >
          Delete
        </Button>
        <Button ref={focus} onClick={() => setState("kept")}>
          Keep
        </Button>
      </Group>
    );
  }
  return (
    <Group gap={6} mt={8}>
      {children}
      <Button
        ref={state === "kept" ? focus : null}
        disabled={disabled}
        title={title}
        onClick={() => setState("asking")}
      >
        {label}
      </Button>
    </Group>
  );
}

/** As a `ref`, this focuses a button when it appears. */
function focus(button: HTMLButtonElement | null): void {
  button?.focus();
}

export function RunActions({ run }: { run: ReadableRun }) {
  const { store } = useApp();
  const { runId } = run;
  const isBusy = useAppState((state) => isActiveRun(state, runId));
  const isOpen = useAppState((state) => isShownRun(state, runId));
  const isOpening = useAppState(({ stored }) => stored.opening === runId);
  const open = useAction<[ReadableRun]>(ACTIONS.openRun, run);
  const resume = useAction<[ReadableRun]>(ACTIONS.resumeRun, run);
  const duplicate = useAction<[ReadableRun]>(ACTIONS.duplicateSettings, run);
  const teacher = { runId, weights: weightsOf(run) };
  const distil = useAction<[Teacher]>(ACTIONS.distil, teacher);
  if (isBusy) return <ExportButton runId={runId} />;
  return (
    <>
      {!isOpen && (
        <BusyButton
          {...open}
          variant={isUnfinished(run) ? "default" : "filled"}
          isBusy={isOpening}
        />
      )}
      {!run.isFinished && (
        <Button
          {...resume}
          variant={isUnfinished(run) ? "filled" : "default"}
          leftSection={<PlayIcon />}
          onClick={(event) => {
            resume.onClick(event);
            store.setState((state) => fromList(state, run.config));
          }}
        />
      )}
      <Button {...duplicate} />
      <Button {...distil} />
      <ExportButton runId={runId} />
    </>
  );
}

/** What the worker will load, as far as the list knows it. */
function weightsOf({ name, config, step, stepsPerEpoch, numParameters, dataset }: ReadableRun) {
  return {
    fileName: name,
    config: distilledConfig(config, step, stepsPerEpoch),
    hasSettings: true,
    hasAverage: false,
    dataset: dataset.name,
    numParameters,
    trainedSteps: step,
  };
}
