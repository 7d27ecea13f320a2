import { Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { NUM_PIXELS } from "../../../../engine/config/hyperparameters.ts";
import type { Noun } from "../../../../engine/data/datasets.ts";
import { isOneLevel } from "../../../../engine/diffusion/objectives.ts";
import { encodeCsv } from "../../../../engine/formats/csv.ts";
import type { LevelsMeasured } from "../../../../engine/quality/noiseLevels.ts";
import { counted } from "../../../../runtime/format.ts";
import type { LevelsEvent } from "../../../../runtime/run/samplingProtocol.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import { ChartFrame } from "../../../shared/charts/ChartFrame.tsx";
import { ImageGrid } from "../../../shared/images/ImageGrid.tsx";
import { useNounOfSet } from "../../../shared/network/useNaming.ts";
import { sourceName } from "../../../shared/network/weightsText.ts";
import { DataTable } from "../../../shared/parts/DataTable.tsx";
import { samplingReason } from "../../../state/actions.ts";
import type { Answer, Outcome } from "../../../state/client/answers.ts";
import { goesOn } from "../../../state/slices/run.ts";
import { currentSource, isTrained, sampledConfig } from "../../../state/slices/sampledNetwork.ts";
import type { AppState } from "../../../state/state.ts";
import classes from "./LevelsCard.module.css";

const TITLE = "One pass at every noise level";

/** While a run trains, it has this long between two measurements, and this many times as long as the last one took. */
const [REST_MS, REST_TIMES] = [10_000, 9];

/** Whether the network that is sampled was trained at one noise level. */
export function hasLevels(state: AppState): boolean {
  return isTrained(state) && isOneLevel(sampledConfig(state).objective);
}

/**
 * What a network of one noise level makes of test images at that level and at others, beside the best Gaussian blur, and
 * of pure noise. While a run trains it is measured again and again.
 */
export function LevelsCard({ className }: { className: string | undefined }) {
  const outcome = useLevels();
  const noun = useNounOfSet();
  const name = useAppState((state) => sourceName(currentSource(state), state) ?? "network");
  const measured = outcome?.status === "done" ? outcome.end : null;
  return (
    <ChartFrame
      title={TITLE}
      detail={measured?.trainedSteps && `after ${counted(measured.trainedSteps, "step")}`}
      note="oneLevel"
      size="large"
      className={className}
      {...(measured && {
        files: { name, csv: () => levelsCsv(measured, noun), json: () => levelsJson(measured) },
      })}
    >
      {measured ? <Levels measured={measured} /> : <NothingYet outcome={outcome} />}
    </ChartFrame>
  );
}

function NothingYet({ outcome }: { outcome: Outcome<"levels"> | null }) {
  const reason = useAppState(waitingReason);
  const failure = outcome?.status === "failed" ? outcome.message : null;
  return (
    <Text size="sm" c="dimmed" lh={1.5} mt={6}>
      {failure ?? reason ?? "Measuring test images…"}
    </Text>
  );
}

function Levels({
  measured: { levels, ofNoise, meanDigit, numImages },
}: {
  measured: LevelsEvent;
}) {
  const noun = useNounOfSet();
  const rows = levels.map(({ sigma, isTrained, noised, denoised, blurred }) => [
    <span key={sigma} data-trained={isTrained || undefined}>
      {sigma}
      {isTrained && <small>trained</small>}
    </span>,
    <Pictures key="noised" label={`Noised with sigma ${sigma}`} {...noised} />,
    <Pictures key="denoised" label={`What the network makes of sigma ${sigma}`} {...denoised} />,
    <Pictures
      key="blurred"
      label={`Sigma ${sigma}, blurred`}
      suffix={blurred.width > 0 ? `, ${blurred.width.toFixed(1)} px` : ", unblurred"}
      {...blurred}
    />,
  ]);
  const ofNothing = ofNoise.map(({ around, noise, denoised }, i) => [
    <span key={around}>
      noise<small>{around === "gray" ? "as in Draw" : "over black"}</small>
    </span>,
    <Pictures
      key="noise"
      label={`Pure noise around ${around}`}
      pixels={noise}
      words={`no ${noun}`}
    />,
    <Pictures
      key="denoised"
      label={`What the network makes of pure noise around ${around}`}
      suffix={` from the mean ${noun}`}
      {...denoised}
    />,
    i === 0 && (
      <Pictures
        key="mean"
        label={`The mean ${noun} of the training images`}
        pixels={meanDigit.pixels}
        share={meanDigit.pixels.length / noise.length}
        words={`the mean ${noun}`}
      />
    ),
  ]);
  return (
    <>
      <Text size="xs" c="dimmed" lh={1.4} mt={2} mb={6}>
        Below the pictures is the mean squared error of {numImages} test images, where black is 0
        and white is 1. The blur has the width, in pixels, that suits these images best at each
        sigma. A test image is {formatError(meanDigit.error)} from the mean {noun}.
      </Text>
      <DataTable
        className={classes.levels}
        columns={["Sigma", "Noised", "Network", "Gaussian blur"]}
        rows={[...rows, ...ofNothing]}
      />
    </>
  );
}

interface PicturesProps {
  label: string;
  pixels: Uint8Array;
  error?: number;
  /** After the error. */
  suffix?: string;
  /** In place of an error. */
  words?: string;
  /** Of the column's width. */
  share?: number;
}

function Pictures(props: PicturesProps) {
  const { label, pixels, error = Number.NaN, suffix = "", words, share = 1 } = props;
  const count = pixels.length / NUM_PIXELS;
  return (
    <>
      <ImageGrid
        pixels={pixels}
        count={count}
        columns={count}
        label={label}
        style={{ width: `${100 * share}%` }}
      />
      <small>{words ?? `${formatError(error)}${suffix}`}</small>
    </>
  );
}

function formatError(error: number): string {
  return error.toFixed(4);
}

/** A row for each level; then the errors from the mean digit of what pure noise becomes, and of the test images. */
function levelsCsv({ levels, ofNoise, meanDigit }: LevelsMeasured, noun: Noun): string {
  const none = Number.NaN;
  const noError = [...ofNoise.map(() => none), none];
  return encodeCsv([
    {
      name: "sigma",
      values: [
        ...levels.map(({ sigma }) => sigma),
        ...ofNoise.map(({ around }) => `pure noise around ${around}, to mean ${noun}`),
        `images, to mean ${noun}`,
      ],
    },
    { name: "trained", values: [...levels.map(({ isTrained }) => Number(isTrained)), ...noError] },
    {
      name: "noised",
      values: [
        ...levels.map(({ noised }) => noised.error),
        ...ofNoise.map(() => none),
        meanDigit.error,
      ],
    },
    {
      name: "network",
      values: [...levels, ...ofNoise].map(({ denoised }) => denoised.error).concat(none),
    },
    { name: "blur", values: [...levels.map(({ blurred }) => blurred.error), ...noError] },
    { name: "blur_width", values: [...levels.map(({ blurred }) => blurred.width), ...noError] },
  ]);
}

function levelsJson({ trainedSteps, numImages, levels, ofNoise, meanDigit }: LevelsEvent): string {
  return JSON.stringify({
    title: TITLE,
    trainedSteps,
    numImages,
    levels: levels.map(({ sigma, isTrained, noised, denoised, blurred }) => ({
      sigma,
      isTrained,
      noised: noised.error,
      network: denoised.error,
      blur: blurred.error,
      blurWidth: blurred.width,
    })),
    pureNoiseFromMeanDigit: ofNoise.map(({ around, denoised }) => ({
      around,
      error: denoised.error,
    })),
    testImagesFromMeanDigit: meanDigit.error,
  });
}

/** Why nothing can be measured now; null when it can. */
function waitingReason(state: AppState): string | null {
  if (state.dataset.current === null) return "The test images are not loaded yet.";
  return samplingReason(state);
}

/** Names the network as it is; that of a run that trains is another every time it is asked. */
function networkName(state: AppState): string | null {
  if (waitingReason(state) !== null) return null;
  const { run, dataset } = state;
  const reached = run && `${run.status} ${run.checkpointStep}`;
  return JSON.stringify([currentSource(state), goesOn(run) || reached, dataset.current?.id]);
}

/** The newest measurement of the network that is sampled; null before the first. */
function useLevels(): Outcome<"levels"> | null {
  const { store, client } = useApp();
  const network = useAppState(networkName);
  const [outcome, setOutcome] = useState<Outcome<"levels"> | null>(null);
  useEffect(() => {
    if (network === null) return;
    let answer: Answer<"levels"> | null = null;
    let timer: ReturnType<typeof setTimeout>;
    let isOver = false;
    const measure = async () => {
      const begunMs = performance.now();
      if (!document.hidden) {
        answer = client.measureLevels();
        const ended = await answer.done;
        if (isOver) return;
        setOutcome(ended);
      }
      const restMs = Math.max(REST_MS, REST_TIMES * (performance.now() - begunMs));
      if (goesOn(store.getState().run)) timer = setTimeout(measure, restMs);
    };
    void measure();
    return () => {
      isOver = true;
      clearTimeout(timer);
      answer?.cancel();
    };
  }, [store, client, network]);
  return outcome;
}
