/**
 * `npm run measure:symbol`: how well a network learns a class more from a few drawings, where the truth is known. Networks that
 * learn the digits 0 to 8 alone, for one epoch with the settings of Quick, are taught the 9 by real nines in place of drawings;
 * the classifier then says what new nines and old digits read as. docs/performance.md has what came out.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { NUM_PIXELS, type RunConfig } from "../src/engine/config/hyperparameters.ts";
import { presetConfig } from "../src/engine/config/presets.ts";
import { MAX_DIGITS, samplerOf } from "../src/engine/config/sampling.ts";
import { SYMBOL_IMAGES, symbolConfig } from "../src/engine/config/symbolTraining.ts";
import type { Dataset, LabeledImages } from "../src/engine/data/dataset.ts";
import { pickImages } from "../src/engine/data/imageOrder.ts";
import { symbolSet } from "../src/engine/data/symbolSet.ts";
import { valuesWithAddedClasses } from "../src/engine/nn/addedClasses.ts";
import type { Classifier } from "../src/engine/quality/classifier.ts";
import { NUM_FEATURES } from "../src/engine/quality/classifierNetwork.ts";
import { drawSamples } from "../src/engine/quality/drawSamples.ts";
import { predictions } from "../src/engine/quality/figures.ts";
import { frechetDistance, gaussianOf } from "../src/engine/quality/frechet.ts";
import { randomPermutation } from "../src/engine/random.ts";
import { type Denoiser, denoiserOf } from "../src/engine/train/gradient.ts";
import { microBatchSize } from "../src/engine/train/memory.ts";
import type { Replica } from "../src/engine/train/replica.ts";
import { TrainingSession } from "../src/engine/train/session.ts";
import {
  CommandError,
  countOption,
  fromCaller,
  type Options,
  typedOptions,
} from "../src/hosts/cli/options.ts";
import { startNodeWasm } from "../src/hosts/cli/parts/nodeBackend.ts";
import { readClassifier } from "../src/hosts/cli/parts/reader.ts";
import { StatusLine } from "../src/hosts/cli/parts/statusLine.ts";
import { readImages } from "../src/hosts/cli/parts/trainingImages.ts";
import { startReplicaThread } from "../src/hosts/cli/replica.ts";
import { decodeWeights, encodeWeights } from "../src/runtime/files/weightsFile.ts";
import { STEPS_AHEAD } from "../src/runtime/run/device.ts";
import { Replicas } from "../src/runtime/threads/replicas.ts";

export const OPTIONS = {
  folder: {
    type: "string",
    help: "has the networks that know 0 to 8, by their seeds; those that are missing are trained and kept there",
  },
  seed: { type: "string", default: "0", help: "of the first network, and of its drawings" },
  seeds: { type: "string", default: "3", help: "networks, of that seed and the ones after it" },
  drawings: { type: "string", default: "10,20,40", help: "numbers of nines to learn from" },
  threads: { type: "string", default: "2", help: "that train together" },
} as const satisfies Options;

/** The new class, and the number of old ones. */
const NEW = 9;

/** A share of 95 % of so many has a standard error of 1.0, a share of 98 % of so many old ones one of 0.5 percentage points. */
const NUM_NEW = 500;
const NUM_OLD = 900;

const VALIDATION_CHUNK = 100;

export async function run(args: string[]): Promise<number> {
  const options = typedOptions(args, OPTIONS);
  if (!options.folder) throw new CommandError("Expected --folder FOLDER, got none.");
  const folder = fromCaller(options.folder);
  mkdirSync(folder, { recursive: true });
  const firstSeed = countOption("seed", options.seed, 0);
  const numSeeds = countOption("seeds", options.seeds);
  const counts = options.drawings.split(",").map((text) => countOption("drawings", text));
  const numThreads = countOption("threads", options.threads);
  const { train, validation } = await readImages();
  const old: Dataset = { train: withoutNew(train), validation: withoutNew(validation) };
  const nines = { train: newImages(train), validation: newImages(validation) };
  await startNodeWasm();
  const replicas = await new Replicas(availableParallelism(), startReplicaThread).start(numThreads);
  const reader = await createReader(readClassifier(), nines);
  for (let seed = firstSeed; seed < firstSeed + numSeeds; seed++) {
    const base = await baseNetwork(join(folder, `base-${seed}.safetensors`), seed, old, replicas);
    const order = randomPermutation(
      { seed, stream: "shuffle", index: 0 },
      nines.train.length / NUM_PIXELS,
    );
    const before = denoiserOf(base.config, base.values);
    const oldBefore = await reader.oldAsAsked(before, base.config);
    before.values.dispose();
    for (const count of counts) {
      const drawings = pickImages(nines.train, order.subarray(0, count));
      const dataset = symbolSet({
        base: old,
        drawings,
        label: NEW,
        numTrain: SYMBOL_IMAGES,
        seed,
      });
      const config = symbolConfig({ ...base.config, classes: NEW + 1 });
      const values = valuesWithAddedClasses(base.config, base.values);
      const { session, minutes } = await trained({ config, dataset, values, replicas });
      const { share, distance } = await reader.newFigures(session.sampler, config);
      const oldAfter = await reader.oldAsAsked(session.sampler, config);
      session.dispose();
      console.log(
        `seed ${seed}, ${count} drawings: ${percent(share)} read as ${NEW}, distance ${distance.toFixed(2)} (real ones ${reader.floor.toFixed(2)}); old digits as asked ${percent(oldAfter)}, before ${percent(oldBefore)}; ${session.totalSteps} steps in ${minutes.toFixed(1)} minutes`,
      );
    }
  }
  return 0;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function placesOf({ labels }: LabeledImages, isWanted: (label: number) => boolean): number[] {
  return [...labels.keys()].filter((place) => isWanted(labels[place] as number));
}

function withoutNew(all: LabeledImages): LabeledImages {
  const places = placesOf(all, (label) => label !== NEW);
  const labels = Uint8Array.from(places, (place) => all.labels[place] as number);
  return { images: pickImages(all.images, places), labels, count: places.length };
}

/** `[N, 28, 28]`. */
function newImages(all: LabeledImages): Uint8Array {
  return pickImages(
    all.images,
    placesOf(all, (label) => label === NEW),
  );
}

/** The network that knows the old digits: out of its file, or trained and kept there. */
async function baseNetwork(
  path: string,
  seed: number,
  dataset: Dataset,
  replicas: readonly Replica[],
): Promise<{ config: RunConfig; values: Float32Array }> {
  const quick = presetConfig("quick");
  const config = { ...quick, classes: NEW, epochs: 1, validateEvery: 0, seed };
  if (existsSync(path)) return { config, values: decodeWeights(readFileSync(path)).values };
  const { session } = await trained({ config, dataset, values: null, replicas });
  const values = Float32Array.from(await session.sampler.values.data<"float32">());
  const facts = {
    trainedSteps: session.numSteps,
    isAverage: true,
    dataset: "MNIST",
    lastEpoch: session.lastEpoch,
    startedFrom: null,
  };
  writeFileSync(path, encodeWeights({ config, values, facts, dtype: "F32" }));
  session.dispose();
  return { config, values };
}

/** The caller disposes the session. */
async function trained(of: {
  config: RunConfig;
  dataset: Dataset;
  /** To begin with; null for those of the seed. */
  values: Float32Array | null;
  replicas: readonly Replica[];
}): Promise<{ session: TrainingSession; minutes: number }> {
  const { config, dataset, values, replicas } = of;
  const line = new StatusLine();
  const session = new TrainingSession({
    config,
    dataset,
    replicas,
    microBatchSize: microBatchSize(config, config.batchSize, "wasm"),
    validationChunkSize: VALIDATION_CHUNK,
    start: { from: "weights", values },
    stepsAhead: STEPS_AHEAD.wasm,
  });
  const startMs = performance.now();
  for await (const report of session.run()) {
    if (report.type === "step") line.tell(`step ${report.step.step} of ${session.totalSteps}`);
  }
  line.clear();
  return { session, minutes: (performance.now() - startMs) / 60_000 };
}

/** Draws with a network, and has the classifier read what it drew. */
async function createReader(
  classifier: Classifier,
  nines: Record<"train" | "validation", Uint8Array>,
) {
  const featuresOf = async (pixels: Uint8Array) =>
    gaussianOf((await classifier.classify(pixels)).features, NUM_FEATURES);
  const reference = await featuresOf(nines.validation);
  const some = randomPermutation(
    { seed: 0, stream: "shuffle", index: 0 },
    nines.train.length / NUM_PIXELS,
  );
  const real = await featuresOf(pickImages(nines.train, some.subarray(0, NUM_NEW)));
  const line = new StatusLine();
  const drawn = (denoiser: Denoiser, config: RunConfig, labels: readonly number[]) =>
    line.follow(
      drawSamples({
        denoiser,
        sampler: samplerOf(config.samplingTimesteps, config),
        seed: config.seed,
        count: labels.length,
        chunkSize: microBatchSize(config, MAX_DIGITS, "wasm"),
        condition: { labels, guidance: config.guidance },
      }),
    );
  /** Share of images that read as their labels, and the features. */
  const read = async (pixels: Uint8Array, labels: readonly number[]) => {
    const { probabilities, features } = await classifier.classify(pixels);
    const right = predictions(probabilities, NEW + 1).filter(({ label }, i) => label === labels[i]);
    return { share: right.length / labels.length, features: gaussianOf(features, NUM_FEATURES) };
  };
  return {
    /** Fréchet distance of as many real nines from the training images to those of the validation. */
    floor: frechetDistance(real, reference),
    async oldAsAsked(denoiser: Denoiser, config: RunConfig): Promise<number> {
      const labels = Array.from({ length: NUM_OLD }, (_, i) => i % NEW);
      return (await read(await drawn(denoiser, config, labels), labels)).share;
    },
    async newFigures(denoiser: Denoiser, config: RunConfig) {
      const labels = new Array<number>(NUM_NEW).fill(NEW);
      const { share, features } = await read(await drawn(denoiser, config, labels), labels);
      return { share, distance: frechetDistance(features, reference) };
    },
  };
}
