import { CloseButton, Text } from "@mantine/core";
import { useState } from "react";
import { useAppState } from "./AppContext.ts";
import { isAsChosen } from "./asChosen.ts";
import classes from "./BackendAdvice.module.css";

/** One line under the top bar when a better backend was not to be had; what was chosen is no news. */
export function BackendAdvice() {
  const backend = useAppState((state) => state.backend);
  const [isClosed, setIsClosed] = useState(false);
  if (backend.status !== "ready" || backend.report.reason === null || isClosed) return null;
  if (isAsChosen(backend.report)) return null;
  const { reason, advice } = backend.report;
  return (
    <div className={classes.line} role="note">
      <Text size="xs">
        {reason} {advice}
      </Text>
      <CloseButton size="xs" aria-label="Close this note" onClick={() => setIsClosed(true)} />
    </div>
  );
}
