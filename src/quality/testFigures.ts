import type { LabelledImages } from "../data/dataset.ts";
import type { Classification } from "./classification.ts";
import { NUM_DIGITS } from "./classifier.ts";

/** What a classifier reaches on labelled images; 0 to 1 each. */
export interface TestFigures {
  /** Share of the images whose most probable digit is the label. */
  accuracy: number;
  /** The same among the images of each digit, `[NUM_DIGITS]`; NaN where there is none. */
  digitAccuracies: number[];
  /** Mean of the largest probability. */
  confidence: number;
  /** Share of the images whose largest probability is above 0.9. */
  shareConfident: number;
}

const CONFIDENT = 0.9;

export function testFigures(
  { probabilities }: Pick<Classification, "probabilities">,
  { labels, count }: LabelledImages,
): TestFigures {
  const numOf = new Array<number>(NUM_DIGITS).fill(0);
  const numCorrectOf = new Array<number>(NUM_DIGITS).fill(0);
  let [numCorrect, numConfident, sum] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    const row = probabilities.subarray(i * NUM_DIGITS, (i + 1) * NUM_DIGITS);
    const label = labels[i] as number;
    const largest = Math.max(...row);
    const isCorrect = row.indexOf(largest) === label ? 1 : 0;
    numOf[label] = (numOf[label] ?? 0) + 1;
    numCorrectOf[label] = (numCorrectOf[label] ?? 0) + isCorrect;
    numCorrect += isCorrect;
    numConfident += largest > CONFIDENT ? 1 : 0;
    sum += largest;
  }
  return {
    accuracy: numCorrect / count,
    digitAccuracies: numCorrectOf.map((correct, digit) => correct / (numOf[digit] as number)),
    confidence: sum / count,
    shareConfident: numConfident / count,
  };
}
