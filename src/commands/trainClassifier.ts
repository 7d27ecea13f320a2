import { writeFileSync } from "node:fs";
import type { LabelledImages } from "../data/dataset.ts";
import { fromFloat16, toFloat16 } from "../formats/float16.ts";
import { createClassifier } from "../quality/classification.ts";
import { encodeClassifier } from "../quality/classifierFile.ts";
import { trainClassifier } from "../quality/classifierTraining.ts";
import { type TestFigures, testFigures } from "../quality/testFigures.ts";
import { formatCount, formatDuration, formatLoss, formatRate } from "../ui/format.ts";
import { CommandError } from "./commandError.ts";
import { readMnist } from "./mnistFiles.ts";
import { startNodeBackend } from "./nodeBackend.ts";
import { backendOption, COMMON_OPTIONS, countOption, typedOptions } from "./options.ts";
import { fromCaller } from "./paths.ts";
import { StatusLine } from "./statusLine.ts";

const OPTIONS = {
  ...COMMON_OPTIONS,
  epochs: { type: "string", default: "10" },
  seed: { type: "string", default: "0" },
  /** Written over. */
  out: { type: "string", default: "public/classifier.safetensors" },
} as const;

/** Of the loss. */
const AVERAGED_STEPS = 100;

/**
 * `npm run train:classifier`: trains the classifier that measures samples on the 60,000 training images,
 * and writes it when the last epoch is done. What it says of the test images decides nothing.
 *
 * @returns the exit status
 * @throws CommandError
 */
export async function run(args: string[]): Promise<number> {
  const options = typedOptions(args, OPTIONS);
  const epochs = countOption("epochs", options.epochs);
  const seed = countOption("seed", options.seed, 0);
  const backend = backendOption(options.backend);
  const path = fromCaller(options.out);
  const { name, train, validation } = await readMnist();
  let fault: string | null = null;
  const device = await startNodeBackend(backend, (message) => {
    fault = message;
  });
  const line = new StatusLine();
  line.print(`Training on ${formatCount(train.count)} images, on ${device}, into ${path}`);

  const startMs = performance.now();
  let values: Float32Array = new Float32Array();
  let steps = 0;
  let meanLoss = Number.NaN;
  for await (const at of trainClassifier({ train, epochs, seed })) {
    const { step, totalSteps, loss } = at;
    if (fault !== null) throw new CommandError(`${fault} Nothing was written.`);
    steps = step;
    meanLoss = step === 1 ? loss : meanLoss + (loss - meanLoss) / Math.min(step, AVERAGED_STEPS);
    const stepMs = (performance.now() - startMs) / step;
    line.tell(
      [
        `step ${formatCount(step)} of ${formatCount(totalSteps)}`,
        `loss ${formatLoss(meanLoss)}`,
        `${formatRate(1000 / stepMs)} steps/s`,
        `${formatDuration(stepMs * (totalSteps - step))} left`,
      ].join("  "),
    );
    if (!at.endsEpoch) continue;
    values = await at.values.data<"float32">();
    const epoch = (step / totalSteps) * epochs;
    line.print(`epoch ${epoch} of ${epochs}: ${words(await figuresOf(values, validation))}`);
  }

  // As a reader of the file has them.
  const rounded = fromFloat16(toFloat16(values));
  const figures = await figuresOf(rounded, validation);
  const bytes = encodeClassifier({
    values: rounded,
    facts: {
      ...{ dataset: name, epochs, steps, seed, command: commandOf(options) },
      numTestImages: validation.count,
      testAccuracy: figures.accuracy,
      testConfidence: figures.confidence,
      testShareConfident: figures.shareConfident,
    },
  });
  writeFileSync(path, bytes);
  line.print(`${path}, ${formatCount(bytes.length)} bytes, as it is stored: ${words(figures)}`);
  line.print(
    `Each digit's share of right ones: ${figures.digitAccuracies.map(percent).join(", ")}; trained in ${formatDuration(performance.now() - startMs)}`,
  );
  return 0;
}

async function figuresOf(values: Float32Array, images: LabelledImages): Promise<TestFigures> {
  const classifier = createClassifier(values);
  try {
    return testFigures(await classifier.classify(images.images), images);
  } finally {
    classifier.dispose();
  }
}

function words({ accuracy, confidence, shareConfident }: TestFigures): string {
  return `${percent(accuracy)} of the test images right, mean confidence ${confidence.toFixed(4)}, ${percent(shareConfident)} above 0.9`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

/** What makes the same weights again; where they are written does not matter. */
function commandOf({ epochs, seed, backend }: Record<"epochs" | "seed" | "backend", string>) {
  return `npm run train:classifier -- --epochs ${epochs} --seed ${seed} --backend ${backend}`;
}
