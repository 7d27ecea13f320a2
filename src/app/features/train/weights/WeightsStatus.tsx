import { Text } from "@mantine/core";
import { lazy } from "react";
import { counted } from "../../../../runtime/format.ts";
import { useAppState } from "../../../shared/AppContext.ts";
import { formatFile } from "../../../shared/network/weightsText.ts";
import { ErrorBoundary } from "../../../shared/parts/ErrorBoundary.tsx";
import { FileProgress } from "../../../shared/parts/FileProgress.tsx";
import { isActive, numSteps } from "../../../state/slices/run.ts";
import { isTrained } from "../../../state/slices/sampledNetwork.ts";
import type { AppState } from "../../../state/state.ts";
import { TrainedModelsLink } from "./TrainedModels.tsx";

// It would make the page's first load longer.
const LoadedWeights = lazy(() => import("./LoadedWeights.tsx"));

/** Whose weights there are, what a run begins with, and the ways of weights into the page and out of it. */
export function WeightsStatus() {
  const { loaded, loading } = useAppState((state) => state.weights);
  const title = useAppState(weightsTitle);
  const words = useAppState(weightsText);
  return (
    <section>
      <Text size="xs" fw={600} lh={1.3}>
        {title}
      </Text>
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
          <Text
            size="xs"
            c="dimmed"
            lh={1.3}
            mt={2}
            title="Train starts a new run, Resume continues one."
          >
            {words}
          </Text>
        )
      )}
      <TrainedModelsLink />
    </section>
  );
}

/** Whose weights the page has; what Train begins with is said below it. */
export function weightsTitle({ run, weights }: AppState): string {
  if (weights.loaded || weights.loading !== null) return "Loaded weights";
  return isOfRun({ run, weights }) ? "Trained weights" : "New weights";
}

/** Whose weights the page has, in one line, where none are loaded from a file; null before there are any. */
export function weightsText({ run, weights, stored }: AppState): string | null {
  // Room for those of the run of the address.
  if (run === null && stored.addressed?.problem === null) return "\u00a0";
  if (!run || !isOfRun({ run, weights })) return null;
  const startedFrom = run.size?.startedFrom ?? null;
  const from = startedFrom === null ? "" : `, begun with ${formatFile(startedFrom)}`;
  const words = isActive(run) ? "in training" : counted(numSteps(run), "step");
  const next = isActive(run) ? "" : ". A new run starts afresh.";
  return `“${run.name}”, ${words}${from}${next}`;
}

function isOfRun({ run, weights }: Pick<AppState, "run" | "weights">): boolean {
  return isTrained({ run, weights }) || run?.size?.startedFrom != null;
}
