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
 * The labels that a text asks for: `2026`, `7, 2, ♥`, or `ankle boot, bag`. Names of classes are separated by commas or
 * spaces; those of one character need neither.
 *
 * @param classNames by label; digits where it is null
 * @throws RangeError when the text asks for anything else, or for nothing
 */
export function labelsOfText(
  text: string,
  classes: number,
  classNames: readonly string[] | null = null,
): number[] {
  const names = (classNames ?? [..."0123456789"]).slice(0, classes);
  const labels = namesInText(text, names).map(({ label }) => label);
  if (labels.length > 0 && labels.every((label) => label !== null)) return labels;
  throw new RangeError(
    `Expected ${classNames ? namesText(names) : digitsText(names)}, got "${text}".`,
  );
}

/** The first word of a text that is the name of no class; null where there is none. */
export function unknownName(text: string, classNames: readonly string[]): string | null {
  return namesInText(text, classNames).find(({ label }) => label === null)?.word ?? null;
}

/** What a text names, each with its label; null where no class is called that. */
function namesInText(text: string, names: readonly string[]) {
  const labelOf = (name: string) => {
    const exact = names.indexOf(name);
    const label = exact >= 0 ? exact : names.findIndex((other) => isSameWord(other, name));
    return label >= 0 ? label : null;
  };
  // A name may have commas.
  const ofAll = labelOf(text.trim());
  if (ofAll !== null) return [{ word: text.trim(), label: ofAll }];
  return text.split(/[,;]/).flatMap((part) => {
    // The whole part first, since a name may have spaces.
    const whole = { word: part.trim(), label: labelOf(part.trim()) };
    if (whole.label !== null) return [whole];
    const words = part.split(/\s+/).filter((word) => word !== "");
    return words.flatMap((word) => {
      const label = labelOf(word);
      const letters = [...word].map((letter) => ({ word: letter, label: labelOf(letter) }));
      // A word with a letter that is no class is no row of one-letter names, but one unknown name.
      const isRow = label === null && letters.every((letter) => letter.label !== null);
      return isRow ? letters : [{ word, label }];
    });
  });
}

function isSameWord(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function digitsText({ length }: readonly string[]): string {
  const most = length - 1;
  return `digits from 0 to ${most}, such as ${most >= 6 ? "2026" : `${most}0`}`;
}

function namesText(names: readonly string[]): string {
  return `names of classes, such as ${names.slice(0, 3).join(", ")}`;
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
