import { Anchor, Button, Group, Loader, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { validateConfig } from "../config/validate.ts";
import type { Client } from "../store/client.ts";
import { isActive } from "../store/run.ts";
import type { AppState } from "../store/state.ts";
import { useApp, useAppState } from "./AppContext.ts";
import { PauseIcon, PlayIcon, StopIcon } from "./icons.tsx";
import { onFirstClick } from "./onFirstClick.ts";
import { ResumeRun, resumable } from "./ResumeRun.tsx";

type MainAction = "train" | "cancelTrain" | "pause" | "resume";

/** With a run to go on with, that comes first. */
const VARIANTS: Record<MainAction | "another", string> = {
  train: "filled",
  another: "default",
  cancelTrain: "light",
  pause: "filled",
  resume: "filled",
};

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
  const isForAnother = useAppState((state) => resumable(state) !== null);
  return (
    <>
      <Group gap="xs" wrap="nowrap" grow preventGrowOverflow={false}>
        <Button
          size="md"
          px="xs"
          leftSection={isBusy ? <Loader size="1em" color="currentColor" /> : <Icon of={action} />}
          variant={VARIANTS[isForAnother ? "another" : action]}
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
      <ResumeRun />
      <WhyNot />
    </>
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
  return cannotCompute || !hasData || Object.keys(validateConfig(config)).length > 0;
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

function WhyNot() {
  const hasNone = useAppState((state) => state.backend.status === "failed");
  const isElsewhere = useAppState((state) => state.stored.isTrainingElsewhere);
  if (isElsewhere) {
    return (
      <Text size="xs" c="dimmed" role="note">
        Another tab trains, and there is one graphics card. Here you can look at runs and draw
        samples meanwhile.
      </Text>
    );
  }
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
