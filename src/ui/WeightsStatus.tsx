import { ActionIcon, Anchor, FileButton, Group, Text } from "@mantine/core";
import { useRef } from "react";
import { settingsFitWeights, takeNetwork } from "../store/weights.ts";
import type { LoadedWeights } from "../worker/protocol.ts";
import { useApp, useAppState } from "./AppContext.ts";
import { formatCount } from "./format.ts";
import { CloseIcon } from "./icons.tsx";
import { SaveWeights } from "./SaveWeights.tsx";
import classes from "./Weights.module.css";
import { whyNoFiles } from "./whyNoFiles.ts";

const LOAD_HELP =
  "A .safetensors file, saved here or in PyTorch. It can also be dropped anywhere on the page.";

/** What a run begins with, and the ways of weights into the page and out of it. */
export function WeightsStatus() {
  const { client } = useApp();
  const { loaded, loading } = useAppState((state) => state.weights);
  const whyNot = useAppState(whyNoFiles);
  const resetRef = useRef<() => void>(null);

  const choose = (file: File | null) => {
    if (file) client.loadWeights(file);
    // Else the browser says nothing when the same file is chosen again.
    resetRef.current?.();
  };
  return (
    <div>
      <Group justify="space-between" gap={4} wrap="nowrap">
        <Text size="xs" c="dimmed" lh={1.3} miw={0} truncate title={loaded?.fileName}>
          {loading !== null ? `Reading ${loading}` : <Loaded weights={loaded} />}
        </Text>
        <Group gap="xs" wrap="nowrap" className={classes.actions}>
          {loaded && (
            <ActionIcon
              size="xs"
              variant="subtle"
              color="gray"
              aria-label="Forget these weights"
              title="Forget these weights: the next run begins anew"
              onClick={client.forgetWeights}
            >
              <CloseIcon />
            </ActionIcon>
          )}
          <FileButton
            onChange={choose}
            resetRef={resetRef}
            accept=".safetensors"
            disabled={whyNot !== null}
          >
            {(props) => (
              <Anchor
                {...props}
                component="button"
                type="button"
                size="xs"
                className={classes.action}
                aria-label="Load weights"
                disabled={whyNot !== null}
                title={whyNot ?? LOAD_HELP}
              >
                Load…
              </Anchor>
            )}
          </FileButton>
          <SaveWeights />
        </Group>
      </Group>
      {loaded && <Use weights={loaded} />}
    </div>
  );
}

function Loaded({ weights }: { weights: LoadedWeights | null }) {
  if (!weights) return "New weights";
  return (
    <Text span inherit fw={600} c="var(--mantine-color-text)">
      {weights.fileName}
    </Text>
  );
}

/** What the loaded weights will be used for, given the settings. */
function Use({ weights }: { weights: LoadedWeights }) {
  const { store } = useApp();
  const isUsed = useAppState(settingsFitWeights);
  const isFixed = useAppState((state) => whyNoFiles(state) !== null);
  const steps = weights.trainedSteps === null ? "" : `, ${formatCount(weights.trainedSteps)} steps`;
  const numParameters = `${formatCount(weights.numParameters)} parameters`;
  if (isUsed) {
    return (
      <Text size="xs" c="dimmed" lh={1.3} mt={2}>
        {numParameters}
        {steps}. {isFixed ? "The run began with them." : "Train goes on from them."}
        {!weights.hasSettings &&
          " The file does not say how it was trained: check objective and schedule."}
      </Text>
    );
  }
  return (
    <Text size="xs" c="dimmed" lh={1.3} mt={2}>
      The settings describe another network, so Train begins anew.{" "}
      <Anchor
        component="button"
        type="button"
        size="xs"
        disabled={isFixed}
        onClick={() => store.setState(takeNetwork)}
      >
        Take the file's network
      </Anchor>
    </Text>
  );
}
