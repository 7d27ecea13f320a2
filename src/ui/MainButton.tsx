import { Button, Loader } from "@mantine/core";
import type { ReactNode } from "react";
import { validateNewRun } from "../config/validate.ts";
import type { Client } from "../store/client.ts";
import { isActive } from "../store/run.ts";
import type { AppState } from "../store/state.ts";
import { useApp, useAppState } from "./AppContext.ts";
import { PauseIcon, PlayIcon } from "./icons.tsx";
import { onFirstClick } from "./onFirstClick.ts";
import { resumable } from "./RunAtHand.tsx";

type MainAction = "train" | "cancelTrain" | "pause" | "resume";

/** With a run to go on with, that comes first. */
const VARIANTS: Record<MainAction | "another", string> = {
  train: "filled",
  another: "default",
  cancelTrain: "light",
  pause: "filled",
  resume: "filled",
};

const LABELS: Record<MainAction | "another", ReactNode> = {
  train: "Train",
  another: "Train a new run",
  cancelTrain: "Cancel",
  pause: "Pause",
  resume: "Resume",
};

/** Its name is what a press would do now. */
export function MainButton({ size }: { size: "md" | "compact-sm" }) {
  const { client } = useApp();
  const action = useAppState(mainAction);
  const isBusy = useAppState(({ run }) => isActive(run) && isAnswerDue(run));
  const cannotTrain = useAppState((state) => action === "train" && cannotStart(state));
  const isForAnother = useAppState((state) => resumable(state) !== null);
  const kind = isForAnother ? "another" : action;
  return (
    <Button
      size={size}
      px="xs"
      leftSection={isBusy ? <Loader size="1em" color="currentColor" /> : <Icon of={action} />}
      variant={VARIANTS[kind]}
      disabled={cannotTrain}
      // Not `disabled` nor another button: the keyboard's focus would be lost.
      aria-disabled={isBusy}
      onClick={onFirstClick(() => {
        if (!isBusy) ACTIONS[action](client);
      })}
    >
      {LABELS[kind]}
    </Button>
  );
}

function mainAction({ run, trainRequested, continueRequested }: AppState): MainAction {
  if (isActive(run)) return run.status === "paused" ? "resume" : "pause";
  return trainRequested || continueRequested ? "cancelTrain" : "train";
}

/** From a press until the worker's word; the first step counts as one. */
function isAnswerDue({ asked, status }: NonNullable<AppState["run"]>): boolean {
  return asked === "pause" || asked === "resume" || status === null || status === "preparing";
}

function cannotStart({ backend, dataset, config, stored }: AppState): boolean {
  const hasData = dataset.current !== null || dataset.loading !== null;
  const cannotCompute = backend.status === "failed" || stored.isTrainingElsewhere;
  return cannotCompute || !hasData || Object.keys(validateNewRun(config)).length > 0;
}

const ACTIONS: Record<MainAction, (client: Client) => void> = {
  train: (client) => client.train(),
  cancelTrain: (client) => client.cancelTrain(),
  pause: (client) => client.ask("pause"),
  resume: (client) => client.ask("resume"),
};

function Icon({ of }: { of: MainAction }) {
  if (of === "cancelTrain") return null;
  return of === "pause" ? <PauseIcon /> : <PlayIcon />;
}
