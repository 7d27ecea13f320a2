import { Button, Text } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import type { ClassRows } from "../../engine/config/snapshotSteps.ts";
import { distilledConfig } from "../../engine/config/studentSteps.ts";
import type { DigitsCommand, DigitsReply } from "../../hosts/embed/digitsWorker.ts";
import DigitsWorker from "../../hosts/embed/digitsWorker.ts?worker&inline";
import type { Report } from "../../runtime/files/readReport.ts";
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
import { useAppState } from "../shared/AppContext.ts";
import { AskFields } from "../shared/network/AskFields.tsx";
import { drawDigits } from "../shared/network/chosenNetwork.ts";
import { SamplingField } from "../shared/network/SamplingField.tsx";
import { onFirstClick } from "../shared/onFirstClick.ts";
import { submitReason } from "../shared/parts/SubmitButton.tsx";
import classes from "./Digits.module.css";

/** Where a browser has not even begun to run the network. */
const NOT_STARTED =
  "This browser does not let the network run in a page from a file or a frame. Open the page in a tab of its own, or in another browser.";

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
  const areDigits = useAppState((state) => drawDigits([{ kind: "current" }], state));
  const [ask, setAsk] = useState<Ask>(ASK_DEFAULTS);
  const [typed, setTyped] = useState<SamplingText>({ ...AS_THE_NETWORK, count: "25" });
  const { draw, cancel, isBusy, message } = useDigitsWorker(weights);
  const network = { config, table: STEP_SAMPLING, areDigits };
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
  const field = (name: "count" | "steps" | "seed" | "guidance") => (
    <SamplingField
      name={name}
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
      aria-label="Draw digits"
      onKeyDown={(event) => {
        if (event.key !== "Enter" || event.defaultPrevented) return;
        if (event.target instanceof HTMLInputElement && !isBusy) generate(ask);
      }}
    >
      <Text size="sm" className={classes.whole}>
        The trained network is in this page. It draws new digits in your browser.
      </Text>
      {numClasses > 0 && (
        <AskFields
          ask={ask}
          numClasses={numClasses}
          areDigits={areDigits}
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
      end(hasStarted ? formatFailed(message) : NOT_STARTED);
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

/** @param reason of the browser; empty where it gives none */
function formatFailed(reason: string): string {
  const why = reason || "the browser ended the worker, perhaps for lack of memory";
  return `Drawing failed: ${why}. Press Generate to try again, with fewer digits where memory is short.`;
}
