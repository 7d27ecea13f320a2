import { Button, Group, Text } from "@mantine/core";
import { validateConfig } from "../config/validate.ts";
import { isActive } from "../store/run.ts";
import { useApp, useAppState } from "./AppContext.ts";
import { PauseIcon, PlayIcon, StopIcon } from "./icons.tsx";

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
          onClick={() => client.ask("resume")}
        >
          Resume
        </Button>
      ) : (
        <Button
          size="md"
          px="xs"
          leftSection={<PauseIcon />}
          loading={run.asked === "pause" || run.status === null || run.status === "preparing"}
          onClick={() => client.ask("pause")}
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
        onClick={() => client.ask("stop")}
      >
        Stop
      </Button>
    </Group>
  );
}

function TrainButton() {
  const { client } = useApp();
  const isWaiting = useAppState((state) => state.trainRequested);
  const numErrors = useAppState((state) => Object.keys(validateConfig(state.config)).length);
  const isLoading = useAppState((state) => state.dataset.loading !== null);
  const hasNoBackend = useAppState((state) => state.backend.status === "failed");
  const hasNoData = useAppState(({ dataset }) => !dataset.current && !dataset.loading);

  if (isWaiting) {
    return (
      <Button size="md" fullWidth variant="light" onClick={client.cancelTrain}>
        {isLoading ? "Waiting for the images" : "Waiting for the backend"} – cancel
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
        onClick={client.train}
      >
        Train
      </Button>
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
