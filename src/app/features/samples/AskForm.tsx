import { useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from "react";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { AskFields, GuidanceField } from "../../shared/network/AskFields.tsx";
import {
  type Ask,
  type AskErrors,
  askedDigits,
  askFromQuery,
  guidedCondition,
  hasOwnCount,
  parseGuidance,
  withAsk,
  withGuidance,
} from "../../shared/network/askedDigits.ts";
import { drawDigits } from "../../shared/network/chosenNetwork.ts";
import { addressQuery, rewriteAddress } from "../../state/address.ts";
import type { ResolvedAsk, SampleFormState } from "./SampleFields.tsx";
import classes from "./SamplePanel.module.css";

interface AskFormProps {
  form: SampleFormState;
  /** Told of what is asked for at first, and whenever that changes. */
  onResolve: (resolved: ResolvedAsk) => void;
}

/** What a network with classes is asked for: at first by the address, so that a reload or a link brings it back. */
export function AskForm({ form, onResolve }: AskFormProps) {
  const { store } = useApp();
  const { classes: numClasses, guidance } = form.config;
  const areDigits = useAppState((state) => drawDigits([{ kind: "current" }], state));
  const typedCount = form.count.value;
  const [ask, setAsk] = useState(() => askFromQuery(addressQuery()));
  const [scale, setScale] = useState<string | null>(null);
  const scaleText = scale ?? String(guidance);
  const resolve = (of: Ask) =>
    resolvedAsk(of, scaleText, { classes: numClasses, areDigits, typedCount });
  // Before the form is seen, which says with it whether one can generate.
  useLayoutEffect(() => {
    onResolve(resolvedAsk(ask, scaleText, { classes: numClasses, areDigits, typedCount }));
  }, [ask, scaleText, numClasses, areDigits, typedCount, onResolve]);
  const change = (next: Ask) => {
    setAsk(next);
    rewriteAddress((query) => withAsk(query, next));
  };
  // A run may be large, and was drawn from before.
  const isDrawn = useRef(ask.ask === "any");
  const drawAtFirst = useEffectEvent(() => {
    if (!isDrawn.current && store.getState().weights.loaded) form.draw(resolve(ask).asked);
    isDrawn.current = true;
  });
  useEffect(() => drawAtFirst(), []);
  return (
    <div className={classes.ask}>
      <AskFields
        ask={ask}
        numClasses={numClasses}
        areDigits={areDigits}
        errors={resolve(ask).errors}
        onChange={(changes) => change({ ...ask, ...changes })}
        onDraw={(changes) => {
          const next = { ...ask, ...changes };
          change(next);
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
