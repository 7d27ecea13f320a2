import { ActionIcon, Anchor, Group, Text } from "@mantine/core";
import type { LoadedWeights } from "../../../runtime/run/events.ts";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { CloseIcon } from "../../shared/icons.tsx";
import { FileActionButton } from "../../shared/parts/FileActionButton.tsx";
import { FileProgress } from "../../shared/parts/FileProgress.tsx";
import { PretrainedLink } from "../../shared/parts/PretrainedButton.tsx";
import { ACTIONS } from "../../state/actions.ts";
import { isActive } from "../../state/slices/run.ts";
import { PRETRAINED_FILE, settingsFitWeights, takeNetwork } from "../../state/slices/weights.ts";
import { SaveWeights } from "./SaveWeights.tsx";
import { loadedWords, weightsTitle, weightsWords } from "./text.ts";

/** Whose weights there are, what a run begins with, and the ways of weights into the page and out of it. */
export function WeightsStatus() {
  const { loaded, loading } = useAppState((state) => state.weights);
  const title = useAppState(weightsTitle);
  const words = useAppState(weightsWords);
  return (
    <div>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Text size="xs" fw={600} lh={1.3}>
          {title}
        </Text>
        <Group gap="xs" wrap="nowrap" flex="none">
          <FileActionButton action={ACTIONS.loadWeights} accept=".safetensors">
            {(props) => (
              <Anchor
                {...props}
                component="button"
                type="button"
                size="xs"
                aria-label="Load weights"
              />
            )}
          </FileActionButton>
          <SaveWeights />
        </Group>
      </Group>
      {loading !== null ? (
        <Text size="xs" c="dimmed" lh={1.3} mt={2} truncate title={loading}>
          <FileProgress key={loading} />
        </Text>
      ) : loaded ? (
        <Loaded weights={loaded} />
      ) : (
        <Text
          size="xs"
          c="dimmed"
          lh={1.3}
          mt={2}
          truncate
          title={`${words}. Train starts a new run, Resume continues one.`}
        >
          {words}
        </Text>
      )}
      {loading === null && loaded?.fileName !== PRETRAINED_FILE && <PretrainedLink />}
    </div>
  );
}

function Loaded({ weights }: { weights: LoadedWeights }) {
  const { store, client } = useApp();
  const words = useAppState(loadedWords);
  const canTakeNetwork = useAppState((state) => !settingsFitWeights(state) && !isActive(state.run));
  return (
    <>
      <Group justify="space-between" align="start" gap={4} wrap="nowrap" mt={2}>
        <Text size="xs" lh={1.3} miw={0} style={{ overflowWrap: "anywhere" }}>
          {weights.fileName}
        </Text>
        <ActionIcon
          size={24}
          variant="subtle"
          color="gray"
          c="dimmed"
          m="-4px -4px -4px 0"
          aria-label="Forget these weights"
          title="Forget these weights: the next run starts from scratch"
          onClick={client.forgetWeights}
        >
          <CloseIcon />
        </ActionIcon>
      </Group>
      <Text size="xs" c="dimmed" lh={1.3} mt={2}>
        {words}{" "}
        {canTakeNetwork && (
          <Anchor
            component="button"
            type="button"
            size="xs"
            onClick={() => store.setState(takeNetwork)}
          >
            Use the file's network
          </Anchor>
        )}
      </Text>
    </>
  );
}
