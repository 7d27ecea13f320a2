import { Group, Text } from "@mantine/core";
import { useEffect, useMemo, useRef, useState } from "react";
import {
  classRows,
  SNAPSHOT,
  snapshotCondition,
  snapshotCount,
} from "../../../../engine/config/snapshotSteps.ts";
import { DEFAULT_DATASET } from "../../../../engine/data/datasets.ts";
import type { Sampler } from "../../../../engine/diffusion/samplers.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import { FittedImageGrid } from "../../../shared/images/ImageGrid.tsx";
import { startNoise } from "../../../shared/images/startNoise.ts";
import { NumberField } from "../../../shared/parts/NumberField.tsx";
import { ACTIONS } from "../../../state/actions.ts";
import { readParams, writeParams } from "../../../state/address.ts";
import type { Answer } from "../../../state/client/answers.ts";
import { newestWins } from "../../../state/client/newestWins.ts";
import type { AppState } from "../../../state/state.ts";
import { FIRST_MODEL } from "../../../state/trainedModels.ts";
import classes from "./SamplePanel.module.css";
import { MOST_DIGITS } from "./typedNumber.ts";

const SAMPLER: Sampler = { kind: "ddim", timesteps: 1, spacing: "even", eta: 0 };

const HOW = {
  network: { kind: "model", fileName: FIRST_MODEL },
  sampler: SAMPLER,
  seed: SNAPSHOT.seed,
  weights: "ema",
  start: { kind: "noise" },
  givesX0: false,
} as const;

/** Before anything is trained: what one types, written in one step by a network that comes with the page. */
export default function FirstDigits() {
  // One goes on with it when there is a network of one's own.
  const [text, setText] = useState(() => readParams("train").write);
  const digits = digitsIn(text);
  const { drawn, problem } = useDrawn(useMemo(() => askedFor(digits), [digits]));
  const hint = useAppState(firstHint);
  const { count, rows, columns } = drawn?.asked ?? askedFor("");
  const hasFailed = useAppState(({ backend }) => backend.status === "failed");
  const caption = firstCaption(drawn?.asked.words, hasFailed);
  return (
    <>
      <div className={classes.digits}>
        <FittedImageGrid
          count={count}
          rows={rows}
          columns={columns}
          label={caption}
          pixels={drawn?.pixels ?? startNoise(SNAPSHOT.seed, count)}
        />
      </div>
      {problem && (
        <Text size="sm" role="status">
          {problem}
        </Text>
      )}
      <Text size="sm" className={classes.caption} title={caption}>
        {caption}
      </Text>
      <Group gap="4px var(--mantine-spacing-sm)" className={classes.first ?? ""}>
        <NumberField
          label="Type a number"
          className={classes.number}
          placeholder="2026"
          text={text}
          error={text === digits ? null : `Digits only, ${MOST_DIGITS} at most`}
          onChange={(typed) => {
            setText(typed);
            writeParams("train", { write: digitsIn(typed), digit: null });
          }}
        />
        <Text size="xs" c="dimmed">
          {hint}
        </Text>
      </Group>
    </>
  );
}

/** Keeps the digits of what was typed, as many as are drawn. */
function digitsIn(text: string): string {
  return text.replace(/\D/g, "").slice(0, MOST_DIGITS);
}

/** The digits of a text; of an empty one a row of each. */
function askedFor(text: string) {
  const network = { classes: 10, guidance: 1 };
  const numAll = snapshotCount(network);
  const [all, rows] = [snapshotCondition(network), classRows(numAll, network)];
  if (text === "" && all && rows) {
    const words = `${rows.perClass} of each digit`;
    return { count: numAll, rows, columns: rows.columns, condition: all, words };
  }
  const condition = { ...network, labels: Array.from(text, Number) };
  const { length } = text;
  return { count: length, rows: null, columns: length, condition, words: `“${text}”` };
}

type Asked = ReturnType<typeof askedFor>;

interface Drawn {
  asked: Asked;
  /** `[count, 28, 28]` */
  pixels: Uint8Array;
}

/** The newest that were drawn, null before the first; or why there are none. */
function useDrawn(asked: Asked): { drawn: Drawn | null; problem: string | null } {
  const { client } = useApp();
  const isReady = useAppState(({ backend }) => backend.status === "ready");
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const current = useRef<Answer<"sample"> | null>(null);
  const [drawing] = useState(() =>
    newestWins(
      () => 1,
      (asked: Asked) => {
        const { count, condition } = asked;
        const answer = client.draw({ ...HOW, count, condition });
        current.current = answer;
        void show(answer, asked);
        return [answer];
      },
    ),
  );

  async function show(answer: Answer<"sample">, asked: Asked) {
    for await (const part of answer.parts) {
      if (part.type !== "sampleFrame" || part.index === 0) continue;
      setDrawn({ asked, pixels: part.pixels });
      setProblem(null);
    }
    const outcome = await answer.done;
    if (outcome.status !== "failed" || outcome.isLost) return;
    setProblem(`No digits could be drawn: ${outcome.message}`);
  }

  useEffect(() => {
    // Its download takes as long as the backend to start.
    client.prepareModel(FIRST_MODEL);
  }, [client]);
  useEffect(() => {
    if (isReady) drawing.want(asked);
  }, [drawing, isReady, asked]);
  useEffect(
    () => () => {
      drawing.forget();
      current.current?.cancel();
    },
    [drawing],
  );
  return { drawn, problem };
}

/**
 * Before anything is trained.
 *
 * @param drawn what was asked for, in words; undefined before it is drawn
 */
function firstCaption(drawn: string | undefined, hasFailed: boolean): string {
  if (drawn !== undefined) {
    return `${drawn}, drawn from pure noise in one step, by a small trained network that comes with this page.`;
  }
  return hasFailed
    ? "Pure noise. Nothing here can turn it into digits."
    : "Pure noise. A small trained network that comes with this page turns it into digits.";
}

/** What Train offers before anything is trained; nothing where one cannot train now. */
function firstHint(state: AppState): string {
  const { dataset, config } = state;
  if (ACTIONS.train.disabledReason(state) !== null) return "";
  if (dataset.current && dataset.current.id !== DEFAULT_DATASET) {
    return `These are MNIST’s digits. Press Train, and your own network learns from “${dataset.current.name}”.`;
  }
  return config.classes > 0
    ? "Then press Train, and have your own network write it from the same noise."
    : "Then press Train: your own network starts from the same noise, but can’t be told which digits to draw.";
}
