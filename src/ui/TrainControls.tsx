import { Anchor, Button, Group, Loader, Text } from "@mantine/core";
import { validateNewRun } from "../config/validate.ts";
import { isActive } from "../store/run.ts";
import { useApp, useAppState } from "./AppContext.ts";
import { StopIcon } from "./icons.tsx";
import { MainButton } from "./MainButton.tsx";
import { onFirstClick } from "./onFirstClick.ts";
import { RunAtHand } from "./RunAtHand.tsx";

/** One large button, whose name is what a press would do now, and Stop. */
export function TrainControls() {
  return (
    <>
      <Group gap="xs" wrap="nowrap" grow preventGrowOverflow={false} data-first-step="train">
        <MainButton size="md" />
        <StopButton size="md" />
      </Group>
      <RunAtHand />
      <WhyNot />
    </>
  );
}

/** Nothing where no run is active. */
export function StopButton({ size }: { size: "md" | "compact-sm" }) {
  const { client } = useApp();
  const run = useAppState((state) => state.run);
  if (!isActive(run)) return null;
  const isAsked = run.asked === "stop";
  return (
    <Button
      ref={handFocusOn}
      size={size}
      px="xs"
      variant="default"
      leftSection={isAsked ? <Loader size="1em" color="currentColor" /> : <StopIcon />}
      disabled={run.status === null}
      // Not `loading`: the keyboard's focus would be lost.
      aria-disabled={isAsked}
      onClick={onFirstClick(() => {
        if (!isAsked) client.ask("stop");
      })}
    >
      Stop
    </Button>
  );
}

/** To the button beside it, when this one goes. */
function handFocusOn(button: HTMLButtonElement | null) {
  return () => {
    if (button && document.activeElement === button) {
      button.parentElement?.querySelector("button")?.focus();
    }
  };
}

const reloadPage = () => window.location.reload();

function WhyNot() {
  const hasNone = useAppState((state) => state.backend.status === "failed");
  const isElsewhere = useAppState((state) => state.stored.isTrainingElsewhere);
  const hasWrongSettings = useAppState(
    ({ run, config }) => !isActive(run) && Object.keys(validateNewRun(config)).length > 0,
  );
  if (isElsewhere) {
    return (
      <Text size="xs" c="dimmed" role="note">
        Another tab is training, and only one can at a time. Meanwhile you can look at runs and
        generate digits here.
      </Text>
    );
  }
  if (hasNone) {
    return (
      <Text size="xs" c="red">
        There is nothing to compute on.{" "}
        <Anchor component="button" type="button" size="xs" onClick={reloadPage}>
          Reload
        </Anchor>
      </Text>
    );
  }
  if (!hasWrongSettings) return null;
  return (
    <Text size="xs" c="var(--mantine-color-error)">
      {/* On a phone they are far below. */}
      To train, correct the settings first.
    </Text>
  );
}
