import type { CheckpointPointer, History } from "./records.ts";

/** How many gaps a message names. */
const MAX_NAMED = 3;

/**
 * What is missing from a run's metric history up to a checkpoint, as a sentence; null where nothing is.
 *
 * @param history steps and epochs ascending, none twice, none beyond the checkpoint
 */
export function historyGaps(
  { steps, epochs }: History,
  { step: numSteps, numEpochs }: Pick<CheckpointPointer, "step" | "numEpochs">,
): string | null {
  const gaps = [
    ...gapWords(
      "step",
      steps.map(({ step }) => step),
      numSteps,
    ),
    ...gapWords(
      "epoch",
      epochs.map(({ epoch }) => epoch),
      numEpochs,
    ),
  ];
  if (gaps.length === 0) return null;
  const isOne = gaps.length === 1 && gaps[0]?.isOne;
  const words = gaps.map((gap) => gap.words).join(" and ");
  return `${words[0]?.toUpperCase()}${words.slice(1)} ${isOne ? "is" : "are"} missing from the history.`;
}

/** `steps 1–40 and 57 of 89`; empty where all numbers from 1 to `count` are there. */
function gapWords(
  unit: string,
  numbers: readonly number[],
  count: number,
): { words: string; isOne: boolean }[] {
  const gaps: [first: number, last: number][] = [];
  let next = 1;
  for (const number of [...numbers, count + 1]) {
    if (number > next) gaps.push([next, number - 1]);
    next = number + 1;
  }
  if (gaps.length === 0) return [];
  const isOne = gaps.length === 1 && gaps[0]?.[0] === gaps[0]?.[1];
  const named = gaps
    .slice(0, MAX_NAMED)
    .map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`));
  const others = gaps.length - named.length;
  const list = [...named, ...(others > 0 ? [`${others} more gaps`] : [])];
  const words = list.length > 1 ? `${list.slice(0, -1).join(", ")} and ${list.at(-1)}` : list[0];
  return [{ words: `${unit}${isOne ? "" : "s"} ${words} of ${count}`, isOne }];
}
