import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import { planeGrid } from "../../engine/data/plane.ts";
import { messageOf } from "../../engine/messageOf.ts";
import { takesPoints } from "../../engine/nn/architectures.ts";
import type { FieldMeter } from "../../engine/quality/planeMeasures.ts";
import type { Denoiser } from "../../engine/train/gradient.ts";
import type { Post } from "../../runtime/run/events.ts";
import type { Network } from "../../runtime/run/network.ts";
import type {
  PlaneDrawn,
  PlaneMeasuredEvent,
  PlaneRequest,
} from "../../runtime/run/samplingProtocol.ts";
import type { CommandOf } from "./protocol.ts";

interface PlaneJobOptions {
  command: CommandOf<"drawPlane" | "measurePlane">;
  id: string;
  network: Network;
  post: Post;
}

/** What ends a job well. */
type End = ({ type: "planeDrawn" } & PlaneDrawn) | PlaneMeasuredEvent;

/** Draws points and the field of a network of points, or measures them, a slice at a time. */
export class PlaneJob {
  readonly id: string;
  isDone = false;
  readonly #options: PlaneJobOptions;
  readonly #denoiser: Denoiser;
  readonly #work: AsyncGenerator<void, End>;

  get command(): PlaneJobOptions["command"] {
    return this.#options.command;
  }

  /** @throws Error where the network was trained on images */
  constructor(options: PlaneJobOptions) {
    const { command, network } = options;
    if (!takesPoints(network.config)) {
      throw new Error(
        "Expected a network of points, got one of images: train one on points, or open a run of points.",
      );
    }
    this.#options = options;
    this.id = options.id;
    const isDrawing = command.type === "drawPlane";
    this.#denoiser = network.denoiser(isDrawing ? command.request.weights : "ema");
    this.#work = isDrawing
      ? draw(command.request, network, this.#denoiser)
      : measure(network, this.#denoiser);
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
        return post({ ...value, requestId });
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

async function* measure(network: Network, denoiser: Denoiser): AsyncGenerator<void, End> {
  // Loaded only where somebody measures.
  const { measurePlane } = await import("../../engine/quality/planeMeasures.ts");
  const measured = yield* measurePlane(denoiser, network.config);
  return { type: "planeMeasured", ...measured };
}

/** Lets points flow or walk, and asks the network at a grid of places what it predicts there. */
async function* draw(
  request: PlaneRequest,
  network: Network,
  denoiser: Denoiser,
): AsyncGenerator<void, End> {
  // Loaded only where somebody looks at points.
  const { drawPoints, pointFlow, sameClass } = await import("../../engine/quality/drawPoints.ts");
  if (request.walk) return yield* walked(request, request.walk, network, denoiser);
  const { seed, count, gridSize, fieldAt } = request;
  const places = planeGrid(gridSize);
  const flow = yield* pointFlow({ ...request, denoiser, places });
  const oneStep =
    fieldAt === "all"
      ? await drawPoints({
          denoiser,
          seed,
          count,
          condition: sameClass(request, count),
          sampler: { kind: "ddim", timesteps: 1, spacing: "even" },
        })
      : null;
  const meter = await fieldMeterOf(network.config);
  const fieldErrors = yield* meter.measure(denoiser);
  const { trainedSteps } = network;
  return { type: "planeDrawn", ...flow, oneStep, fieldErrors, trainedSteps };
}

/** As `draw`, of points that walk by Langevin dynamics. */
async function* walked(
  request: PlaneRequest,
  walk: NonNullable<PlaneRequest["walk"]>,
  network: Network,
  denoiser: Denoiser,
): AsyncGenerator<void, End> {
  const { LANGEVIN_STEP, langevinTimes, langevinWalk, predictedStarts, sameClass } = await import(
    "../../engine/quality/drawPoints.ts"
  );
  const { seed, count, gridSize } = request;
  const { signals, noises, numTimesteps } = denoiser.schedule;
  const times = langevinTimes(walk, numTimesteps);
  const condition = sameClass(request, count);
  const frames = yield* langevinWalk({
    denoiser,
    seed,
    count,
    condition,
    times,
    stepSize: LANGEVIN_STEP,
  });
  const points = planeGrid(gridSize);
  const ofGrid = sameClass(request, gridSize ** 2);
  const fields = new Map<number, Float32Array<ArrayBuffer>>();
  for (const t of new Set(times)) {
    fields.set(t, await predictedStarts({ denoiser, points, t, condition: ofGrid }));
    yield;
  }
  // The frame before the first step is on the level that this is of.
  const ofFrames = [times[0] as number, ...times];
  return {
    type: "planeDrawn",
    levels: ofFrames.map((t) => ({ signal: signals[t] ?? 1, noise: noises[t] ?? 0 })),
    frames,
    starts: ofFrames.map((t) => fields.get(t) ?? null),
    oneStep: null,
    fieldErrors: [],
    trainedSteps: network.trainedSteps,
  };
}

/** As closely as leaves a picture quick. */
const FIELD_SIZE = { numLevels: 3, numPoints: 200 };

/** The meter of the last settings: while a run trains, all its pictures take the same. */
let lastMeter: { key: string; meter: FieldMeter } | null = null;

async function fieldMeterOf(config: RunConfig): Promise<FieldMeter> {
  const key = JSON.stringify(config);
  if (lastMeter?.key !== key) {
    const { FieldMeter } = await import("../../engine/quality/planeMeasures.ts");
    lastMeter = { key, meter: new FieldMeter(config, FIELD_SIZE) };
  }
  return lastMeter.meter;
}
