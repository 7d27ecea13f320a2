import { ActionIcon, Anchor, Group, Text } from "@mantine/core";
import { MAX_LIVE_STEPS } from "../../../../engine/config/sampling.ts";
import { stepsMadeFor } from "../../../../engine/config/studentSteps.ts";
import { counted, formatCount } from "../../../../runtime/format.ts";
import type { LoadedWeights as Loaded } from "../../../../runtime/run/events.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import { handFocusOn } from "../../../shared/handFocusOn.ts";
import { CloseIcon } from "../../../shared/icons.tsx";
import { formatFile } from "../../../shared/network/weightsText.ts";
import { LinkButton } from "../../../shared/parts/LinkButton.tsx";
import { ViewLink } from "../../../shared/parts/ViewLink.tsx";
import { useAction } from "../../../shared/useAction.ts";
import { ACTIONS } from "../../../state/actions.ts";
import { withParams } from "../../../state/address.ts";
import { settingsFitWeights, type Teacher, takeNetwork } from "../../../state/slices/weights.ts";
import type { AppState } from "../../../state/state.ts";

const LIVE_LABELS = { plane: "Play with it live", drawing: "Draw with it live" };

/** Has Draw draw with the loaded weights alone, in the steps that they are made for. */
function drawnLive(query: URLSearchParams, start: keyof typeof LIVE_LABELS): URLSearchParams {
  const network = { kind: "current" } as const;
  const asMade = { network, sampler: null, spacing: null, steps: null };
  const drawing = withParams(query, "drawA", asMade);
  return withParams(drawing, "draw", { start, isComparing: false });
}

const toFirstButton = handFocusOn((button) => button.closest("section")?.querySelector("button"));

/** The file or run whose weights are loaded, what they are used for, and what else can be done with them. */
export default function LoadedWeights({ weights }: { weights: Loaded }) {
  const { store, client } = useApp();
  const words = useAppState(loadedWords);
  const distil = useAction<[Teacher]>(ACTIONS.distil, { runId: null, weights });
  const canTakeNetwork = useAppState((state) => !settingsFitWeights(state));
  const madeFor = stepsMadeFor(weights.config);
  const isLive = madeFor !== null && madeFor <= MAX_LIVE_STEPS;
  // In one step from a drawing the ground stays grey.
  const start = madeFor === 1 ? "plane" : "drawing";
  return (
    <>
      <Group justify="space-between" align="start" gap={4} wrap="nowrap" mt={2}>
        <Text size="xs" lh={1.3} miw={0} style={{ overflowWrap: "anywhere" }}>
          {formatFile(weights.fileName)}
        </Text>
        <ActionIcon
          ref={toFirstButton}
          size={24}
          variant="subtle"
          color="gray"
          c="dimmed"
          m="-4px -4px -4px 0"
          aria-label="Forget these weights"
          title="Forget these weights and their settings: the next run starts from scratch"
          onClick={client.forgetWeights}
        >
          <CloseIcon />
        </ActionIcon>
      </Group>
      <Text size="xs" c="dimmed" lh={1.3} mt={2}>
        {words} <LinkButton {...distil} />{" "}
        <Anchor
          component={ViewLink}
          view="denoise"
          {...(isLive && { setUp: (query: URLSearchParams) => drawnLive(query, start) })}
          size="xs"
        >
          {isLive ? LIVE_LABELS[start] : "Watch it denoise"}
        </Anchor>{" "}
        {canTakeNetwork && (
          <LinkButton onClick={() => store.setState(takeNetwork)}>Use its network</LinkButton>
        )}
      </Text>
    </>
  );
}

/** What loaded weights are used for, given the settings. */
export function loadedWords(state: AppState): string {
  const { weights } = state;
  if (!weights.loaded) return "";
  if (!settingsFitWeights(state)) {
    return "The settings describe a different network, so Train starts from scratch.";
  }
  const { numParameters, trainedSteps, hasSettings, config } = weights.loaded;
  const steps = trainedSteps === null ? "" : ` after ${counted(trainedSteps, "step")}`;
  const madeFor = stepsMadeFor(config);
  const student = madeFor === null ? "" : ` A student for ${counted(madeFor, "sampling step")}.`;
  const begins = state.config.distilFrom > 0 ? "Train distils it." : "Train starts from it.";
  const settings = hasSettings
    ? "Its settings are in the form."
    : "The file does not say how it was trained: check objective and schedule.";
  return `A network of ${formatCount(numParameters)} parameters${steps}.${student} ${begins} ${settings}`;
}
