import { Anchor, Button, Group, Loader, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { validateConfig } from "../config/validate.ts";
import type { Client } from "../store/client.ts";
import { isActive } from "../store/run.ts";
import type { AppState } from "../store/state.ts";
import { useApp, useAppState } from "./AppContext.ts";
import { PauseIcon, PlayIcon, StopIcon } from "./icons.tsx";
import { onFirstClick } from "./onFirstClick.ts";

type MainAction = "train" | "cancelTrain" | "pause" | "resume";

const LABELS: Record<MainAction, ReactNode> = {
  train: "Train",
  cancelTrain: "Cancel",
  pause: "Pause",
  resume: "Resume",
};

/** One large button, whose name is what a press would do now, and Stop. */
export function TrainControls() {
  const { client } = useApp();
  const action = useAppState(mainAction);
  const isBusy = useAppState(({ run }) => isActive(run) && isAnswerDue(run));
  const cannotTrain = useAppState(cannotStart);
  return (
    <>
      <Group gap="xs" wrap="nowrap" grow preventGrowOverflow={false}>
        <Button
          size="md"
          px="xs"
          leftSection={isBusy ? <Loader size="1em" color="currentColor" /> : <Icon of={action} />}
          variant={action === "cancelTrain" ? "light" : "filled"}
          disabled={action === "train" && cannotTrain}
          // Not `disabled` nor another button: the keyboard's focus would be lost.
          aria-disabled={isBusy}
          onClick={onFirstClick(() => {
            if (!isBusy) ACTIONS[action](client);
          })}
        >
          {LABELS[action]}
        </Button>
        <StopButton />
      </Group>
      <NoBackend />
    </>
  );
}

function mainAction({ run, trainRequested }: AppState): MainAction {
  if (isActive(run)) return run.status === "paused" ? "resume" : "pause";
  return trainRequested ? "cancelTrain" : "train";
}

/** From a press until the worker's word; the first step counts as one. */
function isAnswerDue({ asked, status }: NonNullable<AppState["run"]>): boolean {
  return asked === "pause" || asked === "resume" || status === null || status === "preparing";
}

function cannotStart({ backend, dataset, config }: AppState): boolean {
  const hasData = dataset.current !== null || dataset.loading !== null;
  return backend.status === "failed" || !hasData || Object.keys(validateConfig(config)).length > 0;
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

function StopButton() {
  const { client } = useApp();
  const run = useAppState((state) => state.run);
  if (!isActive(run)) return null;
  return (
    <Button
      size="md"
      px="xs"
      variant="default"
      leftSection={<StopIcon />}
      loading={run.asked === "stop"}
      disabled={run.status === null}
      onClick={onFirstClick(() => client.ask("stop"))}
    >
      Stop
    </Button>
  );
}

const reloadPage = () => window.location.reload();

function NoBackend() {
  const hasNone = useAppState((state) => state.backend.status === "failed");
  if (!hasNone) return null;
  return (
    <Text size="xs" c="red">
      There is nothing to compute on.{" "}
      <Anchor component="button" type="button" size="xs" onClick={reloadPage}>
        Reload
      </Anchor>
    </Text>
  );
}
