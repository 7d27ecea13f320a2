/** A measurement as files: its figures, its samples, and the images nearest to them. Pure. */
import { NUM_PIXELS } from "../../../../engine/config/hyperparameters.ts";
import { imageAt } from "../../../../engine/data/imageOrder.ts";
import { encodeCsv } from "../../../../engine/formats/csv.ts";
import type { ClassFigures, Likelihood } from "../../../../engine/quality/figures.ts";
import type { Evaluation, SampleImages } from "../../../state/slices/evaluation.ts";

type Result = Evaluation["result"];

/** By the digit asked for and the digit read, `[10][10]`. */
type Confusion = readonly (readonly number[])[];

/** A row for each digit, 0 to 9. */
export function histogramCsv({ classCounts }: ClassFigures): string {
  return encodeCsv([
    { name: "digit", values: classCounts.map((_, digit) => digit) },
    { name: "samples", values: classCounts },
  ]);
}

export function histogramJson({ classCounts, classEntropy }: ClassFigures): string {
  return JSON.stringify({ title: "Digits", samples: classCounts, entropy_bits: classEntropy });
}

/** A row for each digit asked for: how many of its samples are read as each digit. */
export function confusionCsv(confusion: Confusion): string {
  return encodeCsv([
    { name: "asked", values: [...confusion.keys()] },
    ...confusion.map((_, read) => ({
      name: `read_${read}`,
      values: confusion.map((row) => row[read] as number),
    })),
  ]);
}

export function confusionJson(confusion: Confusion): string {
  return JSON.stringify({ title: "Asked for and read", asked_read: confusion });
}

/** A row for each range of timesteps, both ends included: the bits of its terms together. */
export function likelihoodCsv({ terms }: Likelihood): string {
  return encodeCsv([
    { name: "t_from", values: terms.map(({ from }) => from) },
    { name: "t_to", values: terms.map(({ to }) => to) },
    { name: "bits", values: terms.map(({ bits }) => bits) },
  ]);
}

export function likelihoodJson(likelihood: Likelihood): string {
  return JSON.stringify({ title: "Bits per dimension", ...likelihood });
}

/**
 * A row for each sample as they were drawn, from 1: the digit it is read as, how sure of that the
 * classifier is, and the root mean square difference of its pixels to the nearest training image's, both 0 to 1; and last the
 * digit asked for, where the network was asked.
 */
export function samplesCsv({ digits, confidences, distances, asked }: Result): string {
  return encodeCsv([
    { name: "sample", values: Array.from(digits, (_, i) => i + 1) },
    { name: "digit", values: Array.from(digits) },
    { name: "confidence", values: Array.from(confidences) },
    { name: "distance", values: Array.from(distances) },
    ...(asked ? [{ name: "asked", values: asked }] : []),
  ]);
}

/** What was measured, of what, compared with which images, and the rows of `samplesCsv`. */
export function measurementJson({ request, result }: Evaluation, name: string): string {
  const { count, seed, sampler, weights, guidance } = request;
  const { figures, real, frechetFloor, likelihood, trainedSteps } = result;
  const { digits, confidences, asked } = result;
  const network = { name, weights, trainedSteps };
  const dataset = result.dataset.name;
  const samples = Array.from(result.distances, (distance, i) => {
    const read = { digit: digits[i], confidence: confidences[i], distance };
    return asked ? { ...read, asked: asked[i] } : read;
  });
  const sampling = { count, seed, sampler, ...(guidance !== null && { guidance }) };
  const all = { network, ...sampling, dataset, figures, real, frechetFloor, likelihood, samples };
  return JSON.stringify(all, null, 1);
}

/** Each sample of some indices followed by the training image nearest to it: `[places.length, 2, 28, 28]`. */
export function pairsAt({ pixels, nearestPixels }: SampleImages, places: readonly number[]) {
  const pairs = new Uint8Array(2 * places.length * NUM_PIXELS);
  for (const [i, place] of places.entries()) {
    pairs.set(imageAt(pixels, place), 2 * i * NUM_PIXELS);
    pairs.set(imageAt(nearestPixels, place), (2 * i + 1) * NUM_PIXELS);
  }
  return pairs;
}
