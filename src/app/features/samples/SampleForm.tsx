import { Text } from "@mantine/core";
import { memo, useState } from "react";
import { useShallow } from "zustand/react/shallow";
import { correctedConfig } from "../../../engine/config/validate.ts";
import { useAppState } from "../../shared/AppContext.ts";
import { isTrained, sampledConfig } from "../../state/slices/sampledNetwork.ts";
import { AskForm } from "./AskForm.tsx";
import { type ResolvedAsk, SampleFields, useSampleForm } from "./SampleFields.tsx";
import classes from "./SamplePanel.module.css";

/** How many digits, in how many steps, from which noise; Generate, which becomes Cancel. */
export default memo(function SampleForm() {
  const config = useAppState(useShallow((state) => correctedConfig(sampledConfig(state))));
  const hasTrained = useAppState(isTrained);
  const canAsk = hasTrained && config.classes > 0;
  const form = useSampleForm(config);
  const [resolved, setResolved] = useState<ResolvedAsk | null>(null);
  const count = form.count.value;
  const all = count === null ? null : { count, condition: null, isShared: false, askedFor: null };
  const told = (sentence: string, className = "") => (
    <Text size="xs" c="dimmed" className={className} style={{ gridColumn: "1 / -1" }}>
      {sentence}
    </Text>
  );
  // The same fields before and after: what has the focus keeps it.
  return (
    <SampleFields form={form} {...((canAsk && resolved) || { asked: all, hasOwnCount: false })}>
      {canAsk ? (
        <AskForm form={form} onResolve={setResolved} />
      ) : (
        // An untrained network draws nothing that one could ask for.
        (config.classes > 0 &&
          told(
            "Once the network is trained, you can ask it for a 7 here, or have it write 2026.",
            `placeholder ${classes.askLater}`,
          )) ||
        (hasTrained &&
          told(
            "This network was trained without labels, so you cannot ask it for a digit. Set Classes to 10, and the next one learns them.",
          ))
      )}
    </SampleFields>
  );
});
