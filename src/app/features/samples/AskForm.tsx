import { useLayoutEffect, useState } from "react";
import { useAppState } from "../../shared/AppContext.ts";
import { AskFields, GuidanceField } from "../../shared/network/AskFields.tsx";
import {
  ASK_DEFAULTS,
  type Ask,
  type AskErrors,
  askedDigits,
  askOfText,
  guidedCondition,
  hasOwnCount,
  parseGuidance,
  withGuidance,
} from "../../shared/network/askedDigits.ts";
import { drawDigits } from "../../shared/network/chosenNetwork.ts";
import type { ResolvedAsk, SampleFormState } from "./SampleFields.tsx";
import classes from "./SamplePanel.module.css";

interface AskFormProps {
  form: SampleFormState;
  /** To be written at first; empty for none. */
  text: string;
  /** Told of what is asked for at first, and whenever that changes. */
  onResolve: (resolved: ResolvedAsk) => void;
}

/** What a network with classes is asked for. */
export function AskForm({ form, text, onResolve }: AskFormProps) {
  const { classes: numClasses, guidance } = form.config;
  const areDigits = useAppState((state) => drawDigits([{ kind: "current" }], state));
  const typedCount = form.count.value;
  const [ask, setAsk] = useState<Ask>({ ...ASK_DEFAULTS, ...askOfText(text) });
  const [scale, setScale] = useState<string | null>(null);
  const scaleText = scale ?? String(guidance);
  const resolve = (of: Ask) =>
    resolvedAsk(of, scaleText, { classes: numClasses, areDigits, typedCount });
  // Before the form is seen, which says with it whether one can generate.
  useLayoutEffect(() => {
    onResolve(resolvedAsk(ask, scaleText, { classes: numClasses, areDigits, typedCount }));
  }, [ask, scaleText, numClasses, areDigits, typedCount, onResolve]);
  return (
    <div className={classes.ask}>
      <AskFields
        ask={ask}
        numClasses={numClasses}
        areDigits={areDigits}
        errors={resolve(ask).errors}
        onChange={(changes) => setAsk({ ...ask, ...changes })}
        onDraw={(changes) => {
          const next = { ...ask, ...changes };
          setAsk(next);
          form.draw(resolve(next).asked);
        }}
      >
        <GuidanceField className={classes.guidance} text={scaleText} onChange={setScale} />
      </AskFields>
    </div>
  );
}

function resolvedAsk(
  ask: Ask,
  scaleText: string,
  network: Parameters<typeof askedDigits>[1],
): ResolvedAsk & { errors: AskErrors } {
  const { asked, errors } = askedDigits(ask, network);
  const scale = parseGuidance(scaleText);
  const resolved = { errors, hasOwnCount: hasOwnCount(ask) };
  if (!asked || scale === null) return { ...resolved, asked: null };
  const { count, labels, isShared, words, rows, columns } = asked;
  const condition = guidedCondition(labels, scale);
  const askedFor = { words: withGuidance(words, condition?.guidance ?? 1), rows, columns };
  return { ...resolved, asked: { count, condition, isShared, askedFor } };
}
