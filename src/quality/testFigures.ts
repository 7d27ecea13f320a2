import type { LabelledImages } from "../data/dataset.ts";
import { type ClassFigures, classFigures, NUM_CLASSES } from "./figures.ts";

/** What a classifier reaches on labelled images; shares from 0 to 1. */
export interface TestFigures extends ClassFigures {
  /** Share of the images whose most probable class is the label. */
  accuracy: number;
  /** The same among the images of each class, `[NUM_CLASSES]`; NaN where there is none. */
  classAccuracies: number[];
}

/**
 * @param probabilities `[N, NUM_CLASSES]`
 * @param labels `[N]`
 * @throws Error for no images, and for what is not probabilities.
 */
export function testFigures(
  probabilities: Float32Array,
  { labels }: Pick<LabelledImages, "labels">,
): TestFigures {
  const numOf = new Array<number>(NUM_CLASSES).fill(0);
  const numRightOf = new Array<number>(NUM_CLASSES).fill(0);
  labels.forEach((label, i) => {
    const row = probabilities.subarray(i * NUM_CLASSES, (i + 1) * NUM_CLASSES);
    numOf[label] = (numOf[label] as number) + 1;
    if (row.indexOf(Math.max(...row)) === label) {
      numRightOf[label] = (numRightOf[label] as number) + 1;
    }
  });
  return {
    ...classFigures(probabilities),
    accuracy: numRightOf.reduce((sum, numRight) => sum + numRight) / labels.length,
    classAccuracies: numRightOf.map((numRight, digit) => numRight / (numOf[digit] as number)),
  };
}
