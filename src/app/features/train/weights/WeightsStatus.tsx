import { Group, Text } from "@mantine/core";
import { lazy } from "react";
import { useAppState } from "../../../shared/AppContext.ts";
import { ErrorBoundary } from "../../../shared/parts/ErrorBoundary.tsx";
import { FileActionButton } from "../../../shared/parts/FileActionButton.tsx";
import { FileProgress } from "../../../shared/parts/FileProgress.tsx";
import { LinkButton } from "../../../shared/parts/LinkButton.tsx";
import { ACTIONS } from "../../../state/actions.ts";
import { TrainedModelsLink } from "./TrainedModels.tsx";
import { BEGIN_HELP, weightsText, weightsTitle } from "./text.ts";

// It would make the page's first load longer.
const LoadedWeights = lazy(() => import("./LoadedWeights.tsx"));

/** Whose weights there are, what a run begins with, and the ways of weights into the page and out of it. */
export function WeightsStatus() {
  const { loaded, loading } = useAppState((state) => state.weights);
  const title = useAppState(weightsTitle);
  const words = useAppState(weightsText);
  return (
    <section>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Text size="xs" fw={600} lh={1.3}>
          {title}
        </Text>
        <Group gap="xs" wrap="nowrap" flex="none">
          <FileActionButton action={ACTIONS.loadWeights} accept=".safetensors">
            {(props) => <LinkButton {...props} aria-label="Load weights" />}
          </FileActionButton>
        </Group>
      </Group>
      {loading !== null ? (
        <Text size="xs" c="dimmed" lh={1.3} mt={2} truncate title={loading}>
          <FileProgress key={loading} />
        </Text>
      ) : loaded ? (
        <ErrorBoundary part="What the weights are for">
          <LoadedWeights weights={loaded} />
        </ErrorBoundary>
      ) : (
        words && (
          <Text size="xs" c="dimmed" lh={1.3} mt={2} title={`${words}. ${BEGIN_HELP}`}>
            {words}
          </Text>
        )
      )}
      <TrainedModelsLink />
    </section>
  );
}
