import * as tf from "@tensorflow/tfjs-core";
import type { Dataset } from "../../engine/data/dataset.ts";
import { imageAt } from "../../engine/data/imageOrder.ts";
import { toModelRange } from "../../engine/diffusion/noising.ts";
import { numTimestepsOf } from "../../engine/diffusion/objectives.ts";
import { messageOf } from "../../engine/messageOf.ts";
import { lookAtBlock, type NetworkInputs } from "../../engine/nn/blockLook.ts";
import { DigitSampler, type SamplingOptions } from "../../engine/train/digitSampler.ts";
import type { Post } from "../../runtime/run/events.ts";
import type { Network } from "../../runtime/run/network.ts";
import type { LookedAtDigit, LookRequest } from "../../runtime/run/samplingProtocol.ts";
import { unseenImages } from "./requestedStart.ts";

/** A digit on its way from noise, as far as it was looked at. */
interface Drawing {
  /** Says of which network and digit it is. */
  key: string;
  /** Which images a real digit is of. */
  dataset: Dataset | null;
  sampler: DigitSampler;
  /** Before each step: x_t as it is shown, and what the network is given. */
  frames: { pixels: Uint8Array; given: NetworkInputs }[];
}

interface Look {
  request: LookRequest;
  network: Network;
  /** Whether the network stays as it is, so that the next look may be at the same digit. */
  isLasting: boolean;
  elapsedMs: number;
}

/** Looks inside of the network that is sampled, in slices of time like sampling. */
export class Inside {
  readonly #post: Post;
  #look: Look | null = null;
  #drawing: Drawing | null = null;

  constructor(post: Post) {
    this.#post = post;
  }

  get hasWork(): boolean {
    return this.#look !== null;
  }

  /** @throws Error when there is no such digit */
  begin(look: Omit<Look, "elapsedMs"> & { dataset: Dataset | null }): void {
    const { request, network, dataset } = look;
    const { source, config, trainedSteps } = network;
    const digit = { ...request.digit, step: 0 };
    const key = JSON.stringify([digit, request.weights, source, config, trainedSteps]);
    if (this.#drawing?.key !== key || this.#drawing.dataset !== dataset) {
      this.forget();
      this.#drawing = { key, dataset, sampler: samplerOf(request, network, dataset), frames: [] };
    } else this.#refuseLook();
    this.#look = { ...look, elapsedMs: 0 };
  }

  /** Goes on for about so long. */
  async advance(sliceMs: number): Promise<void> {
    const [look, drawing] = [this.#look, this.#drawing];
    if (!look || !drawing) return;
    const startMs = performance.now();
    const { requestId, block, position, digit } = look.request;
    const step = digit.kind === "drawn" ? digit.step : 0;
    try {
      const { numSteps } = drawing.sampler;
      if (!(Number.isInteger(step) && step >= 0 && step < numSteps)) {
        throw new Error(`Expected a denoising step from 0 to ${numSteps - 1}, got ${step}.`);
      }
      while (drawing.frames.length <= step && performance.now() - startMs < sliceMs) {
        await drawFrame(drawing);
      }
      const frame = drawing.frames[step];
      const seen = frame && (await lookAtBlock(frame.given, { block, position }));
      look.elapsedMs += performance.now() - startMs;
      if (!seen) return;
      const { elapsedMs, network } = look;
      const event = {
        type: "blockSeen" as const,
        requestId,
        block,
        seen,
        elapsedMs,
        pixels: frame.pixels.slice(),
        t: drawing.sampler.times[step] as number,
        trainedSteps: network.trainedSteps,
      };
      this.#post(event, [seen.maps.buffer, event.pixels.buffer]);
    } catch (error) {
      this.#post({ type: "requestFailed", requestId, message: messageOf(error) });
    }
    this.#look = null;
    if (!look.isLasting) this.forget();
  }

  /** Ends the look that is under way, and frees what was kept for the next. */
  forget(): void {
    this.#refuseLook();
    const { sampler, frames = [] } = this.#drawing ?? {};
    for (const { given } of frames) tf.dispose([given.inputs.x, given.inputs.x0Before ?? []]);
    sampler?.dispose();
    this.#drawing = null;
  }

  #refuseLook(): void {
    if (!this.#look) return;
    const { requestId } = this.#look.request;
    const message = "Another look, or another network, took its place.";
    this.#post({ type: "requestFailed", requestId, message });
    this.#look = null;
  }
}

/** @throws Error when its last step is done */
async function drawFrame({ sampler, frames }: Drawing): Promise<void> {
  const { pixels } = await sampler.nextFrame();
  const { inputs, ...network } = sampler.nextInputs;
  // The sampler disposes its own.
  const [x, x0Before] = [tf.clone(inputs.x), inputs.x0Before ? tf.clone(inputs.x0Before) : null];
  frames.push({ pixels, given: { ...network, inputs: { ...inputs, x, x0Before } } });
}

function samplerOf(
  { digit, weights }: LookRequest,
  network: Network,
  dataset: Dataset | null,
): DigitSampler {
  const denoiser = network.denoiser(weights);
  try {
    const { seed } = digit;
    const how: HowDrawn =
      digit.kind === "drawn"
        ? { start: { from: "noise" }, sampler: digit.sampler, condition: digit.condition }
        : noised(digit, dataset, network);
    return new DigitSampler({ denoiser, seed, count: 1, chunkSize: 1, ...how });
  } finally {
    denoiser.values.dispose(); // The sampler has copied them.
  }
}

type HowDrawn = Pick<SamplingOptions, "start" | "sampler" | "condition">;

function noised(
  { index, t }: Extract<LookedAtDigit, { kind: "real" }>,
  dataset: Dataset | null,
  network: Network,
): HowDrawn {
  const { classes } = network.config;
  const { images, labels, count } = dataset ? unseenImages(dataset) : { ...NO_IMAGES };
  if (index >= count) {
    throw new Error(
      count === 0
        ? "A real image has to be loaded first: wait until it is, or choose one that is drawn."
        : `Expected the number of a digit from 0 to ${count - 1}, got ${index}.`,
    );
  }
  const level = Math.min(Math.max(t, 0), numTimestepsOf(network.config) - 1);
  const label = labels[index] as number;
  return {
    start: { from: "image", image: toModelRange(imageAt(images, index)), t: level },
    // It takes no step.
    sampler: { kind: "ddim", timesteps: 1, eta: 0 },
    // Images of another dataset may have labels that the network does not know.
    condition: classes > 0 ? { labels: [label < classes ? label : null], guidance: 1 } : null,
  };
}

const NO_IMAGES = { images: new Uint8Array(), labels: new Uint8Array(), count: 0 };
