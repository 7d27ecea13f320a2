import { writeFileSync } from "node:fs";
import {
  CONFIDENT,
  COPY_DISTANCE,
  type FrechetFloor,
  MAX_CLASS_ENTROPY,
} from "../../engine/quality/figures.ts";
import { type Measurement, QualityMeter } from "../../engine/quality/qualityMeter.ts";
import { formatShare } from "../../runtime/format.ts";
import {
  backendOption,
  countOption,
  newFile,
  type Options,
  SAMPLING_OPTIONS,
  samplerOption,
  seedOption,
  typedOptions,
} from "./options.ts";
import { DATA_OPTION, readBundled, readClassifier } from "./parts/bundledFiles.ts";
import { drawDigits } from "./parts/drawDigits.ts";
import { endOnFault, startNodeBackend } from "./parts/nodeBackend.ts";
import { readNetwork } from "./parts/savedNetwork.ts";
import { StatusLine } from "./parts/statusLine.ts";

export const OPTIONS = {
  ...SAMPLING_OPTIONS,
  ...DATA_OPTION,
  count: {
    type: "string",
    default: "2000",
    help: "number of samples; small samples inflate the Fréchet distance",
  },
  json: { type: "string", help: "also write the figures to this file, as JSON" },
} as const satisfies Options;

/**
 * `npm run evaluate`: draws samples from a network and measures them.
 *
 * @returns the exit status
 * @throws CommandError, or FormatError for a file that is no network
 */
export async function run(args: string[]): Promise<number> {
  const options = typedOptions(args, OPTIONS);
  const backend = backendOption(options.backend);
  const count = countOption("count", options.count, 2);
  const seed = seedOption(options.seed);
  const jsonPath = options.json === undefined ? null : newFile("json", options.json);
  const network = await readNetwork(options.weights);
  const { trainedSteps, config } = network;
  const sampler = samplerOption(options, config);
  const dataset = await readBundled(options.data);
  const device = await startNodeBackend(backend, endOnFault);
  const line = new StatusLine();
  const pixels = await drawDigits(network, { count, sampler, seed, backend }, line);
  const classifier = readClassifier();
  const meter = new QualityMeter(classifier, dataset);
  const measurement = await line.follow(meter.measure(pixels));
  const frechetFloor = await line.follow(meter.frechetFloor(count));
  classifier.dispose();
  line.clear();
  const steps = sampler.timesteps ?? config.timesteps;
  const drawn = `${count} in ${steps} steps, seed ${seed}, with ${options.weights}`;
  console.log(textOf(drawn, measurement, frechetFloor));
  if (jsonPath) {
    const { figures, real } = measurement;
    const samples = { count, sampler: sampler.kind, steps, eta: config.ddimEta, seed };
    const { weights } = options;
    const told = { weights, figures, real, frechetFloor, samples, trainedSteps, device };
    writeFileSync(jsonPath, `${JSON.stringify(told, null, 2)}\n`);
  }
  return 0;
}

function textOf(drawn: string, { figures, real }: Measurement, floor: FrechetFloor): string {
  const { meanConfidence, shareConfident, classCounts, classEntropy, nearest } = figures;
  const rows: [string, string][] = [
    ["samples", drawn],
    [
      "mean confidence",
      `${meanConfidence.toFixed(3)} (real test images ${real.meanConfidence.toFixed(3)})`,
    ],
    [
      `share above ${CONFIDENT}`,
      `${formatShare(shareConfident)} (real test images ${formatShare(real.shareConfident)})`,
    ],
    [
      "Fréchet distance on classifier features",
      `${figures.frechetDistance.toFixed(3)} (${floor.count} training images ${floor.distance.toFixed(3)})`,
    ],
    ["digits 0 to 9", classCounts.join(" ")],
    ["entropy of the digits", `${classEntropy.toFixed(3)} of ${MAX_CLASS_ENTROPY.toFixed(3)} bits`],
    [
      "nearest training image",
      `median distance ${nearest.medianDistance.toFixed(3)}, least ${nearest.minDistance.toFixed(3)}, copies (nearer than ${COPY_DISTANCE.toFixed(3)}) ${nearest.numCopies}`,
    ],
  ];
  return rows.map(([name, value]) => `${name.padEnd(40)} ${value}`).join("\n");
}
