import { Text } from "@mantine/core";
import { memo } from "react";
import { STEP_SAMPLING } from "../../../runtime/sampling/sampling.ts";
import { AskFields } from "../../shared/network/AskFields.tsx";
import { SamplingField, UNGUIDED } from "../../shared/network/SamplingField.tsx";
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
  // The fields are the same before and after training, so that what has the focus keeps it.
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
  const { ask, areDigits, askErrors, config } = form;
  return (
    <div className={classes.ask}>
      <AskFields
        ask={ask}
        numClasses={config.classes}
        areDigits={areDigits}
        errors={askErrors}
        onChange={form.change}
        onDraw={form.draw}
      >
        <SamplingField
          name="guidance"
          className={classes.guidance}
          table={STEP_SAMPLING}
          text={form.typed}
          config={config}
          unused={ask.ask === "none" && UNGUIDED}
          error={form.errors.guidance}
          onChange={form.changeSampling}
        />
      </AskFields>
    </div>
  );
}
