/** A measurement as files: its figures, its samples, and the images nearest to them. Pure. */
import { NUM_PIXELS } from "../../../../engine/config/hyperparameters.ts";
import { type DatasetIdentity, namingOf, ownNames } from "../../../../engine/data/datasets.ts";
import { imageAt } from "../../../../engine/data/imageOrder.ts";
import { encodeCsv } from "../../../../engine/formats/csv.ts";
import { type ClassFigures, isRead, type Likelihood } from "../../../../engine/quality/figures.ts";
import { capitalized } from "../../../../runtime/format.ts";
import type { Evaluation, SampleImages } from "../../../state/slices/evaluation.ts";
import { classNouns } from "./measuredWords.ts";

type Result = Evaluation["result"];

/** By the class asked for and the class read, `[K][K]`. */
type Confusion = readonly (readonly number[])[];

/** A class by its name, or by its label where it has none of its own. */
function classIn(dataset: DatasetIdentity): (label: number) => string | number {
  const names = ownNames(namingOf(dataset));
  return (label) => names?.[label] ?? label;
}

/** A row for each class, from that of label 0 on. */
export function histogramCsv({ classCounts }: ClassFigures, dataset: DatasetIdentity): string {
  return encodeCsv([
    { name: classNouns(dataset).one, values: [...classCounts.keys()].map(classIn(dataset)) },
    { name: "samples", values: classCounts },
  ]);
}

export function histogramJson(
  { classCounts, classEntropy }: ClassFigures,
  dataset: DatasetIdentity,
): string {
  const title = capitalized(classNouns(dataset).many);
  const names = ownNames(namingOf(dataset));
  const samples = { ...(names && { classes: names }), samples: classCounts };
  return JSON.stringify({ title, ...samples, entropy_bits: classEntropy });
}

/** A row for each class asked for: how many of its samples are read as each class. */
export function confusionCsv(confusion: Confusion, dataset: DatasetIdentity): string {
  const nameOf = classIn(dataset);
  return encodeCsv([
    { name: "asked", values: [...confusion.keys()].map(nameOf) },
    ...confusion.map((_, read) => ({
      name: `read_${nameOf(read)}`,
      values: confusion.map((row) => row[read] as number),
    })),
  ]);
}

export function confusionJson(confusion: Confusion, dataset: DatasetIdentity): string {
  const names = ownNames(namingOf(dataset));
  const classes = names && { classes: names };
  return JSON.stringify({ title: "Asked for and read", ...classes, asked_read: confusion });
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
 * A row for each sample as they were drawn, from 1: the class it is read as, how sure of that the
 * classifier is, where one reads them, and the root mean square difference of its pixels to the nearest training image's, both 0 to 1; and last the
 * class asked for, where the network was asked.
 */
export function samplesCsv(result: Result): string {
  const { digits, confidences, distances, asked, figures, dataset } = result;
  const nameOf = classIn(dataset);
  return encodeCsv([
    { name: "sample", values: Array.from(distances, (_, i) => i + 1) },
    ...(isRead(figures)
      ? [
          { name: classNouns(dataset).one, values: Array.from(digits, nameOf) },
          { name: "confidence", values: Array.from(confidences) },
        ]
      : []),
    { name: "distance", values: Array.from(distances) },
    ...(asked ? [{ name: "asked", values: asked.map(nameOf) }] : []),
  ]);
}

/** What was measured, of what, compared with which images, and the rows of `samplesCsv`. */
export function measurementJson({ request, result }: Evaluation, name: string): string {
  const { count, seed, sampler, weights, guidance } = request;
  const { figures, real, frechetFloor, likelihood, trainedSteps } = result;
  const { digits, confidences, asked } = result;
  const network = { name, weights, trainedSteps };
  const dataset = result.dataset.name;
  const nameOf = classIn(result.dataset);
  const samples = Array.from(result.distances, (distance, i) => {
    const read = isRead(figures)
      ? {
          [classNouns(result.dataset).one]: nameOf(digits[i] ?? 0),
          confidence: confidences[i],
          distance,
        }
      : { distance };
    return asked ? { ...read, asked: nameOf(asked[i] ?? 0) } : read;
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
