import { Text } from "@mantine/core";
import { memo } from "react";
import { AskFields, GuidanceField } from "../../shared/network/AskFields.tsx";
import { SampleFields } from "./SampleFields.tsx";
import classes from "./SamplePanel.module.css";
import { CANNOT_ASK } from "./text.ts";
import { type SampleFormState, useSampleForm } from "./useSampleForm.ts";

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
        (config.classes > 0 && told(CANNOT_ASK.untrained, `placeholder ${classes.askLater}`)) ||
        (hasTrained && told(CANNOT_ASK.withoutLabels))
      )}
    </SampleFields>
  );
});

/** What a network with classes is asked for. */
function AskForm({ form }: { form: SampleFormState }) {
  const { ask, areDigits, errors, config, guidance, changeSampling } = form;
  return (
    <div className={classes.ask}>
      <AskFields
        ask={ask}
        numClasses={config.classes}
        areDigits={areDigits}
        errors={errors}
        onChange={form.change}
        onDraw={form.draw}
      >
        <GuidanceField
          className={classes.guidance}
          text={guidance}
          isUnused={ask.ask === "none"}
          onChange={(text) => changeSampling({ guidance: text })}
        />
      </AskFields>
    </div>
  );
}
