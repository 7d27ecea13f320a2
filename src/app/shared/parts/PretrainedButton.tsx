import { Anchor, Button } from "@mantine/core";
import { ACTIONS } from "../../state/actions.ts";
import { shownGeneration } from "../../state/slices/samples.ts";
import type { AppState } from "../../state/state.ts";
import { useAppState } from "../AppContext.ts";
import { useAction } from "../useAction.ts";

/** Whether nothing was trained, loaded or drawn yet. */
export function isUntouched({ run, weights, samples }: AppState): boolean {
  return run === null && weights.loaded === null && shownGeneration(samples) === null;
}

/** To see digits before training. */
export function PretrainedButton() {
  const loadPretrained = useAction(ACTIONS.loadPretrained);
  const isLoading = useAppState((state) => state.weights.loading !== null);
  return (
    <Button {...loadPretrained} size="compact-sm" variant="light" flex="none" loading={isLoading} />
  );
}

/** The same later, to compare with; not while there is the button. */
export function PretrainedLink() {
  const loadPretrained = useAction(ACTIONS.loadPretrained);
  const isThere = useAppState((state) => !isUntouched(state));
  if (!isThere) return null;
  return <Anchor {...loadPretrained} component="button" type="button" size="xs" lh={1.3} />;
}
