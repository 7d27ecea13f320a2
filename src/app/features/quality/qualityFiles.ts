/** A measurement as files: its figures, its samples, and the images nearest to them. Pure. */
import { NUM_PIXELS } from "../../../engine/config/hyperparameters.ts";
import { imageAt } from "../../../engine/data/imageOrder.ts";
import { encodeCsv } from "../../../engine/formats/csv.ts";
import type { ClassFigures } from "../../../engine/quality/figures.ts";
import type { Evaluation, SampleImages } from "../../state/slices/evaluation.ts";

type Result = Evaluation["result"];

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

/**
 * A row for each sample as they were drawn, from 1: the digit it is read as, how sure of that the
 * classifier is, and the root mean square difference of its pixels to the nearest training image's, both 0 to 1.
 */
export function samplesCsv({ digits, confidences, distances }: Result): string {
  return encodeCsv([
    { name: "sample", values: Array.from(digits, (_, i) => i + 1) },
    { name: "digit", values: Array.from(digits) },
    { name: "confidence", values: Array.from(confidences) },
    { name: "distance", values: Array.from(distances) },
  ]);
}

/** What was measured, of what, compared with which images, and the rows of `samplesCsv`. */
export function measurementJson({ request, result }: Evaluation, name: string): string {
  const { count, seed, sampler, weights } = request;
  const { figures, real, frechetFloor, trainedSteps, digits, confidences } = result;
  const network = { name, weights, trainedSteps };
  const dataset = result.dataset.name;
  const samples = Array.from(result.distances, (distance, i) => {
    return { digit: digits[i], confidence: confidences[i], distance };
  });
  const all = { network, count, seed, sampler, dataset, figures, real, frechetFloor, samples };
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
