/** A measurement as files: its figures, its samples, and the images nearest to them. Pure. */
import { NUM_PIXELS } from "../../../engine/config/hyperparameters.ts";
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
export function samplesCsv(result: Result): string {
  const rows = rowsOf(result);
  return encodeCsv([
    { name: "sample", values: rows.map((_, i) => i + 1) },
    { name: "digit", values: rows.map(({ digit }) => digit) },
    { name: "confidence", values: rows.map(({ confidence }) => confidence) },
    { name: "distance", values: rows.map(({ distance }) => distance) },
  ]);
}

/** What was measured, of what, compared with which images, and the rows of `samplesCsv`. */
export function measurementJson({ request, result }: Evaluation, name: string): string {
  const { count, seed, sampler, weights } = request;
  const { figures, real, frechetFloor, trainedSteps, dataset } = result;
  const network = { name, weights, trainedSteps };
  const drawn = { count, seed, sampler };
  const samples = rowsOf(result);
  return JSON.stringify(
    { network, ...drawn, dataset: dataset.name, figures, real, frechetFloor, samples },
    null,
    1,
  );
}

function rowsOf({ digits, confidences, distances }: Result) {
  return Array.from(distances, (distance, i) => ({
    digit: digits[i] as number,
    confidence: confidences[i] as number,
    distance,
  }));
}

/** The samples at the places, one after the other: `[places.length, 28, 28]`. */
export function samplesAt({ pixels }: SampleImages, places: readonly number[]) {
  return imagesAt([pixels], places);
}

/** Each sample followed by the training image nearest to it: `[places.length, 2, 28, 28]`. */
export function pairsAt({ pixels, nearestPixels }: SampleImages, places: readonly number[]) {
  return imagesAt([pixels, nearestPixels], places);
}

function imagesAt(sources: readonly Uint8Array[], places: readonly number[]): Uint8Array {
  const images = new Uint8Array(sources.length * places.length * NUM_PIXELS);
  places.forEach((place, i) => {
    sources.forEach((source, k) => {
      const image = source.subarray(place * NUM_PIXELS, (place + 1) * NUM_PIXELS);
      images.set(image, (i * sources.length + k) * NUM_PIXELS);
    });
  });
  return images;
}
