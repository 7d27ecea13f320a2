import { AskFields, GuidanceField } from "../../shared/network/AskFields.tsx";
import classes from "./SamplePanel.module.css";
import type { SampleFormState } from "./useSampleForm.ts";

/** What a network with classes is asked for. */
export function AskForm({ form }: { form: SampleFormState }) {
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
