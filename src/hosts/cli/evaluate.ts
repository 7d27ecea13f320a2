import { type DatasetIdentity, namingOf, ownNames } from "../../engine/data/datasets.ts";
import type { ObjectiveId } from "../../engine/diffusion/objectives.ts";
import { samplerEntry } from "../../engine/diffusion/samplers.ts";
import { DEFAULT_SPACING } from "../../engine/diffusion/spacings.ts";
import {
  CONFIDENT,
  COPY_DISTANCE,
  type FrechetFloor,
  isRead,
  type Likelihood,
  labelsAsked,
  maxClassEntropy,
  noLikelihoodReason,
} from "../../engine/quality/figures.ts";
import { measureLikelihood } from "../../engine/quality/likelihood.ts";
import type { Measurement } from "../../engine/quality/qualityMeter.ts";
import { microBatchSize } from "../../engine/train/memory.ts";
import { counted, formatShare, stepsSuffix } from "../../runtime/format.ts";
import {
  backendOption,
  countOption,
  newFile,
  type Options,
  SAMPLING_OPTIONS,
  typedOptions,
} from "./options.ts";
import { CHUNK, drawDigits } from "./parts/drawDigits.ts";
import { replaceFile } from "./parts/outputFiles.ts";
import { CLASSIFIER_OPTION, meterOf } from "./parts/reader.ts";
import { readNetwork } from "./parts/savedNetwork.ts";
import { StatusLine } from "./parts/statusLine.ts";
import { DATA_OPTION, readImages } from "./parts/trainingImages.ts";

export const OPTIONS = {
  ...SAMPLING_OPTIONS,
  ...DATA_OPTION,
  ...CLASSIFIER_OPTION,
  count: {
    type: "string",
    default: "2000",
    help: "number of samples; small samples inflate the Fréchet distance",
  },
  images: {
    type: "string",
    default: "100",
    help: "number of test images by which bits per dimension are measured",
  },
  json: { type: "string", help: "also write the figures to this file, as JSON" },
} as const satisfies Options;

/** `npm run evaluate`: draws samples from a network and measures them, and how likely the network finds test images. */
export async function run(args: string[]): Promise<number> {
  const options = typedOptions(args, OPTIONS);
  const jsonPath = options.json === undefined ? null : newFile("json", options.json);
  const numImages = countOption("images", options.images, 2);
  const dataset = await readImages(options.data);
  const line = new StatusLine();
  const network = await readNetwork(options.weights);
  const drawn = await drawDigits(options, { network, line, minCount: 2 });
  const { pixels, count, seed, sampler, condition, device } = drawn;
  const { trainedSteps, config } = network;
  const { classifier, meter } = await meterOf(dataset, options.classifier, line);
  const datasetName = network.facts("ema").dataset ?? dataset.name;
  const asked = labelsAsked(
    condition,
    { classes: config.classes, datasetName },
    { classes: meter.numClasses, datasetName: dataset.name },
  );
  const measurement = await line.follow(meter.measure(pixels, asked));
  const frechetFloor = await line.follow(meter.frechetFloor(count, asked));
  classifier.dispose();
  const denoiser = network.denoiser("ema");
  const likelihood = await line.follow(
    measureLikelihood({
      denoiser,
      images: dataset.validation,
      seed,
      count: numImages,
      chunkSize: microBatchSize(config, CHUNK, backendOption(options.backend)),
    }),
  );
  denoiser.values.dispose();
  line.clear();
  const steps = sampler.timesteps ?? config.timesteps;
  const guidance = condition ? `, guidance ${condition.guidance}` : "";
  const { label, numPasses } = samplerEntry(sampler.kind, config.objective);
  const passes = numPasses(steps, true);
  const how = `${label}${stepsSuffix(sampler, steps, passes)}`;
  const samplesText = `${count} in ${counted(steps, "step")} of ${how}${guidance}, seed ${seed}, with ${options.weights}`;
  const bits = likelihoodText(likelihood, config.objective);
  console.log(textOf(samplesText, measurement, { frechetFloor, bits, dataset }));
  if (jsonPath) {
    const { figures, real } = measurement;
    const { id, name } = dataset;
    const after = trainedSteps === null ? "" : ` after ${counted(trainedSteps, "training step")}`;
    const words = `${counted(count, "sample")} in ${counted(steps, "step")} of ${how}${guidance}${after}`;
    const { kind, spacing = DEFAULT_SPACING, eta = 0 } = sampler;
    const samples = {
      count,
      sampler: kind,
      steps,
      passes,
      spacing,
      eta,
      seed,
      ...(condition && { guidance: condition.guidance, class: options.class, text: options.text }),
    };
    const { weights } = options;
    const about = { weights, words, dataset: { id, name } };
    const output = {
      ...about,
      figures,
      real,
      frechetFloor,
      likelihood,
      samples,
      trainedSteps,
      device,
    };
    replaceFile(jsonPath, `${JSON.stringify(output, null, 2)}\n`);
  }
  return 0;
}

function textOf(
  samples: string,
  { figures, real }: Measurement,
  {
    frechetFloor,
    bits,
    dataset,
  }: { frechetFloor: FrechetFloor; bits: string; dataset: DatasetIdentity },
): string {
  const { nearest } = figures;
  const names = ownNames(namingOf(dataset));
  const beside = (
    format: (value: number) => string,
    name: "meanConfidence" | "shareConfident" | "readAsAsked",
  ) =>
    `${format(figures[name] ?? Number.NaN)} (real test images ${format(real?.[name] ?? Number.NaN)})`;
  return [
    row("samples", samples),
    ...(isRead(figures)
      ? [
          row("mean confidence", beside(number, "meanConfidence")),
          row(`share above ${CONFIDENT}`, beside(formatShare, "shareConfident")),
        ]
      : []),
    row(
      "Fréchet distance on classifier features",
      `${number(figures.frechetDistance)} (${frechetFloor.count} training images ${number(frechetFloor.distance)})`,
    ),
    ...(figures.readAsAsked === undefined
      ? []
      : [row("read as asked", beside(formatShare, "readAsAsked"))]),
    ...(isRead(figures)
      ? [
          names
            ? row(
                "classes",
                figures.classCounts.map((of, i) => `${names[i] ?? i} ${of}`).join(", "),
              )
            : row(`classes 0 to ${figures.classCounts.length - 1}`, figures.classCounts.join(" ")),
          row(
            "entropy of the classes",
            `${number(figures.classEntropy)} of ${number(maxClassEntropy(figures))} bits`,
          ),
        ]
      : []),
    row(
      "nearest training image",
      `median distance ${number(nearest.medianDistance)}, least ${number(nearest.minDistance)}, copies (nearer than ${number(COPY_DISTANCE)}) ${nearest.numCopies}`,
    ),
    row("bits per dimension", bits),
    ...confusionRows(figures, names),
  ].join("\n");
}

function row(name: string, value: string): string {
  return `${name.padEnd(40)} ${value}`;
}

function number(value: number): string {
  return value.toFixed(3);
}

/** @param likelihood null of a network without a noise schedule */
function likelihoodText(likelihood: Likelihood | null, objective: ObjectiveId): string {
  if (!likelihood) return `none: ${noLikelihoodReason(objective)}`;
  const { bits, standardError, count, prior, terms } = likelihood;
  const [first = 0, ...others] = terms.map((term) => term.bits);
  const rest = others.reduce((sum, of) => sum + of, 0);
  return `at most ${number(bits)} ± ${number(standardError)} (${count} test images): ${number(first)} at t = 0, ${number(rest)} after it, prior ${number(prior)}`;
}

/** Samples by the class asked for, a row each, and the class read, a column each, numbered where the rows have names. */
function confusionRows(
  { confusion }: Measurement["figures"],
  names: readonly string[] | null,
): string[] {
  if (!confusion) return [];
  const heads = [...confusion.keys()].map((label) =>
    names ? `${label} ${names[label] ?? ""}` : `${label}`,
  );
  const width = Math.max(12, ...heads.map(({ length }) => length + 1));
  const line = (name: string, values: readonly number[]) =>
    name.padEnd(width) + values.map((value) => `${value}`.padStart(6)).join("");
  return [
    line("asked, read", [...confusion.keys()]),
    ...confusion.map((of, label) => line(heads[label] as string, of)),
  ];
}
