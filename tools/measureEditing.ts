/**
 * `npm run measure:editing`: how well a network changes digits that are there already, on test images, in figures: how far
 * they are after their noise and back, whether what is filled in reads as asked and how well it joins, and how often a three
 * becomes an eight. docs/performance.md has what came out.
 */
import type { Label } from "../src/engine/config/condition.ts";
import { IMAGE_SIZE, NUM_PIXELS } from "../src/engine/config/hyperparameters.ts";
import { imageTimestep, MAX_DIGITS } from "../src/engine/config/sampling.ts";
import { imageAt } from "../src/engine/data/imageOrder.ts";
import { FLIPS, type FlipId, flippedPixels } from "../src/engine/diffusion/editing/flips.ts";
import { toModelRange } from "../src/engine/diffusion/noising.ts";
import type { Sampler } from "../src/engine/diffusion/samplers.ts";
import type { Classifier } from "../src/engine/quality/classifier.ts";
import { drawSamples } from "../src/engine/quality/drawSamples.ts";
import { predictions } from "../src/engine/quality/figures.ts";
import { microBatchSize } from "../src/engine/train/memory.ts";
import type { SampleStart } from "../src/engine/train/sampleStart.ts";
import {
  backendOption,
  COMMON_OPTIONS,
  countOption,
  idOption,
  type Options,
  typedOptions,
} from "../src/hosts/cli/options.ts";
import { endOnFault, proveSampling, startNodeBackend } from "../src/hosts/cli/parts/nodeBackend.ts";
import { readClassifier } from "../src/hosts/cli/parts/reader.ts";
import { readNetwork } from "../src/hosts/cli/parts/savedNetwork.ts";
import { StatusLine } from "../src/hosts/cli/parts/statusLine.ts";
import { DATA_OPTION, readImages } from "../src/hosts/cli/parts/trainingImages.ts";

const PARTS = ["invert", "fill", "change", "readings", "reality"] as const;

export const OPTIONS = {
  ...COMMON_OPTIONS,
  ...DATA_OPTION,
  weights: { type: "string", help: "a run, or a weights file, of a network with ten classes" },
  part: { type: "string", default: "invert", help: PARTS.join(", ") },
  count: { type: "string", default: "100", help: "test images" },
  seed: { type: "string", default: "0", help: "chooses the noise" },
} as const satisfies Options;

const DDIM = { kind: "ddim", eta: 0, spacing: "even" } as const;

interface Images {
  /** `[N, 28, 28]`. */
  pixels: Uint8Array;
  labels: readonly number[];
}

export async function run(args: string[]): Promise<number> {
  const options = typedOptions(args, OPTIONS);
  const part = idOption("part", options.part, PARTS);
  const count = countOption("count", options.count);
  const seed = countOption("seed", options.seed, 0);
  const backend = backendOption(options.backend);
  const network = await readNetwork(options.weights);
  const { validation } = await readImages(options.data);
  const line = new StatusLine();
  await startNodeBackend(backend, endOnFault);
  await proveSampling(network.config);
  const denoiser = network.denoiser("ema");
  const classifier = readClassifier();
  const chunkSize = microBatchSize(network.config, MAX_DIGITS, backend);
  const draw: Draw = (of) =>
    line.follow(drawSamples({ denoiser, seed, chunkSize, count, ...of })) as Promise<Uint8Array>;
  const testImages = (label?: number): Images => {
    const places = [...validation.labels.keys()]
      .filter((place) => label === undefined || validation.labels[place] === label)
      .slice(0, count);
    return {
      pixels: Uint8Array.from(places.flatMap((place) => [...imageAt(validation.images, place)])),
      labels: places.map((place) => validation.labels[place] as number),
    };
  };
  const given = { draw, classifier, testImages, numTimesteps: network.config.timesteps, count };
  const tables = { invert, fill, change, readings, reality };
  await tables[part](given, (words) => {
    line.clear();
    console.log(words);
  });
  denoiser.values.dispose();
  classifier.dispose();
  return 0;
}

type Draw = (of: {
  sampler: Sampler;
  condition: { labels: readonly Label[]; guidance: number } | null;
  startOf: (part: { start: number; end: number }) => SampleStart;
}) => Promise<Uint8Array>;

interface Given {
  draw: Draw;
  classifier: Classifier;
  testImages: (label?: number) => Images;
  numTimesteps: number;
  count: number;
}

type Print = (words: string) => void;

/** Mean squared error in [-1, 1] after images were inverted and drawn again, with their labels and without, by number of steps. */
async function invert({ draw, testImages, numTimesteps }: Given, print: Print) {
  const images = testImages();
  const unlabeled = images.labels.map(() => null);
  for (const spacing of ["even", "logSnr"] as const) {
    for (const timesteps of [10, 20, 50, 100]) {
      for (const labels of [images.labels, unlabeled]) {
        const pixels = await draw({
          sampler: { ...DDIM, spacing, timesteps },
          condition: { labels, guidance: 1 },
          startOf: inverted(images, labels, numTimesteps - 1),
        });
        const error = squaredError(images.pixels, pixels).toFixed(5);
        print(
          `${spacing} ${timesteps} steps, ${labels === unlabeled ? "without" : "with"} labels: ${error}`,
        );
      }
    }
  }
}

/** The lower half filled in, by resamplings, guidance and sampler. */
async function fill({ draw, testImages, classifier }: Given, print: Print) {
  const { pixels, labels } = testImages();
  const mask = new Uint8Array(NUM_PIXELS).fill(1, 0, NUM_PIXELS / 2);
  const images = toModelRange(pixels);
  const samplers: Sampler[] = [
    { ...DDIM, timesteps: 10 },
    { kind: "dpmpp2m", spacing: "logSnr", timesteps: 10 },
    { ...DDIM, timesteps: 4 },
  ];
  print(
    `real images: read as asked ${await readAs(classifier, pixels, labels)}, seam ${seam(pixels)}`,
  );
  const others = new Uint8Array(pixels);
  others.copyWithin(0, NUM_PIXELS);
  const cut = pixels.map((gray, i) =>
    i % NUM_PIXELS < NUM_PIXELS / 2 ? gray : (others[i] as number),
  );
  print(`halves of different images: seam ${seam(cut)}`);
  for (const sampler of samplers) {
    for (const [resamplings, jump] of [
      [1, 1],
      [2, 1],
      [3, 1],
      [5, 1],
      [3, 2],
    ] as const) {
      for (const guidance of [1, 1.3, 2]) {
        if (resamplings > 3 && guidance !== 1.3) continue;
        const filled = await draw({
          sampler,
          condition: { labels, guidance },
          startOf: ({ start, end }) => ({
            from: "filling",
            images: images.slice(start * NUM_PIXELS, end * NUM_PIXELS),
            mask,
            resamplings,
            jump,
          }),
        });
        print(
          `${sampler.kind} ${sampler.timesteps} steps, ${resamplings} times, jump ${jump}, guidance ${guidance}: read as asked ${await readAs(classifier, filled, labels)}, seam ${seam(filled)}`,
        );
      }
    }
  }
}

/** Threes that become eights, by how far back and by guidance. */
async function change({ draw, testImages, classifier, numTimesteps }: Given, print: Print) {
  const threes = testImages(3);
  const eights = threes.labels.map(() => 8);
  for (const timesteps of [20, 50]) {
    for (const level of [0.6, 0.7, 0.8, 0.9, 1]) {
      for (const guidance of timesteps === 20 ? [1, 1.3, 2, 3, 5] : [1.3, 3]) {
        const pixels = await draw({
          sampler: { ...DDIM, timesteps },
          condition: { labels: eights, guidance },
          startOf: inverted(threes, threes.labels, imageTimestep(level, numTimesteps)),
        });
        print(
          `${timesteps} steps, ${level} of the way, guidance ${guidance}: read as 8 ${await readAs(classifier, pixels, eights)}, squared error ${squaredError(threes.pixels, pixels).toFixed(3)}`,
        );
      }
    }
  }
  const random = testImages(8);
  print(`other eights: squared error ${squaredError(threes.pixels, random.pixels).toFixed(3)}`);
}

/** Pictures that are to read as one digit, and flipped as another. */
async function readings({ draw, classifier, count }: Given, print: Print) {
  const pairs: [FlipId, number, number][] = [
    ["turn", 6, 9],
    ["turn", 2, 2],
    ["turn", 1, 7],
    ["turn", 4, 7],
    ["leftRight", 2, 5],
    ["upDown", 2, 5],
    ["upDown", 3, 3],
    ["quarter", 1, 4],
    ["quarter", 7, 4],
  ];
  for (const timesteps of [10]) {
    for (const guidance of [1.3, 3]) {
      for (const [flip, first, second] of pairs) {
        const [labels, others] = [first, second].map((of) => Array<number>(count).fill(of)) as [
          number[],
          number[],
        ];
        const pixels = await draw({
          sampler: { kind: "dpmpp2m", spacing: "logSnr", timesteps },
          condition: { labels, guidance },
          startOf: ({ start, end }) => ({
            from: "readings",
            flip,
            labels: others.slice(start, end),
          }),
        });
        const [as, asFlipped] = await Promise.all([
          digitsOf(classifier, pixels),
          digitsOf(classifier, flippedPixels(pixels, flip, IMAGE_SIZE)),
        ]);
        const both = as.filter((digit, i) => digit === first && asFlipped[i] === second).length;
        print(
          `${timesteps} steps, guidance ${guidance}: ${first}, ${FLIPS[flip].label} ${second}: both ${both / count}, first ${as.filter((d) => d === first).length / count}, second ${asFlipped.filter((d) => d === second).length / count}`,
        );
      }
    }
  }
}

/** How often test images read as their labels. */
async function reality({ testImages, classifier }: Given, print: Print) {
  const { pixels, labels } = testImages();
  print(`read as labeled ${await readAs(classifier, pixels, labels)}`);
}

function inverted(
  { pixels }: Images,
  labels: readonly Label[],
  t: number,
): (part: { start: number; end: number }) => SampleStart {
  const images = toModelRange(pixels);
  return ({ start, end }) => ({
    from: "inversion",
    images: images.slice(start * NUM_PIXELS, end * NUM_PIXELS),
    labels: labels.slice(start, end),
    t,
  });
}

/** Mean squared difference of pixels in [-1, 1]. */
function squaredError(as: Uint8Array, to: Uint8Array): number {
  const [first, second] = [toModelRange(as), toModelRange(to)];
  const total = first.reduce((sum, value, i) => sum + (value - (second[i] as number)) ** 2, 0);
  return total / first.length;
}

/** Mean absolute difference, in gray levels, between the two rows at the middle of images. */
function seam(pixels: Uint8Array): string {
  const row = IMAGE_SIZE / 2;
  let total = 0;
  let ofInk = 0;
  for (let image = 0; image < pixels.length; image += NUM_PIXELS) {
    for (let column = 0; column < IMAGE_SIZE; column++) {
      const at = (of: number) => pixels[image + of * IMAGE_SIZE + column] as number;
      total += Math.abs(at(row) - at(row - 1));
      ofInk += Math.abs(at(row - 1) - at(row - 2));
    }
  }
  const scale = (pixels.length / NUM_PIXELS) * IMAGE_SIZE;
  return `${(total / scale).toFixed(2)} (above it ${(ofInk / scale).toFixed(2)})`;
}

async function readAs(
  classifier: Classifier,
  pixels: Uint8Array,
  labels: readonly number[],
): Promise<number> {
  const digits = await digitsOf(classifier, pixels);
  return digits.filter((digit, i) => digit === labels[i]).length / digits.length;
}

async function digitsOf(classifier: Classifier, pixels: Uint8Array): Promise<number[]> {
  const { probabilities } = await classifier.classify(pixels);
  return predictions(probabilities, classifier.numClasses).map(({ label }) => label);
}
