import { lazy, useId, useState } from "react";
import { useAppState } from "../../shared/AppContext.ts";
import { ErrorBoundary } from "../../shared/parts/ErrorBoundary.tsx";
import { LinkButton } from "../../shared/parts/LinkButton.tsx";
import { Popup } from "../../shared/parts/Popup.tsx";
import { ACTIONS } from "../../state/actions.ts";

// It would make the page's first load longer.
const SaveWeightsForm = lazy(() => import("./SaveWeightsForm.tsx"));

/** Downloads the network that digits are drawn from. */
export function SaveWeights() {
  const disabledReason = useAppState(ACTIONS.saveWeights.disabledReason);
  const [hasOpened, setHasOpened] = useState(false);
  const id = useId();
  return (
    <>
      <LinkButton
        aria-label="Save weights"
        disabled={disabledReason !== null}
        title={disabledReason ?? ACTIONS.saveWeights.help}
        popoverTarget={id}
      >
        Save…
      </LinkButton>
      <Popup id={id} onToggle={() => setHasOpened(true)}>
        {hasOpened && (
          <ErrorBoundary part="The form">
            <SaveWeightsForm popupId={id} />
          </ErrorBoundary>
        )}
      </Popup>
    </>
  );
}
