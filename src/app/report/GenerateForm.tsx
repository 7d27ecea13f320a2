import { Button, Text } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { HYPERPARAMETERS } from "../../engine/config/hyperparameters.ts";
import { MAX_DIGITS } from "../../engine/config/sampling.ts";
import type { ClassRows } from "../../engine/config/snapshotSteps.ts";
import { distilledConfig } from "../../engine/config/studentSteps.ts";
import type { DigitsCommand, DigitsReply } from "../../hosts/embed/digitsWorker.ts";
import DigitsWorker from "../../hosts/embed/digitsWorker.ts?worker&inline";
import type { Report } from "../../runtime/files/readReport.ts";
import { useAppState } from "../shared/AppContext.ts";
import { AskFields, GuidanceField } from "../shared/network/AskFields.tsx";
import {
  ASK_DEFAULTS,
  type Ask,
  askedDigits,
  hasOwnCount,
  parseGuidance,
  withGuidance,
} from "../shared/network/askedDigits.ts";
import { drawDigits } from "../shared/network/chosenNetwork.ts";
import { onFirstClick } from "../shared/onFirstClick.ts";
import { DigitsField, NumberField, SeedField } from "../shared/parts/NumberField.tsx";
import { submitReason } from "../shared/parts/SubmitButton.tsx";
import type { AskKind } from "../state/generationKinds.ts";
import { parseWholeNumber, wholeNumberError } from "../state/wholeNumber.ts";
import classes from "./Digits.module.css";
import { failedWords, NETWORK_IS_HERE, NOT_STARTED } from "./text.ts";

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
  const {
    timesteps,
    classes: numClasses,
    samplingTimesteps,
    guidance,
  } = distilledConfig(run.config, run.step, run.stepsPerEpoch);
  const areDigits = useAppState((state) => drawDigits([{ kind: "current" }], state));
  const [ask, setAsk] = useState<Ask>(ASK_DEFAULTS);
  const [typed, setTyped] = useState({
    count: "25",
    steps: String(samplingTimesteps),
    seed: "0",
    guidance: String(guidance),
  });
  const ranges = {
    count: { min: 1, max: MAX_DIGITS },
    steps: { min: 1, max: timesteps },
    seed: HYPERPARAMETERS.seed,
  };
  const { draw, cancel, isBusy, message } = useDigitsWorker(weights);
  const resolved = (of: Ask) =>
    askedDigits(of, {
      classes: numClasses,
      areDigits,
      typedCount: parseWholeNumber(typed.count, ranges.count),
    });
  const { errors, asked } = resolved(ask);
  const steps = parseWholeNumber(typed.steps, ranges.steps);
  const seed = parseWholeNumber(typed.seed, ranges.seed);
  const scale = parseGuidance(typed.guidance);

  const generate = (of: Ask) => {
    const { asked } = resolved(of);
    if (!asked || steps === null || seed === null || scale === null) return;
    const { labels, count, rows, columns, words } = asked;
    // Each label of the kinds above is a class.
    const what = labels ? { digits: labels as number[], guidance: scale } : { count };
    const named = `${labels ? withGuidance(words, scale) : words}, seed ${seed}`;
    draw({ ...what, steps, seed }, ({ pixels, index, numSteps }) =>
      onDrawn({
        pixels,
        count,
        rows,
        columns,
        words: index < numSteps ? `${named}: step ${index} of ${numSteps}` : named,
      }),
    );
  };
  const field = (name: keyof typeof ranges) => ({
    text: typed[name],
    error: wholeNumberError(typed[name], ranges[name]),
    onChange: (text: string) => setTyped({ ...typed, [name]: text }),
  });
  const isWrong = !asked || steps === null || seed === null || scale === null;
  return (
    // No form: a frame may not let one submit.
    <fieldset
      className={classes.form}
      aria-label="Draw digits"
      onKeyDown={(event) => {
        if (event.key !== "Enter" || event.defaultPrevented) return;
        if (event.target instanceof HTMLInputElement && !isBusy) generate(ask);
      }}
    >
      <Text size="sm" className={classes.whole}>
        {NETWORK_IS_HERE}
      </Text>
      {numClasses > 0 && (
        <AskFields
          ask={ask}
          numClasses={numClasses}
          areDigits={areDigits}
          errors={errors}
          kinds={KINDS}
          onChange={(changes) => setAsk({ ...ask, ...changes })}
          onDraw={(changes) => {
            setAsk({ ...ask, ...changes });
            generate({ ...ask, ...changes });
          }}
        >
          <GuidanceField
            text={typed.guidance}
            onChange={(text) => setTyped({ ...typed, guidance: text })}
          />
        </AskFields>
      )}
      {!hasOwnCount(ask) && <DigitsField {...field("count")} />}
      <NumberField label="Steps" {...field("steps")} />
      <SeedField {...field("seed")} />
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

type Frame = Extract<DigitsReply, { type: "frame" }>;
type Drawing = Extract<DigitsCommand, { type: "draw" }>["drawing"];

/** A worker with the network, from the first drawing on; after an error, from the next one. */
function useDigitsWorker(weights: GenerateFormProps["weights"]) {
  const worker = useRef<Worker | null>(null);
  const current = useRef({ id: 0, onFrame: (_: Frame) => {} });
  const [isBusy, setIsBusy] = useState(false);
  const [message, setMessage] = useState<string | null>(null);
  useEffect(() => () => worker.current?.terminate(), []);

  const post = (command: DigitsCommand) => worker.current?.postMessage(command);
  const end = (problem: string | null) => {
    setIsBusy(false);
    setMessage(problem);
  };
  const start = () => {
    let hasAnswered = false;
    worker.current = new DigitsWorker();
    worker.current.addEventListener("message", ({ data }: MessageEvent<DigitsReply>) => {
      hasAnswered = true;
      if (data.id !== current.current.id) return;
      if (data.type === "problem") return end(data.message);
      current.current.onFrame(data);
      if (data.index === data.numSteps) end(null);
    });
    worker.current.addEventListener("error", ({ message }) => {
      worker.current?.terminate();
      worker.current = null;
      // One that was refused has thrown nothing.
      const hasStarted = hasAnswered || message;
      end(hasStarted ? failedWords(message) : NOT_STARTED);
    });
    post({ type: "load", weights });
  };
  return {
    isBusy,
    message,
    draw(drawing: Drawing, onFrame: (frame: Frame) => void) {
      try {
        if (!worker.current) start();
      } catch {
        return end(NOT_STARTED);
      }
      const id = current.current.id + 1;
      current.current = { id, onFrame };
      setIsBusy(true);
      setMessage(null);
      post({ type: "draw", id, drawing });
    },
    cancel() {
      current.current.id++;
      post({ type: "cancel" });
      end(null);
    },
  };
}
