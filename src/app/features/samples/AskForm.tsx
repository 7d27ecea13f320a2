import { useState } from "react";
import { AskFields, GuidanceField } from "../../shared/network/AskFields.tsx";
import {
  ASK_DEFAULTS,
  type Ask,
  askedDigits,
  hasOwnCount,
  parseGuidance,
  withGuidance,
} from "../../shared/network/askedDigits.ts";
import { type Asked, SampleFields, type SampleFormState } from "./SampleFields.tsx";
import classes from "./SamplePanel.module.css";

/** The form for a network with classes: it also has what the network is asked for. */
export default function AskForm({ form }: { form: SampleFormState }) {
  const { classes: numClasses, guidance } = form.config;
  const [ask, setAsk] = useState<Ask>(ASK_DEFAULTS);
  const [scale, setScale] = useState<string | null>(null);
  const scaleText = scale ?? String(guidance);
  const scaleValue = parseGuidance(scaleText);
  const resolve = (of: Ask) =>
    askedDigits(of, { classes: numClasses, typedCount: form.count.value });
  const requested = (of: Ask): Asked | null => {
    const { asked } = resolve(of);
    if (!asked || scaleValue === null) return null;
    const { count, labels, isShared, words, rows, columns } = asked;
    const condition = labels && { labels, guidance: scaleValue };
    return {
      count,
      condition,
      isShared,
      askedFor: { words: withGuidance(words, scaleValue), rows, columns },
    };
  };
  return (
    <SampleFields form={form} asked={requested(ask)} hasOwnCount={hasOwnCount(ask)}>
      <div className={classes.ask}>
        <AskFields
          ask={ask}
          numClasses={numClasses}
          errors={resolve(ask).errors}
          onChange={(changes) => setAsk({ ...ask, ...changes })}
          onDraw={(changes) => {
            const next = { ...ask, ...changes };
            setAsk(next);
            form.draw(requested(next));
          }}
        />
        <GuidanceField text={scaleText} onChange={setScale} />
      </div>
    </SampleFields>
  );
}
