/** What a network with classes is asked for. */
import { HYPERPARAMETERS, type RunConfig } from "./hyperparameters.ts";

/** A class, a mixture of several with the share of each, 0 to 1 and together 1, or null for "no label". */
export type Label = number | { of: readonly number[]; shares: readonly number[] } | null;

export interface Condition {
  /** What each image is to be. */
  labels: readonly Label[];
  /**
   * Guidance scale, 0 to 8 (Ho and Salimans 2022): 0 ignores the labels, 1 is the network's answer to them, more
   * exaggerates what they change.
   */
  guidance: number;
}

/** Network passes of a step: two where the answers with and without label are both needed. */
export function numGuidancePasses({ labels, guidance }: Condition): 1 | 2 {
  return guidance === 0 || guidance === 1 || labels.every((label) => label === null) ? 1 : 2;
}

/**
 * All classes in turn, so that any count has each about equally often, with the run's guidance; null for a network without
 * classes.
 */
export function mixedCondition(
  { classes, guidance }: Pick<RunConfig, "classes" | "guidance">,
  count: number,
): Condition | null {
  const labels = Array.from({ length: count }, (_, i) => i % classes);
  return classes > 0 ? { labels, guidance } : null;
}

/**
 * A label for each digit of a text, without its spaces.
 *
 * @throws RangeError when a character is no digit that the network has a class for, or there is none
 */
export function labelsOfText(text: string, classes: number): number[] {
  const most = Math.min(9, classes - 1);
  const digits = text.replaceAll(/\s/g, "");
  const labels = [...digits].map(Number);
  if (/^\d+$/.test(digits) && labels.every((label) => label <= most)) return labels;
  const example = most >= 6 ? "2026" : `${most}0`;
  throw new RangeError(`Expected digits from 0 to ${most}, such as ${example}, got "${text}".`);
}

/** @throws RangeError when a network without classes is asked for one, or one with too few */
export function checkCondition({ labels, guidance }: Condition, classes: number): void {
  const { min, max } = HYPERPARAMETERS.guidance;
  if (!(guidance >= min && guidance <= max)) {
    throw new RangeError(`Expected a guidance scale from ${min} to ${max}, got ${guidance}.`);
  }
  const wrong = labels
    .flatMap((label) => (typeof label === "object" ? (label?.of ?? []) : label))
    .find((label) => !(Number.isInteger(label) && label >= 0 && label < classes));
  if (wrong === undefined) return;
  throw new RangeError(
    classes === 0
      ? `This network was trained without labels, so it cannot be asked for ${wrong}. Train one with the setting Classes.`
      : `Expected a label from 0 to ${classes - 1}, got ${wrong}.`,
  );
}
