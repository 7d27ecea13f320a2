import { Button, Text } from "@mantine/core";
import { useState } from "react";
import type { ClassRows } from "../../engine/config/snapshotSteps.ts";
import { distilledConfig } from "../../engine/config/studentSteps.ts";
import type { Noun } from "../../engine/data/datasets.ts";
import type { Report } from "../../runtime/files/readReport.ts";
import { capitalized } from "../../runtime/format.ts";
import {
  ASK_DEFAULTS,
  type Ask,
  type AskKind,
  hasOwnCount,
  withGuidance,
} from "../../runtime/sampling/ask.ts";
import {
  AS_THE_NETWORK,
  readDrawing,
  type SamplingText,
  STEP_SAMPLING,
  shownText,
} from "../../runtime/sampling/sampling.ts";
import { AskFields } from "../shared/network/AskFields.tsx";
import { SamplingField } from "../shared/network/SamplingField.tsx";
import { useNaming } from "../shared/network/useNaming.ts";
import { onFirstClick } from "../shared/onFirstClick.ts";
import { submitReason } from "../shared/parts/SubmitButton.tsx";
import classes from "./Digits.module.css";
import { useNetworkWorker } from "./useNetworkWorker.ts";

/** What the worker asks a network for: each digit is of one class. */
const KINDS: readonly AskKind[] = ["any", "class", "rows", "text"];

/** What is on the screen. */
export interface Shown {
  /** `[count, 28, 28]`, 0 black to 255 white. */
  pixels: Uint8Array;
  count: number;
  rows: ClassRows | null;
  /** Null where their order does not matter. */
  columns: number | null;
  words: string;
}

interface GenerateFormProps {
  report: Report;
  weights: NonNullable<Report["weights"]>;
  /** Told of the noise and of what each step makes of it. */
  onDrawn: (shown: Shown) => void;
}

/** What to draw, and from which noise; Generate, which becomes Cancel. */
export function GenerateForm({ report: { run }, weights, onDrawn }: GenerateFormProps) {
  const config = distilledConfig(run.config, run.step, run.stepsPerEpoch);
  const { classes: numClasses } = config;
  const naming = useNaming();
  const { noun } = naming;
  const [ask, setAsk] = useState<Ask>(ASK_DEFAULTS);
  const [typed, setTyped] = useState<SamplingText>({ ...AS_THE_NETWORK, count: "25" });
  const {
    ask: askWorker,
    cancel,
    isBusy,
    message,
  } = useNetworkWorker(weights, (reason) => formatFailed(reason, noun));
  const network = { config, table: STEP_SAMPLING, naming };
  const read = (of: Ask) => readDrawing(typed, of, network);
  const { values, asked, errors, askErrors } = read(ask);

  const generate = (of: Ask) => {
    const { values, asked } = read(of);
    if (!asked || !values) return;
    const { labels, count, rows, columns, words } = asked;
    const { guidance, seed } = values;
    const steps = Number(shownText("steps", typed, network));
    // Each label of the kinds above is a class.
    const what = labels ? { digits: labels as number[], guidance } : { count };
    const named = `${labels ? withGuidance(words, guidance) : words}, seed ${seed}`;
    askWorker({ type: "draw", drawing: { ...what, steps, seed } }, (reply) => {
      if (reply.type !== "frame") return true;
      const { pixels, index, numSteps } = reply;
      const isLast = index === numSteps;
      onDrawn({
        pixels,
        count,
        rows,
        columns,
        words: isLast ? named : `${named}: step ${index} of ${numSteps}`,
      });
      return isLast;
    });
  };
  const field = (name: "count" | "steps" | "seed" | "guidance") => (
    <SamplingField
      name={name}
      {...(name === "count" && { label: capitalized(`${noun}s`) })}
      table={STEP_SAMPLING}
      text={typed}
      config={config}
      error={errors[name]}
      onChange={(changes) => setTyped({ ...typed, ...changes })}
    />
  );
  const isWrong = !asked || !values;
  return (
    // No form: a frame may not let one submit.
    <fieldset
      className={classes.form}
      aria-label={`Draw ${noun}s`}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || event.defaultPrevented) return;
        if (event.target instanceof HTMLInputElement && !isBusy) generate(ask);
      }}
    >
      <Text size="sm" className={classes.whole}>
        The trained network is in this page. It draws new {noun}s in your browser.
      </Text>
      {numClasses > 0 && (
        <AskFields
          ask={ask}
          numClasses={numClasses}
          naming={naming}
          errors={askErrors}
          kinds={KINDS}
          onChange={(changes) => setAsk({ ...ask, ...changes })}
          onDraw={(changes) => {
            setAsk({ ...ask, ...changes });
            generate({ ...ask, ...changes });
          }}
        >
          {field("guidance")}
        </AskFields>
      )}
      {!hasOwnCount(ask) && field("count")}
      {field("steps")}
      {field("seed")}
      <Button
        size="sm"
        className={classes.submit ?? ""}
        variant={isBusy ? "default" : "filled"}
        disabled={!isBusy && isWrong}
        title={isBusy ? undefined : (submitReason(null, isWrong) ?? undefined)}
        onClick={onFirstClick(() => (isBusy ? cancel() : generate(ask)))}
      >
        {isBusy ? "Cancel" : "Generate"}
      </Button>
      <Text size="sm" c="var(--mantine-color-error)" role="status" className={classes.whole}>
        {message}
      </Text>
    </fieldset>
  );
}

/** @param reason of the browser; empty where it gives none */
function formatFailed(reason: string, noun: Noun): string {
  const why = reason || "the browser ended the worker, perhaps for lack of memory";
  return `Drawing failed: ${why}. Press Generate to try again, with fewer ${noun}s where memory is short.`;
}
