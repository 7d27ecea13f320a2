import { Text } from "@mantine/core";
import { memo } from "react";
import { AskForm } from "./AskForm.tsx";
import { SampleFields } from "./SampleFields.tsx";
import classes from "./SamplePanel.module.css";
import { useSampleForm } from "./useSampleForm.ts";

/** How many digits, in how many steps, from which noise; Generate, which becomes Cancel. */
export default memo(function SampleForm() {
  const form = useSampleForm();
  const { canAsk, hasTrained, config } = form;
  const told = (sentence: string, className = "") => (
    <Text size="xs" c="dimmed" className={className} style={{ gridColumn: "1 / -1" }}>
      {sentence}
    </Text>
  );
  // The same fields before and after: what has the focus keeps it.
  return (
    <SampleFields form={form}>
      {canAsk ? (
        <AskForm form={form} />
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
