import { Text } from "@mantine/core";
import { memo } from "react";
import { ASK_DEFAULTS, ASK_KINDS } from "../../../../runtime/sampling/ask.ts";
import { STEP_SAMPLING } from "../../../../runtime/sampling/sampling.ts";
import { AskFields } from "../../../shared/network/AskFields.tsx";
import { SamplingField, UNGUIDED } from "../../../shared/network/SamplingField.tsx";
import { SampleFields } from "./SampleFields.tsx";
import classes from "./SamplePanel.module.css";
import { CANNOT_ASK } from "./text.ts";
import type { SampleFormState } from "./useSampleForm.ts";

/** How many digits, in how many steps, from which noise; Generate, which becomes Cancel. */
export default memo(function SampleForm({ form }: { form: SampleFormState }) {
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

const WITHOUT_NUMBER = ASK_KINDS.filter((kind) => kind !== "text");

/** What a network with classes is asked for. */
function AskForm({ form }: { form: SampleFormState }) {
  const { areDigits, askErrors, config } = form;
  // A number to write has its field above; what is no digit is asked for here by its class numbers.
  const ask = areDigits && form.ask.ask === "text" ? ASK_DEFAULTS : form.ask;
  return (
    <div className={classes.ask}>
      <AskFields
        ask={ask}
        kinds={areDigits ? WITHOUT_NUMBER : ASK_KINDS}
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
