import { planeGrid } from "../../engine/data/plane.ts";
import { messageOf } from "../../engine/messageOf.ts";
import { takesPoints } from "../../engine/nn/architectures.ts";
import { pointPaths, predictedStarts } from "../../engine/quality/drawPoints.ts";
import type { Denoiser } from "../../engine/train/gradient.ts";
import type { Post } from "../../runtime/run/events.ts";
import type { Network } from "../../runtime/run/network.ts";
import type { PlaneDrawn, PlaneRequest } from "../../runtime/run/samplingProtocol.ts";

interface PlaneJobOptions {
  request: PlaneRequest;
  network: Network;
  post: Post;
}

/** Lets points flow from noise to data, and asks the network at a grid of places what it predicts there, a slice at a time. */
export class PlaneJob {
  readonly id: string;
  isDone = false;
  readonly #options: PlaneJobOptions;
  readonly #denoiser: Denoiser;
  readonly #work: AsyncGenerator<void, PlaneDrawn>;

  /** @throws Error where the network was trained on images */
  constructor(options: PlaneJobOptions) {
    const { request, network } = options;
    if (!takesPoints(network.config)) {
      throw new Error(
        "Expected a network of points, got one of images: train one on points, or open a run of points.",
      );
    }
    this.#options = options;
    this.id = request.requestId;
    this.#denoiser = network.denoiser(request.weights);
    this.#work = draw(options, this.#denoiser);
  }

  /** Goes on until `sliceMs` have passed, or a little longer. */
  async advance(sliceMs: number): Promise<void> {
    const startMs = performance.now();
    const { post } = this.#options;
    const { id: requestId } = this;
    try {
      do {
        const { done, value } = await this.#work.next();
        // Cancelled meanwhile.
        if (this.isDone) return;
        if (!done) continue;
        this.#end();
        return post({ type: "planeDrawn", requestId, ...value });
      } while (performance.now() - startMs < sliceMs);
    } catch (error) {
      this.#end();
      post({ type: "requestFailed", requestId, message: messageOf(error) });
    }
  }

  async cancel(): Promise<void> {
    this.#end();
    await this.#work.return(undefined as never);
    this.#options.post({ type: "requestCancelled", requestId: this.id });
  }

  #end(): void {
    if (this.isDone) return;
    this.isDone = true;
    this.#denoiser.values.dispose();
  }
}

async function* draw(
  { request, network }: PlaneJobOptions,
  denoiser: Denoiser,
): AsyncGenerator<void, PlaneDrawn> {
  const { sampler, seed, count, gridSize, fieldAt } = request;
  const { guidance } = network.config;
  const asked = (size: number) =>
    request.label === null
      ? null
      : { labels: new Array<number>(size).fill(request.label), guidance };
  const drawing = { denoiser, sampler, seed, count, condition: asked(count) };
  const { times, frames } = yield* pointPaths(drawing);
  const { signals, noises } = denoiser.schedule;
  const points = planeGrid(gridSize);
  const starts: (Float32Array<ArrayBuffer> | null)[] = [];
  for (const [frame, t] of times.entries()) {
    const isAsked = t >= 0 && (fieldAt === "all" || fieldAt === frame);
    const condition = asked(gridSize ** 2);
    starts.push(isAsked ? await predictedStarts({ denoiser, points, t, condition }) : null);
    if (isAsked) yield;
  }
  return {
    levels: times.map((t) => ({ signal: signals[t] ?? 1, noise: noises[t] ?? 0 })),
    frames,
    starts,
    trainedSteps: network.trainedSteps,
  };
}
