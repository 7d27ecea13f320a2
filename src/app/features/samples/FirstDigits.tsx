import { Group, Text } from "@mantine/core";
import { useEffect, useMemo, useState } from "react";
import type { Condition } from "../../../engine/config/condition.ts";
import { NUM_PIXELS } from "../../../engine/config/hyperparameters.ts";
import {
  type ClassRows,
  classRows,
  SNAPSHOT,
  snapshotCondition,
  snapshotCount,
} from "../../../engine/config/snapshotSteps.ts";
import type { Sampler } from "../../../engine/diffusion/samplers.ts";
import { messageOf } from "../../../engine/messageOf.ts";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { FittedImageGrid } from "../../shared/images/ImageGrid.tsx";
import { startNoise } from "../../shared/images/startNoise.ts";
import { NumberField } from "../../shared/parts/NumberField.tsx";
import { TrainedModelsButton } from "../../shared/parts/TrainedModels.tsx";
import { fetchTrainedModel } from "../../state/client/weightsClient.ts";
import type { TrainedModelFile } from "../../state/trainedModels.ts";
import classes from "./SamplePanel.module.css";

/** It answers while one types. */
const FILE: TrainedModelFile = "pretrained-quick-1-step.safetensors";
const SAMPLER: Sampler = { kind: "ddim", timesteps: 1, spacing: "even", eta: 0 };

/** One download for as long as the page is open. */
let file: Promise<File> | null = null;
let numRequests = 0;

/** Before anything is trained: what one types, written in one step by a network that comes with the page. */
export default function FirstDigits() {
  const [text, setText] = useState("");
  const asked = useMemo(() => askedFor(text), [text]);
  const { count, rows, columns } = asked;
  const { pixels, problem } = useDigits(asked);
  const isDrawn = pixels?.length === count * NUM_PIXELS;
  const caption = problem ?? (isDrawn ? DRAWN : COMING);
  return (
    <>
      <div className={classes.digits}>
        <FittedImageGrid
          {...{ count, rows, columns }}
          label={caption}
          pixels={isDrawn ? pixels : startNoise(SNAPSHOT.seed, count)}
        />
      </div>
      <Group gap="sm" align="start" justify="space-between" wrap="nowrap">
        <Text size="sm" className={classes.caption} title={caption}>
          {caption}
        </Text>
        <TrainedModelsButton />
      </Group>
      <Group gap="sm" align="center" className={classes.first} wrap="nowrap">
        <NumberField
          label="Type a number"
          placeholder="2026"
          text={text}
          error={null}
          onChange={(typed) => setText(typed.replace(/\D/g, "").slice(0, MOST_DIGITS))}
        />
        <Text size="xs" c="dimmed" flex={1}>
          Then press Train: your own network begins with the same noise.
        </Text>
      </Group>
    </>
  );
}

const DRAWN = "Drawn from pure noise in one step, by a small network that comes with this page.";
const COMING = "Pure noise. A small network that comes with this page will draw with it.";

const MOST_DIGITS = 12;

interface Asked {
  count: number;
  rows: ClassRows | null;
  columns: number;
  /** One for each digit. */
  condition: Condition;
}

/** The digits of a text; of an empty one a row of each. */
function askedFor(text: string): Asked {
  const network = { classes: 10, guidance: 1 };
  const numAll = snapshotCount(network);
  const [all, rows] = [snapshotCondition(network), classRows(numAll, network)];
  if (text === "" && all && rows) {
    return { count: numAll, rows, columns: rows.columns, condition: all };
  }
  const condition = { ...network, labels: Array.from(text, Number) };
  return { count: text.length, rows: null, columns: text.length, condition };
}

/** `[count, 28, 28]` of what was asked for last, null before the first; or why there are none. */
function useDigits({ count, condition }: Asked) {
  const { store, client } = useApp();
  const isReady = useAppState(({ backend }) => backend.status === "ready");
  const [pixels, setPixels] = useState<Uint8Array | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    // While the backend starts.
    file ??= fetchTrainedModel(FILE);
    if (!isReady) return;
    const sampleId = `first-${++numRequests}`;
    let isOver = false;
    const stop = client.listen((event) => {
      if (!("sampleId" in event) || event.sampleId !== sampleId) return;
      if (event.type === "sampleFrame" && event.index > 0) setPixels(event.pixels);
      if (event.type === "sampleFailed") setProblem(event.message);
    });
    file.then(
      (loaded) => {
        // Another was asked for, or training has begun.
        if (isOver) return;
        const network = { kind: "file", file: loaded } as const;
        const request = {
          ...{ sampleId, count, condition, sampler: SAMPLER, seed: SNAPSHOT.seed, network },
          ...({ weights: "ema", start: { kind: "noise" }, givesX0: false } as const),
        };
        client.send({ type: "sample", request, config: store.getState().config });
        setProblem(null);
      },
      (error) => {
        file = null;
        setProblem(messageOf(error));
      },
    );
    return () => {
      isOver = true;
      stop();
      client.send({ type: "cancelSample", sampleId });
    };
  }, [store, client, isReady, count, condition]);
  return { pixels, problem };
}
