/** What a network with classes is asked for, as chosen and typed, and the labels that follow. Pure. */
import {
  type Condition,
  type Label,
  labelsOfText,
  mixedCondition,
  unknownName,
} from "../../engine/config/condition.ts";
import { MAX_DIGITS, pairShares } from "../../engine/config/sampling.ts";
import {
  type ClassRows,
  classRows,
  snapshotCondition,
  snapshotCount,
} from "../../engine/config/snapshotSteps.ts";
import { className, type Naming, ownNames } from "../../engine/data/datasets.ts";
import { firstFew, shortened as shortenedName } from "../../engine/shortenedText.ts";
import { counted } from "../format.ts";
import { parseWholeNumber, wholeNumberError } from "./typedNumbers.ts";

export const ASK_KINDS = ["any", "class", "rows", "text", "between", "none"] as const;
export type AskKind = (typeof ASK_KINDS)[number];

/** What was asked for, as a caption and a grid show it. */
export interface AskedFor {
  /** The digits in words, such as `36 digits of class 7`. */
  words: string;
  /** In rows by class, or as many beside each other as a text has; else null. */
  rows: ClassRows | null;
  columns: number | null;
}

/** Numbers as they were typed. */
export interface Ask {
  ask: AskKind;
  /** The label of `class`, and the first one of `between`. */
  label: string;
  /** The second of `between`. */
  to: string;
  text: string;
}

export const ASK_DEFAULTS: Ask = { ask: "any", label: "7", to: "1", text: "2026" };

/** Characters of a text of names that a caption has room for. */
const MAX_NAMES = 60;

/** Digits in a row of a text. */
const MAX_COLUMNS = 20;

/** Whether the number of digits follows from what is asked for. */
export function hasOwnCount({ ask }: Pick<Ask, "ask">): boolean {
  return ask === "rows" || ask === "text";
}

export interface AskedDigits extends AskedFor {
  count: number;
  /** One for each digit; null for a network without classes. */
  labels: readonly Label[] | null;
  /** Whether all begin with the same noise, so that the labels alone tell them apart. */
  isShared: boolean;
}

export type AskErrors = Partial<Record<keyof Ask, string>>;

interface AskedNetwork {
  classes: number;
  naming: Naming;
  typedCount: number | null;
  /** Share of the second class of `between` in all digits; null or left out goes from the first to the second. */
  mix?: number | null;
}

/**
 * The labels that are asked for, or what is wrong, by its field.
 *
 * @param network.naming what its images and classes are called
 * @param network.typedCount how many digits, where that does not follow; null where its field is wrong
 */
export function askedDigits(
  ask: Ask,
  network: AskedNetwork,
): { asked: AskedDigits | null; errors: AskErrors } {
  const errors = askErrors(ask, network);
  const isWrong = Object.keys(errors).length > 0;
  return { asked: isWrong ? null : askedFor(ask, network), errors };
}

function askErrors({ ask, label, to, text }: Ask, { classes, naming }: AskedNetwork): AskErrors {
  if (classes === 0) {
    if (ask === "any" || ask === "none") return {};
    return {
      ask: "This network was trained without labels, so it cannot be asked. Train one with the setting Classes.",
    };
  }
  const errors: AskErrors = {};
  const range = { min: 0, max: classes - 1 };
  if (ask === "class" || ask === "between") {
    const error = wholeNumberError(label, range);
    if (error) errors.label = error;
  }
  if (ask === "between") {
    const error = wholeNumberError(to, range);
    if (error) errors.to = error;
  }
  if (ask === "text") {
    const error = textError(text, classes, naming);
    if (error) errors.text = error;
  }
  return errors;
}

function textError(text: string, classes: number, naming: Naming): string | null {
  try {
    const { length } = labelsOfText(text, classes, ownNames(naming));
    return length > MAX_DIGITS ? `1 to ${MAX_DIGITS} ${naming.noun}s, not ${length}` : null;
  } catch {
    const names = ownNames(naming)?.slice(0, classes);
    if (!names) return `Only digits from 0 to ${Math.min(9, classes - 1)}`;
    const unknown = unknownName(text, names);
    return unknown === null
      ? "Names of classes, with commas between them"
      : `No class is called “${shortenedName(unknown, 40)}”. The classes: ${firstFew(names)}.`;
  }
}

function askedFor(
  { ask, label, to, text }: Ask,
  { classes, naming, typedCount, mix = null }: AskedNetwork,
): AskedDigits | null {
  const { noun } = naming;
  const named = (label: string) => className(naming, Number(label));
  if (ask === "text") {
    const labels = labelsOfText(text, classes, ownNames(naming));
    const columns = Math.min(labels.length, MAX_COLUMNS);
    return {
      count: labels.length,
      labels,
      rows: null,
      columns,
      words: `“${ownNames(naming) ? shortenedName(text.trim(), MAX_NAMES) : shortened(text.trim())}”`,
      isShared: false,
    };
  }
  if (ask === "rows") {
    const count = snapshotCount({ classes });
    const labels = snapshotCondition({ classes, guidance: 1 })?.labels ?? null;
    const rows = classRows(count, { classes }, ownNames(naming));
    const words = `${counted(count, noun)} by class`;
    return { count, labels, rows, columns: rows?.columns ?? null, words, isShared: false };
  }
  const count = typedCount;
  if (count === null) return null;
  const digits = counted(count, noun);
  const all = (of: Label): Label[] => Array.from({ length: count }, () => of);
  const rest = { count, rows: null, columns: null, isShared: false };
  switch (ask) {
    case "any": {
      const labels = mixedCondition({ classes, guidance: 1 }, count)?.labels ?? null;
      // Each class has a column of its own, where that leaves no row half empty.
      const isEven = classes > 0 && classes <= 10 && count % classes === 0;
      const columns = isEven ? classes : null;
      return { ...rest, labels, columns, words: digits };
    }
    case "none":
      return {
        ...rest,
        labels: classes > 0 ? all(null) : null,
        words: `${digits} without a label`,
      };
    case "class":
      return { ...rest, labels: all(Number(label)), words: `${digits} of class ${named(label)}` };
    case "between": {
      const of = [Number(label), Number(to)];
      const mixture = (share: number): Label => ({ of, shares: [1 - share, share] });
      if (mix !== null) {
        const words = `${digits} between class ${named(label)} and ${named(to)}`;
        return { ...rest, labels: all(mixture(mix)), words };
      }
      return {
        ...rest,
        isShared: true,
        labels: pairShares(count).map(mixture),
        words: `${digits} from class ${named(label)} to ${named(to)}`,
      };
    }
    default:
      throw ask satisfies never;
  }
}

/** A long text without its middle. */
function shortened(text: string): string {
  return text.length <= MAX_COLUMNS ? text : `${text.slice(0, 8)}…${text.slice(-8)}`;
}

/** Labels with a guidance scale, which is 1 where all are "no label": guidance has no effect on these. */
export function guidedCondition(labels: readonly Label[] | null, scale: number): Condition | null {
  if (!labels) return null;
  return { labels, guidance: labels.every((label) => label === null) ? 1 : scale };
}

/** `36 digits of class 7 with guidance 2` */
export function withGuidance(words: string, scale: number): string {
  return scale === 1 ? words : `${words} with guidance ${scale}`;
}

/** What a typed text asks for: its digits; all in turn once it is empty again. */
export function askOfText(text: string): Partial<Ask> {
  return text === "" ? { ask: "any", text: ASK_DEFAULTS.text } : { ask: "text", text };
}

/** What a key asks for: a class by its digit, all in turn by `a`; null when it asks for nothing. */
export function askOfKey(key: string, classes: number): Partial<Ask> | null {
  if (classes === 0) return null;
  if (key === "a") return { ask: "any" };
  const isClass = /^\d$/.test(key) && parseWholeNumber(key, { min: 0, max: classes - 1 }) !== null;
  return isClass ? { ask: "class", label: key } : null;
}
