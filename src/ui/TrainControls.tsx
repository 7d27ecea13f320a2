import { Anchor, Button, Group, Text } from "@mantine/core";
import { validateConfig } from "../config/validate.ts";
import { isActive } from "../store/run.ts";
import type { AppState } from "../store/state.ts";
import { useApp, useAppState } from "./AppContext.ts";
import { PauseIcon, PlayIcon, StopIcon } from "./icons.tsx";
import { onFirstClick } from "./onFirstClick.ts";

/** One large button, whose name is what a press would do now, and Stop. */
export function TrainControls() {
  const { client } = useApp();
  const run = useAppState((state) => state.run);
  if (!isActive(run)) return <TrainButton />;

  const canStop = run.status !== null;
  return (
    <Group gap="xs" wrap="nowrap" grow preventGrowOverflow={false}>
      {run.status === "paused" ? (
        <Button
          size="md"
          px="xs"
          leftSection={<PlayIcon />}
          loading={run.asked === "resume"}
          onClick={onFirstClick(() => client.ask("resume"))}
        >
          Resume
        </Button>
      ) : (
        <Button
          size="md"
          px="xs"
          leftSection={<PauseIcon />}
          loading={run.asked === "pause" || run.status === null || run.status === "preparing"}
          onClick={onFirstClick(() => client.ask("pause"))}
        >
          Pause
        </Button>
      )}
      <Button
        size="md"
        px="xs"
        variant="default"
        leftSection={<StopIcon />}
        loading={run.asked === "stop"}
        disabled={!canStop}
        onClick={onFirstClick(() => client.ask("stop"))}
      >
        Stop
      </Button>
    </Group>
  );
}

function whatTrainAwaits({ dataset, weights }: AppState): "images" | "weights" | "backend" {
  if (dataset.loading) return "images";
  return weights.loading === null ? "backend" : "weights";
}

const reloadPage = () => window.location.reload();

function TrainButton() {
  const { client } = useApp();
  const isWaiting = useAppState((state) => state.trainRequested);
  const numErrors = useAppState((state) => Object.keys(validateConfig(state.config)).length);
  const awaited = useAppState(whatTrainAwaits);
  const hasNoBackend = useAppState((state) => state.backend.status === "failed");
  const hasNoData = useAppState(({ dataset }) => !dataset.current && !dataset.loading);

  if (isWaiting) {
    return (
      <Button size="md" fullWidth variant="light" onClick={onFirstClick(client.cancelTrain)}>
        Waiting for the {awaited} – cancel
      </Button>
    );
  }
  return (
    <>
      <Button
        size="md"
        fullWidth
        leftSection={<PlayIcon />}
        disabled={numErrors > 0 || hasNoBackend || hasNoData}
        onClick={onFirstClick(client.train)}
      >
        Train
      </Button>
      {hasNoBackend && (
        <Text size="xs" c="red">
          There is nothing to compute on.{" "}
          <Anchor component="button" type="button" size="xs" onClick={reloadPage}>
            Reload
          </Anchor>
        </Text>
      )}
      {numErrors > 0 && (
        <Text size="xs" c="red">
          {numErrors === 1
            ? "One setting has to be corrected."
            : `${numErrors} settings have to be corrected.`}
        </Text>
      )}
    </>
  );
}
