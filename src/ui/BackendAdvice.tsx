import { CloseButton, Text } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { useAppState } from "./AppContext.ts";
import { isAsChosen } from "./asChosen.ts";

/**
 * One line under the top bar when a better backend could not be had; what was chosen is no news. Once
 * closed it stays closed, until there is another reason.
 */
export function BackendAdvice() {
  const backend = useAppState((state) => state.backend);
  const [closedReason, setClosedReason] = useLocalStorage<string | null>({
    key: "closed-backend-advice",
    defaultValue: null,
    // At once, so that what was closed does not flash.
    getInitialValueInEffect: false,
  });
  if (backend.status !== "ready" || isAsChosen(backend.report)) return null;
  const { reason, advice } = backend.report;
  if (reason === null || reason === closedReason) return null;
  return (
    <div style={{ background: "var(--warning-ground)" }} role="note">
      <Text size="xs">
        {reason} {advice}
      </Text>
      <CloseButton
        size="xs"
        ml="auto"
        aria-label="Close this note"
        onClick={() => setClosedReason(reason)}
      />
    </div>
  );
}
