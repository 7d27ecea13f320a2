import { Button } from "@mantine/core";
import { useApp, useAppState } from "./AppContext.ts";
import { whyNoFiles } from "./whyNoFiles.ts";

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
      title={
        whyNot ??
        "Loads a network that was trained with this app for an hour, and draws digits with it. Train goes on from it."
      }
      onClick={client.loadPretrained}
    >
      Use a trained model
    </Button>
  );
}
