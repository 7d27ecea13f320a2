import type { LabeledImages } from "../src/engine/data/dataset.ts";
import { numClasses as numClassesOf } from "../src/engine/data/dataset.ts";
import { datasetEntry } from "../src/engine/data/datasets.ts";
import { fromFloat16, toFloat16 } from "../src/engine/formats/safetensors/float16.ts";
import { type ClassifierValues, createClassifier } from "../src/engine/quality/classifier.ts";
import { encodeClassifier } from "../src/engine/quality/classifierFile.ts";
import { type ClassifierStep, trainClassifier } from "../src/engine/quality/classifierTraining.ts";
import { type TestFigures, testFigures } from "../src/engine/quality/figures.ts";
import {
  backendOption,
  COMMON_OPTIONS,
  CommandError,
  countOption,
  newFile,
  type Options,
  typedOptions,
} from "../src/hosts/cli/options.ts";
import { startNodeBackend } from "../src/hosts/cli/parts/nodeBackend.ts";
import { replaceFile } from "../src/hosts/cli/parts/outputFiles.ts";
import { StatusLine } from "../src/hosts/cli/parts/statusLine.ts";
import { DATA_OPTION, readImages } from "../src/hosts/cli/parts/trainingImages.ts";
import { stepText } from "../src/hosts/cli/parts/trainingProgress.ts";
import { formatCount, formatDuration } from "../src/runtime/format.ts";

export const OPTIONS = {
  ...COMMON_OPTIONS,
  ...DATA_OPTION,
  epochs: { type: "string", default: "10", help: "passes over the training images" },
  seed: { type: "string", default: "0", help: "of the start values and the order of the images" },
  out: { type: "string", default: "classifier.safetensors", help: "a new file" },
} as const satisfies Options;

/** Steps over which loss and speed are averaged. */
const AVERAGED_STEPS = 100;

/**
 * `npm run train:classifier`: trains the classifier that measures samples on the training images of
 * a dataset, and writes it after the last epoch. What it reaches on the test images is told after each, and
 * decides nothing.
 */
export async function run(args: string[]): Promise<number> {
  const options = typedOptions(args, OPTIONS);
  const epochs = countOption("epochs", options.epochs);
  const seed = countOption("seed", options.seed, 0);
  const backend = backendOption(options.backend);
  const path = newFile("out", options.out);
  const { train, validation: test, ...dataset } = await readImages(options.data);
  const numClasses = datasetEntry(dataset).numClasses ?? numClassesOf({ train, validation: test });
  let fault: string | null = null;
  const device = await startNodeBackend(backend, (message) => {
    fault = message;
  });
  const line = new StatusLine();
  line.print(`${formatCount(train.count)} images, on ${device}, into ${path}`);

  const startMs = performance.now();
  const words = wordsOfSteps();
  let steps = 0;
  let values: Float32Array = new Float32Array();
  for await (const step of trainClassifier({ train, numClasses, epochs, seed })) {
    if (fault !== null) throw new CommandError(`${fault} Nothing was written.`);
    line.tell(words(step));
    if (!step.endsEpoch) continue;
    steps = step.step;
    values = await step.values.data<"float32">();
    const figures = await figuresOf({ values, numClasses }, test);
    line.print(`epoch ${step.epoch} of ${epochs}: ${wordsOfFigures(figures)}`);
  }

  // As who reads the file has them.
  const stored = fromFloat16(toFloat16(values));
  const figures = await figuresOf({ values: stored, numClasses }, test);
  const data = (options.data ?? []).map((path) => `--data ${path} `).join("");
  const facts = {
    dataset: dataset.name,
    epochs,
    steps,
    seed,
    command: `npm run train:classifier -- ${data}--epochs ${epochs} --seed ${seed} --backend ${backend}`,
    numTestImages: figures.count,
    testAccuracy: figures.accuracy,
    testConfidence: figures.meanConfidence,
    testShareConfident: figures.shareConfident,
  };
  const bytes = encodeClassifier({ values: stored, numClasses, facts });
  replaceFile(path, bytes);
  line.print(`as stored: ${wordsOfFigures(figures)}`);
  line.print(`of each class: ${figures.classAccuracies.map(percent).join(", ")}`);
  const took = formatDuration(performance.now() - startMs);
  line.print(`${formatCount(bytes.length)} bytes after ${took} are in ${path}`);
  return 0;
}

async function figuresOf(values: ClassifierValues, test: LabeledImages): Promise<TestFigures> {
  const classifier = createClassifier(values);
  try {
    const { probabilities } = await classifier.classify(test.images);
    return testFigures(probabilities, values.numClasses, test);
  } finally {
    classifier.dispose();
  }
}

/** How far training is, step by step. */
function wordsOfSteps(): (step: ClassifierStep) => string {
  const losses: number[] = [];
  const timesMs: number[] = [performance.now()];
  return ({ step, totalSteps, loss }) => {
    losses.push(loss);
    timesMs.push(performance.now());
    if (losses.length > AVERAGED_STEPS) losses.shift();
    if (timesMs.length > AVERAGED_STEPS + 1) timesMs.shift();
    const tookMs = (timesMs.at(-1) as number) - (timesMs[0] as number);
    const stepMs = tookMs / (timesMs.length - 1);
    const meanLoss = losses.reduce((sum, one) => sum + one) / losses.length;
    const leftMs = stepMs * (totalSteps - step);
    return stepText({ step, totalSteps, loss: meanLoss, stepMs, leftMs });
  };
}

function wordsOfFigures({ accuracy, meanConfidence, shareConfident }: TestFigures): string {
  return [
    `${percent(accuracy)} of the test images right`,
    `mean confidence ${meanConfidence.toFixed(4)}`,
    `${percent(shareConfident)} above 0.9`,
  ].join(", ");
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
