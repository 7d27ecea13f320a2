/**
 * Between two previews that a run keeps, minutes may pass. Meanwhile the newest one is drawn again, a column of its digits
 * at a time and from the same noise, so that one sees the network learn; nothing of it is kept.
 */
import { useEffect, useEffectEvent, useRef } from "react";
import { NUM_PIXELS, type RunConfig } from "../../../../engine/config/hyperparameters.ts";
import { samplerOf } from "../../../../engine/config/sampling.ts";
import {
  classRows,
  SNAPSHOT,
  snapshotCondition,
  snapshotCount,
} from "../../../../engine/config/snapshotSteps.ts";
import { imageAt } from "../../../../engine/data/imageOrder.ts";
import type { SampleRequest } from "../../../../runtime/run/samplingProtocol.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import type { ChosenNetwork } from "../../../state/address.ts";
import { newest, type SamplesState } from "../../../state/slices/samples.ts";
import type { AppState } from "../../../state/state.ts";

/** A run has this long between two columns, and this many times as long as the last one took, so that it loses little. */
const [REST_MS, REST_TIMES] = [4_000, 9];

type Request = Omit<SampleRequest<ChosenNetwork>, "sampleId">;

/** The places of the digits in a column of a preview, from the top. */
export function columnPlaces(column: number, config: Pick<RunConfig, "classes">): number[] {
  const count = snapshotCount(config);
  const columns = columnsOf(config);
  return Array.from(
    { length: Math.ceil(count / columns) },
    (_, row) => row * columns + column,
  ).filter((place) => place < count);
}

function columnsOf(config: Pick<RunConfig, "classes">): number {
  const count = snapshotCount(config);
  return classRows(count, config)?.columns ?? Math.round(Math.sqrt(count));
}

/**
 * What draws some digits of a preview as it would; null where it cannot be done, since steps with fresh noise of their own
 * depend on a digit's place in the batch.
 */
export function columnRequest(places: readonly number[], config: RunConfig): Request | null {
  const sampler = samplerOf(config.previewTimesteps, config);
  if (sampler.kind === "ancestral" || (sampler.eta ?? 0) > 0) return null;
  const condition = snapshotCondition(config);
  const most = Math.max(...places) + 1;
  return {
    count: places.length,
    sampler,
    seed: SNAPSHOT.seed,
    network: { kind: "current" },
    weights: "ema",
    // Each begins with the noise of its place alone.
    start: {
      kind: "noise",
      mixes: places.map((place) => Array.from({ length: most }, (_, i) => (i === place ? 1 : 0))),
    },
    condition: condition && {
      ...condition,
      labels: places.map((place) => condition.labels[place] ?? null),
    },
    givesX0: false,
  };
}

/** The preview that one sees with these digits in place of its own; the state as it was where another one has come. */
export function withFreshDigits(
  samples: SamplesState,
  drawn: { of: string; places: readonly number[]; pixels: Uint8Array; trainedSteps: number },
): SamplesState {
  const preview = newest(samples, "preview");
  const { of, places, trainedSteps } = drawn;
  const before = samples.fresh?.of === of ? samples.fresh.pixels : preview?.frames.at(-1)?.pixels;
  if (preview?.sampleId !== of || !before) return samples;
  const pixels = before.slice();
  for (const [i, place] of places.entries()) {
    pixels.set(imageAt(drawn.pixels, i), place * NUM_PIXELS);
  }
  return { ...samples, fresh: { of, pixels, trainedSteps } };
}

/** The newest preview of a run that trains, while one follows it and nothing else is drawn; else null. */
function previewToFreshen({ run, samples, view }: AppState): string | null {
  if (run?.status !== "training" || run.config.distilFrom > 0 || view !== "train") return null;
  const isFollowed = samples.view === "preview" && samples.frameIndex === null;
  const preview = newest(samples, "preview");
  return isFollowed && preview?.status === "done" ? preview.sampleId : null;
}

export function useFreshColumns(): void {
  const { store, client } = useApp();
  const of = useAppState(previewToFreshen);
  const column = useRef(0);
  const draw = useEffectEvent(async (of: string): Promise<number> => {
    const { run } = store.getState();
    if (!run) return 0;
    const places = columnPlaces(column.current++ % columnsOf(run.config), run.config);
    const asked = columnRequest(places, run.config);
    if (!asked) return Number.POSITIVE_INFINITY;
    const begunMs = performance.now();
    const answer = client.draw(asked);
    let pixels: Uint8Array | null = null;
    let trainedSteps = 0;
    for await (const part of answer.parts) {
      if (part.type === "sampleFrame") pixels = part.pixels;
      else trainedSteps = part.trainedSteps ?? 0;
    }
    const { status } = await answer.done;
    const digits = pixels;
    if (status === "done" && digits) {
      store.setState(({ samples }) => ({
        samples: withFreshDigits(samples, { of, places, pixels: digits, trainedSteps }),
      }));
    }
    return performance.now() - begunMs;
  });
  useEffect(() => {
    if (of === null) return;
    let timer: ReturnType<typeof setTimeout>;
    let isOver = false;
    const rest = (ms: number) => {
      if (isOver || !Number.isFinite(ms)) return;
      timer = setTimeout(async () => {
        const tookMs = document.hidden ? 0 : await draw(of);
        rest(Math.max(REST_MS, REST_TIMES * tookMs));
      }, ms);
    };
    rest(REST_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [of]);
}
