/** What stands below the digits of Train. Pure. */
import type { Noun } from "../../../../engine/data/datasets.ts";
import { samplerEntry } from "../../../../engine/diffusion/samplers.ts";
import { counted, formatCount, stepsSuffix } from "../../../../runtime/format.ts";
import type { Snapshot } from "../../../../runtime/run/events.ts";
import { formatFile, formatTrained } from "../../../shared/network/weightsText.ts";
import { fractionOf, numSteps } from "../../../state/slices/generation.ts";
import {
  freshPreview,
  isHeldBack,
  newest,
  type PanelGeneration,
  type SamplesState,
  shownFrame,
  shownGeneration,
} from "../../../state/slices/samples.ts";

/** The panel says this from the click on Train until one's own network has written the typed number, such as `“42”`. */
export function numberCaption(words: string): string {
  return `Pure noise. Your own network now writes ${words} from it, better and better as it learns.`;
}

/**
 * What one sees in the digits' panel, in a sentence.
 *
 * @param of.fileName the weights file that would be sampled; null when that is a run's network
 * @param of.noun what one of the images is called
 */
export function sampleCaption(
  samples: SamplesState,
  of: { fileName: string | null; noun: Noun },
): string {
  const { noun } = of;
  const generation = shownGeneration(samples);
  if (!generation) return captionOfNoise(samples, of);

  const fresh = freshPreview(samples);
  if (fresh) {
    return `Preview ${networkWords(generation)}, redrawn column by column, now at step ${formatCount(fresh.trainedSteps)}`;
  }
  const { origin, count, status, elapsedMs, askedFor } = generation;
  const timesteps = numSteps(generation);
  const digits = `${askedFor?.words ?? counted(count, noun)}`;
  const trained = networkWords(generation);
  const subject = `${origin === "preview" ? "Preview" : digits} ${trained}`;
  const index = shownFrame(samples)?.index ?? 0;
  const isAtEnd = index === timesteps;

  if ((status === "cancelled" || status === "failed") && samples.frameIndex === null) {
    return `${subject}, ${status} at step ${index} of ${timesteps}`;
  }
  if (status === "done" && isAtEnd && origin === "person" && elapsedMs !== null) {
    // The time per digit would change with every redrawing, every few seconds.
    if (samples.isAgain) return subject;
    return `${subject}, ${samplerWords(generation)}: ${secondsEach(elapsedMs / count)} per ${noun}`;
  }
  if (origin === "person" && isHeldBack(samples)) return `${subject}, shown when they are finished`;
  const step = `${subject}, denoising step ${index} of ${timesteps}`;
  const isBehind = samples.heldId !== null && newest(samples, origin) !== generation;
  return isBehind ? `${step} – a newer one is there, at the slider's end` : step;
}

/** The panel's digits while one points into the loss: `The digits after 200 training steps, at the cursor` */
export function pointedCaption({ step }: Snapshot, noun: Noun): string {
  return `The ${noun}s ${formatTrained(step)}, at the cursor`;
}

/** `digits-1200-training-steps.png`; on the way to them `…-step-3.png` */
export function digitsFileName(
  generation: Pick<PanelGeneration, "trainedSteps" | "times">,
  index: number,
  noun: Noun,
): string {
  const step = index === numSteps(generation) ? "" : `-step-${index}`;
  return `${noun}s-${generation.trainedSteps ?? "unknown"}-training-steps${step}.png`;
}

/** Whether the newest frame of digits that are being computed is the one on the screen. */
export function isComing(samples: SamplesState): boolean {
  return shownGeneration(samples)?.status === "sampling" && samples.frameIndex === null;
}

/** How far the digits on the screen are computed: 0 to 1. */
export function fractionDone(samples: SamplesState): number {
  const generation = shownGeneration(samples);
  return fractionOf(generation ? [generation] : []);
}

/** `10 steps of Heun even in log-SNR, 18 predictions` */
function samplerWords({ drawnBy, times }: PanelGeneration): string {
  const taken = numSteps({ times });
  const steps = counted(taken, "step");
  if (!drawnBy) return steps;
  const { sampler, objective } = drawnBy;
  const { label, numPasses } = samplerEntry(sampler.kind, objective);
  const suffix = stepsSuffix(sampler, taken, numPasses(taken, true));
  const eta = sampler.eta ? `, η = ${sampler.eta}` : "";
  return `${steps} of ${label}${suffix}${eta}`;
}

function networkWords({ fileName, trainedSteps }: PanelGeneration): string {
  if (fileName !== null) return `by ${formatFile(fileName)}`;
  // The run began with a file that does not say how far it was trained.
  if (trainedSteps === null) return "after further training";
  return formatTrained(trainedSteps);
}

function secondsEach(ms: number): string {
  const seconds = ms / 1000;
  return `${seconds >= 10 ? seconds.toFixed(0) : seconds.toPrecision(2)} s`;
}

function captionOfNoise(
  samples: SamplesState,
  { fileName, noun }: { fileName: string | null; noun: Noun },
): string {
  if (samples.requestedId !== null) return "Pure noise; the first step is being computed…";
  if (fileName !== null) {
    return `Pure noise. ${formatFile(fileName)} turns it into ${noun}s in Draw.`;
  }
  return `Pure noise. While it trains, the network turns the same noise into ${noun}s again and again.`;
}
