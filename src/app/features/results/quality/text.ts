/** What people read in the view of quality. Pure. */
import { numGuidancePasses } from "../../../../engine/config/condition.ts";
import type { RunConfig } from "../../../../engine/config/hyperparameters.ts";
import { DEFAULT_DATASET, datasetEntry } from "../../../../engine/data/datasets.ts";
import { type Sampler, samplerEntry } from "../../../../engine/diffusion/samplers.ts";
import { SPACINGS, type SpacingId } from "../../../../engine/diffusion/spacings.ts";
import { CONFIDENT, COPY_DISTANCE, MAX_CLASS_ENTROPY } from "../../../../engine/quality/figures.ts";
import { counted, formatCount, formatShare, stepsSuffix } from "../../../../runtime/format.ts";
import {
  chosenSampler,
  type SamplingText,
  STEP_SAMPLING,
  shownText,
} from "../../../../runtime/sampling/sampling.ts";
import { configOf, type Networks, networkFor } from "../../../shared/network/chosenNetwork.ts";
import { nameOf, networkChoices } from "../../../shared/network/networkChoices.ts";
import { sourceName } from "../../../shared/network/weightsText.ts";
import type { SeriesStyle } from "../../../shared/plot/series.ts";
import { networkKey } from "../../../state/address.ts";
import {
  type Evaluation,
  MAX_WITH_IMAGES,
  type SamplerComparison,
} from "../../../state/slices/evaluation.ts";
import type { AppState } from "../../../state/state.ts";
import type { Cell, QualitySettings } from "./quality.ts";

type Result = Evaluation["result"];

/** Accuracy of the classifier on the test images; see `public/classifier.md`. */
const CLASSIFIER_ACCURACY = 0.9938;

/** Before the first measurement, in paragraphs. */
export const INTRODUCTION = [
  `Measure draws samples from a network, and a small classifier reads them. It is right on ${formatShare(CLASSIFIER_ACCURACY)} of the test images. You see how sure it is, whether all ten digits appear, how far the samples are from the test images as a whole, and which training image is nearest to each. A sample that is nearer than any real test image of MNIST counts as a copy.`,
  "All of it is computed in this browser.",
];

/** Below the form's fields, where they apply. */
export const FORM_NOTES = {
  untrained:
    "You can measure it anyway. The classifier can be confident about noise, too, but then it reads nearly all of it as one digit.",
  count: "2 to 2,000. Small samples inflate the Fréchet distance: compare equal counts only.",
  otherImages:
    "The classifier was trained on the digits of MNIST, so its figures say little about other images. The nearest training images are those of the dataset in use.",
  runGoesOn: "A run is training. It continues while samples are measured, but more slowly.",
};

/** The rows of the table of figures. */
export const FIGURE_NAMES = {
  confidence: "Mean confidence",
  confident: `Share above ${CONFIDENT}`,
  asked: "Read as the digit asked for",
  frechet: "Fréchet distance on classifier features",
  entropy: `Entropy of the digits, at most ${MAX_CLASS_ENTROPY.toFixed(2)} bits`,
  nearest: "Median distance to the nearest training image",
};

/** What another classifier says of the 100 samples that the course assignment shows: a rough scale for ours. */
export const ASSIGNMENT_FIGURES = {
  meanConfidence: 0.97,
  shareConfident: 0.92,
  note: "The 100 samples that the course assignment shows, read by another classifier. That one is right on 98.4 % of the test images, with a confidence of 0.987, above 0.9 on 96.5 %. So this is a rough scale: on the same samples such classifiers differ by up to 0.04 and 12 %. Confidence alone says little: a classifier can be confident about pure noise. Read it with the other figures.",
};

export const READ_AS_ASKED = {
  title: "Read as asked",
  text: "The network was asked for all ten digits in turn, and the classifier reads what it drew: this is the share in which the two agree. The classifier misreads a few real digits, too, so that the share of the test images is about the most that any network can reach. More guidance raises the share, but the digits then look more alike, which the Fréchet distance shows.",
};

export const CONFUSION_DETAIL = "a row for each digit asked for, a column for each read";

export const PAIRS = {
  title: "Samples beside their nearest training images",
  distance: "Distance: root mean square difference of pixels, 0 to 1.",
  gone: `The images of this measurement are no longer kept, only those of the latest ${MAX_WITH_IMAGES}. Measure with the same settings to see them again.`,
};

/** `Quick 25 Nov, as it is now: 256 samples, 50 steps, seed 0`, seen where the fields are folded. */
export function settingsWords({ network, ...typed }: QualitySettings, networks: Networks): string {
  const { weights, count, seed } = typed;
  const name = nameOf(networkChoices(networks, network), networkKey(network));
  const latest = weights === "raw" ? ", latest weights" : "";
  const config = configOf(networkFor(network, networks, "noise"), networks);
  const shown = (setting: "steps" | "guidance") =>
    config ? shownText(setting, typed, { config }) : (typed[setting] ?? "");
  const scale = config && config.classes > 0 ? shown("guidance") : null;
  return `${name}${latest}: ${count} samples, ${typedSteps(shown("steps"))}${guidanceWords(scale)}, seed ${seed}`;
}

function guidanceWords(guidance: string | number | null): string {
  return guidance === null ? "" : `, guidance ${guidance}`;
}

interface MeasuredOf {
  request: Pick<Evaluation["request"], "weights">;
  result: Pick<Result, "source" | "trainedSteps">;
}

/** `Quick 25 Nov, step 600`, `digits.safetensors`, `Untrained`. */
export function measuredName(
  { request, result }: MeasuredOf,
  app: Pick<AppState, "run" | "stored">,
): string {
  const { source, trainedSteps } = result;
  const name = sourceName(source, app);
  if (name === null) return "Untrained network";
  const latest = request.weights === "raw" ? ", latest weights" : "";
  const hasStep = source.kind === "run" && trainedSteps !== null;
  return `${name}${hasStep ? `, step ${formatCount(trainedSteps)}` : ""}${latest}`;
}

function typedSteps(text: string): string {
  return text.trim() === "1" ? "1 step" : `${text} steps`;
}

/** What the form says of the sampler, besides its name. */
export function samplerHelp(typed: Partial<SamplingText>, config: RunConfig): string {
  const network = { config, table: STEP_SAMPLING };
  const { help, settings } = chosenSampler(typed, network);
  if (!settings.includes("eta")) return help;
  const { timesteps, ddimEta } = config;
  return Number(shownText("steps", typed, network)) === timesteps
    ? `All ${formatCount(timesteps)} steps: this is ancestral sampling.`
    : `Eta is ${ddimEta}, as in the settings.`;
}

/** `256 samples, 50 steps, DDIM, seed 0`; of other images than MNIST's `… compared with digits.zip`, too. */
export function samplingWords({ request, result }: Evaluation): string {
  const { count, sampler, seed, guidance } = request;
  const compared =
    result.dataset.id === DEFAULT_DATASET ? "" : `, compared with ${result.dataset.name}`;
  const { label, numPasses } = samplerEntry(sampler.kind, result.objective);
  const numSteps = sampler.timesteps ?? 1;
  const suffix = stepsSuffix(sampler, numSteps, numPasses(numSteps, true));
  const steps = sampler.timesteps === undefined ? "all steps" : counted(sampler.timesteps, "step");
  const how = `${steps}${suffix}, ${label}${etaWords(sampler)}`;
  return `${formatCount(count)} samples, ${how}${guidanceWords(guidance)}, seed ${seed}${compared}`;
}

/** `DDIM even in log-SNR, eta 0.5`: all of a sampler but the number of its steps. */
export function samplerWords({ request, result }: Evaluation): string {
  const { sampler } = request;
  const { label } = samplerEntry(sampler.kind, result.objective);
  return `${label}${stepsSuffix(sampler, 1, 1)}${etaWords(sampler)}`;
}

function etaWords({ eta }: Sampler): string {
  return eta ? `, eta ${eta}` : "";
}

/** `Quick 25 Nov, step 600: 256 samples of each, guidance 2, seed 0. …`; without a name before the first point. */
export function comparisonWords(
  { request, measured }: SamplerComparison,
  names: Parameters<typeof measuredName>[1],
): string {
  const { count, guidance, seed } = request;
  const name = measured ? `${measuredName({ request, result: measured }, names)}: ` : "";
  const isTwice = guidance !== null && numGuidancePasses({ labels: [0], guidance }) === 2;
  const passes = isTwice ? " Guidance takes two passes of the network for each prediction." : "";
  return `${name}${formatCount(count)} samples of each${guidanceWords(guidance)}, seed ${seed}. All start from the same noise.${passes}`;
}

const STYLE_NAMES = { dots: "Dots", dashed: "Dashed", line: "Line", faint: "Faint" };

/** `Dots: steps even in t. Dashed: steps even in log-SNR.` */
export function spacingWords(styleOf: (spacing: SpacingId) => SeriesStyle): string {
  return Object.entries(SPACINGS)
    .map(([id, { label }]) => `${STYLE_NAMES[styleOf(id as SpacingId)]}: steps ${label}.`)
    .join(" ");
}

/** `50`, or `all` of them. */
export function stepsWords({ timesteps }: Sampler): string {
  return timesteps === undefined ? "all" : formatCount(timesteps);
}

/** `3.29 of 3.32 bits` */
export function entropyWords(bits: number): string {
  return `${bits.toFixed(2)} of ${MAX_CLASS_ENTROPY.toFixed(2)} bits`;
}

/** Three significant digits of what has no largest value. */
export function frechetWords(distance: number): string {
  return distance >= 100 ? formatCount(Math.round(distance)) : distance.toPrecision(3);
}

/** `0 of 256 samples are copies, nearer than 0.029; the median distance is 0.161 (of test images 0.155).` */
export function nearestWords(result: Pick<Result, "figures" | "dataset">): string {
  const { count, nearest } = result.figures;
  const { numCopies, medianDistance } = nearest;
  const copies = numCopies === 1 ? "is a copy" : "are copies";
  const { testMedianDistance: real } = datasetEntry(result.dataset);
  const bound = real === null ? " (a bound for MNIST, here a rough one)" : "";
  const scale = real === null ? "" : ` (of test images ${real.toFixed(3)})`;
  return `${formatCount(numCopies)} of ${formatCount(count)} samples ${copies}, nearer than ${COPY_DISTANCE.toFixed(3)}${bound}; the median distance is ${medianDistance.toFixed(3)}${scale}.`;
}

/** The tooltip of a number in the table of digits. */
export function cellWords({ asked, read }: Cell, count: number): string {
  return `${count} of the samples asked to be ${asked} are read as ${read}`;
}

/** Which samples are shown. */
export function shownWords(cell: Cell | null): string {
  return cell
    ? `Only those asked to be ${cell.asked} and read as ${cell.read}.`
    : "All of them. Click a number in the table of digits to see its samples alone.";
}

/** A page of samples in words, for those who cannot see it. */
export function pageWords(first: number, last: number, count: number): string {
  return `Samples ${formatCount(first)} to ${formatCount(last)} of ${formatCount(count)}, each beside its nearest training image`;
}
