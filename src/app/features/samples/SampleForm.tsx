import { Text } from "@mantine/core";
import { lazy, memo, Suspense } from "react";
import { useShallow } from "zustand/react/shallow";
import { useAppState } from "../../shared/AppContext.ts";
import { ErrorBoundary } from "../../shared/parts/ErrorBoundary.tsx";
import { isTrained, sampledConfig } from "../../state/slices/sampledNetwork.ts";
import { type Asked, SampleFields, useSampleForm } from "./SampleFields.tsx";
import classes from "./SamplePanel.module.css";

// An untrained network draws nothing that one could ask for.
const AskForm = lazy(() => import("./AskForm.tsx"));

/** How many digits, in how many steps, from which noise; Generate, which becomes Cancel. */
export const SampleForm = memo(function SampleForm() {
  const config = useAppState(useShallow(sampledConfig));
  const hasTrained = useAppState(isTrained);
  const form = useSampleForm(config);
  const plain = (
    <SampleFields form={form} asked={asked(form.count.value)}>
      {config.classes > 0 && (
        <Text size="xs" c="dimmed" className={classes.askLater}>
          Once the network is trained, you can ask it for a 7 here, or have it write 2026.
        </Text>
      )}
    </SampleFields>
  );
  if (config.classes === 0 || !hasTrained) return plain;
  return (
    <ErrorBoundary part="The form">
      <Suspense fallback={plain}>
        <AskForm form={form} />
      </Suspense>
    </ErrorBoundary>
  );
});

function asked(count: number | null): Asked | null {
  return count === null ? null : { count, condition: null, isShared: false, askedFor: null };
}
