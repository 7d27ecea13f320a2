import { mixedCondition } from "../../engine/config/condition.ts";
import { isOneLevel, type ObjectiveId } from "../../engine/diffusion/objectives.ts";
import { samplerEntry } from "../../engine/diffusion/samplers.ts";
import { SPACINGS } from "../../engine/diffusion/spacings.ts";
import { compareSamplers, type SamplerPoint } from "../../engine/quality/samplerComparison.ts";
import { microBatchSize } from "../../engine/train/memory.ts";
import { formatPercent, formatShare } from "../../runtime/format.ts";
import {
  backendOption,
  CommandError,
  countOption,
  newFile,
  type Options,
  SAMPLING_OPTIONS,
  samplingOptions,
  typedOptions,
} from "./options.ts";
import { CHUNK } from "./parts/drawDigits.ts";
import { endOnFault, proveSampling, startNodeBackend } from "./parts/nodeBackend.ts";
import { replaceFile } from "./parts/outputFiles.ts";
import { CLASSIFIER_OPTION, meterOf } from "./parts/reader.ts";
import { readNetwork } from "./parts/savedNetwork.ts";
import { StatusLine } from "./parts/statusLine.ts";
import { DATA_OPTION, readImages } from "./parts/trainingImages.ts";

const { backend, weights, seed } = SAMPLING_OPTIONS;

export const OPTIONS = {
  backend,
  weights,
  seed,
  ...DATA_OPTION,
  ...CLASSIFIER_OPTION,
  count: { type: "string", default: "1000", help: "samples of each sampler" },
  json: { type: "string", help: "also write the figures to this file, as JSON" },
} as const satisfies Options;

/**
 * `npm run compare:samplers`: measures the samples that each sampler draws from the same noise within 5 to 50
 * predictions of the network, a line for each as soon as it is measured.
 */
export async function run(args: string[]): Promise<number> {
  const options = typedOptions(args, OPTIONS);
  const jsonPath = options.json === undefined ? null : newFile("json", options.json);
  const backend = backendOption(options.backend);
  const count = countOption("count", options.count, 2);
  const network = await readNetwork(options.weights);
  if (isOneLevel(network.config.objective)) {
    throw new CommandError("Expected a network of several noise levels: one is left in one step.");
  }
  const { seed } = samplingOptions({ seed: options.seed }, network.config);
  const dataset = await readImages(options.data);
  const line = new StatusLine();
  const device = await startNodeBackend(backend, endOnFault);
  await proveSampling(network.config);
  const denoiser = network.denoiser("ema");
  const { classifier, meter } = await meterOf(dataset, options.classifier, line);
  const chunkSize = microBatchSize(network.config, CHUNK, backend);
  const points: SamplerPoint[] = [];
  console.log(
    rowOf(["predictions", "sampler", "spacing", "steps", "Fréchet", "confidence", "> 0.9"]),
  );
  const condition = mixedCondition(network.config, count);
  const drawing = { denoiser, meter, count, seed, chunkSize, condition };
  for await (const reported of compareSamplers(drawing)) {
    if ("doing" in reported) line.tell(`measuring: ${formatPercent(reported.fraction)}`);
    else {
      points.push(reported);
      line.clear();
      console.log(rowOf(cellsOf(reported, network.config.objective)));
    }
  }
  denoiser.values.dispose();
  classifier.dispose();
  if (jsonPath) {
    const output = { weights: options.weights, count, seed, device, points };
    replaceFile(jsonPath, `${JSON.stringify(output, null, 2)}\n`);
  }
  return 0;
}

function cellsOf({ sampler, numPasses, figures }: SamplerPoint, objective: ObjectiveId): string[] {
  return [
    String(numPasses),
    samplerEntry(sampler.kind, objective).label,
    SPACINGS[sampler.spacing].label,
    String(sampler.timesteps),
    figures.frechetDistance.toFixed(2),
    figures.meanConfidence?.toFixed(3) ?? "–",
    figures.shareConfident === undefined ? "–" : formatShare(figures.shareConfident),
  ];
}

function rowOf(cells: string[]): string {
  const widths = [11, 18, 17, 6, 8, 11, 7];
  return cells
    .map((cell, i) => cell.padEnd(widths[i] as number))
    .join(" ")
    .trimEnd();
}
