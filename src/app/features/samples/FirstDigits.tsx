import { Group, Text } from "@mantine/core";
import { useEffect, useMemo, useState } from "react";
import {
  classRows,
  SNAPSHOT,
  snapshotCondition,
  snapshotCount,
} from "../../../engine/config/snapshotSteps.ts";
import type { Sampler } from "../../../engine/diffusion/samplers.ts";
import { messageOf } from "../../../engine/messageOf.ts";
import type { SampleRequest } from "../../../runtime/run/samplingProtocol.ts";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { FittedImageGrid } from "../../shared/images/ImageGrid.tsx";
import { startNoise } from "../../shared/images/startNoise.ts";
import { NumberField } from "../../shared/parts/NumberField.tsx";
import { TrainedModelsButton } from "../../shared/parts/TrainedModels.tsx";
import { readParams, writeParams } from "../../state/address.ts";
import { fetchTrainedModel } from "../../state/client/weightsClient.ts";
import type { TrainedModelFile } from "../../state/trainedModels.ts";
import classes from "./SamplePanel.module.css";
import { firstCaption, firstHint, NOT_DRAWN, notDigitsWords } from "./text.ts";
import { MOST_DIGITS } from "./typedNumber.ts";

/** It answers while one types. */
const FILE: TrainedModelFile = "pretrained-quick-1-step.safetensors";
const SAMPLER: Sampler = { kind: "ddim", timesteps: 1, spacing: "even", eta: 0 };

/** One download for as long as the page is open. */
let file: Promise<File> | null = null;
let numRequests = 0;

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
      <Group gap="sm" align="start" justify="space-between" wrap="nowrap">
        <Text size="sm" className={classes.caption} title={caption}>
          {caption}
        </Text>
        <TrainedModelsButton />
      </Group>
      <Group gap="sm" align="start" className={classes.first} wrap="nowrap">
        <NumberField
          label="Type a number"
          placeholder="2026"
          text={text}
          error={text === digits ? null : notDigitsWords(MOST_DIGITS)}
          onChange={(typed) => {
            setText(typed);
            writeParams("train", { write: digitsIn(typed), digit: null });
          }}
        />
        <Text size="xs" c="dimmed" flex={1} mt={22}>
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
  const { store, client } = useApp();
  const isReady = useAppState(({ backend }) => backend.status === "ready");
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    // While the backend starts.
    file ??= fetchTrainedModel(FILE);
    const sampleId = `first-${++numRequests}`;
    let isOver = false;
    const failed = (message: string) => {
      // To be fetched anew with the next number.
      file = null;
      if (!isOver) setProblem(message);
    };
    const stop = client.listen((event) => {
      if (!("sampleId" in event) || event.sampleId !== sampleId) return;
      if (event.type === "sampleFrame" && event.index > 0) {
        setDrawn({ asked, pixels: event.pixels });
        setProblem(null);
      }
      if (event.type === "sampleFailed") failed(`${NOT_DRAWN}: ${event.message}`);
    });
    file.then(
      (loaded) => {
        // Another was asked for, or training has begun.
        if (isOver || !isReady) return;
        const { count, condition } = asked;
        const network = { kind: "file", file: loaded } as const;
        const request: SampleRequest = {
          sampleId,
          count,
          condition,
          sampler: SAMPLER,
          seed: SNAPSHOT.seed,
          network,
          weights: "ema",
          start: { kind: "noise" },
          givesX0: false,
        };
        client.send({ type: "sample", request, config: store.getState().config });
      },
      (error) => failed(messageOf(error)),
    );
    return () => {
      isOver = true;
      stop();
      if (isReady) client.send({ type: "cancelSample", sampleId });
    };
  }, [store, client, isReady, asked]);
  return { drawn, problem };
}
