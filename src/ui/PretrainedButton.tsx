import { Anchor, Button } from "@mantine/core";
import { shownGeneration } from "../store/samples.ts";
import type { AppState } from "../store/state.ts";
import { useApp, useAppState } from "./AppContext.ts";
import { whyNoFiles } from "./whyNoFiles.ts";

const HELP =
  "Loads a network that was trained with this app, and its settings, and draws digits with it. Train goes on from it: at the full learning rate its loss first rises a little.";

/** Of a first visit, or a new one: nothing was trained, loaded or drawn. */
export function isUntouched({ run, weights, samples }: AppState): boolean {
  return run === null && weights.loaded === null && shownGeneration(samples) === null;
}

/** For whoever wants to see digits before having trained. */
export function PretrainedButton() {
  const { client } = useApp();
  const whyNot = useAppState(whyNoFiles);
  const isLoading = useAppState((state) => state.weights.loading !== null);
  return (
    <Button
      size="compact-sm"
      variant="light"
      flex="none"
      loading={isLoading}
      disabled={whyNot !== null}
      title={whyNot ?? HELP}
      onClick={client.loadPretrained}
    >
      Use a trained model
    </Button>
  );
}

/** The same later on, to compare with it; nothing while there is the button. */
export function PretrainedLink() {
  const { client } = useApp();
  const whyNot = useAppState(whyNoFiles);
  const isThere = useAppState((state) => !isUntouched(state));
  if (!isThere) return null;
  return (
    <Anchor
      component="button"
      type="button"
      size="xs"
      lh={1.3}
      disabled={whyNot !== null}
      title={whyNot ?? HELP}
      onClick={client.loadPretrained}
    >
      Use a trained model
    </Anchor>
  );
}
