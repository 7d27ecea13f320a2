import { FormatError } from "../../engine/formats/formatError.ts";
import { parsedObject } from "../../engine/formats/parsedJson.ts";
import { counted, formatCount } from "../format.ts";
import {
  checkedEpoch,
  checkedStep,
  type Fields,
  isPlace,
  isTime,
  listLengths,
  type OnLeftOut,
} from "./historyChecks.ts";
import type { CheckpointPointer, History } from "./records.ts";

/** As it was read: it may hold anything. */
export interface UncheckedHistory {
  steps: readonly unknown[];
  epochs: readonly unknown[];
}

/**
 * The metric history of a run up to a checkpoint, ascending, from its pieces in their order. Of reports
 * that are there twice, since a run went back and trained or validated again, the last one counts. A
 * report without a valid step is left out; an invalid value is NaN.
 */
export function historyUpTo(
  pieces: readonly UncheckedHistory[],
  { step: lastStep, numEpochs }: Pick<CheckpointPointer, "step" | "numEpochs">,
  onLeftOut: OnLeftOut = () => {},
): History {
  const allSteps = pieces.flatMap((piece) => piece.steps);
  const steps = inOrder(allSteps, "step", lastStep, onLeftOut);
  const timeOfStep = timesOf(steps, onLeftOut);
  const allEpochs = pieces.flatMap((piece) => piece.epochs);
  let previousStep = 0;
  const epochs = inOrder(allEpochs, "epoch", numEpochs, onLeftOut).filter(({ step }) => {
    const isLater = isPlace(step) && step > previousStep && step <= lastStep;
    if (isLater) previousStep = step;
    else onLeftOut();
    return isLater;
  });
  const timeOfEpoch = timesOf(epochs, onLeftOut);
  const [stepLengths, epochLengths] = [listLengths(steps), listLengths(epochs)];
  return {
    steps: steps.map((raw) => {
      const place = { step: raw.step as number, wallTimeMs: timeOfStep(raw) };
      return checkedStep(raw, place, stepLengths, onLeftOut);
    }),
    epochs: epochs.map((raw) => {
      const [epoch, step] = [raw.epoch as number, raw.step as number];
      const place = { epoch, step, wallTimeMs: timeOfEpoch(raw) };
      return checkedEpoch(raw, place, epochLengths, onLeftOut);
    }),
  };
}

/** Each step or epoch from 1 to `last` once, as it was reported last. */
function inOrder(
  reports: readonly unknown[],
  placeName: "step" | "epoch",
  last: number,
  onLeftOut: OnLeftOut,
): Fields[] {
  const byPlace = new Map<number, Fields>();
  for (const report of reports) {
    const raw = Object(report) as Fields;
    const place = raw[placeName];
    const isPlaced = isPlace(place) && place <= last;
    if (!isPlaced || byPlace.has(place)) onLeftOut();
    if (isPlaced) byPlace.set(place, raw);
  }
  return [...byPlace.values()].sort((a, b) => Number(a[placeName]) - Number(b[placeName]));
}

/** A function to be called in order: the time of each report, or, without one, of the report before. */
function timesOf(reports: readonly Fields[], onLeftOut: OnLeftOut): (report: Fields) => number {
  let timeMs = (reports.find(({ wallTimeMs }) => isTime(wallTimeMs))?.wallTimeMs ?? 0) as number;
  return ({ wallTimeMs }) => {
    if (isTime(wallTimeMs)) timeMs = wallTimeMs;
    else onLeftOut();
    return timeMs;
  };
}

/** A metric history as JSON, which has null for what is no number. */
export function historyToJson({ steps, epochs }: History): string {
  return JSON.stringify({ steps, epochs });
}

/** @throws FormatError when the text is no history */
export function historyFromJson(text: string): UncheckedHistory {
  const { steps, epochs } = parsedObject(text);
  if (Array.isArray(steps) && Array.isArray(epochs)) return { steps, epochs };
  throw new FormatError(
    "Expected a metric history (steps and epochs), got none. The file is damaged: export the run again.",
  );
}

/**
 * How much is missing from a run's metric history up to a checkpoint, as a sentence; null where nothing is.
 *
 * @param history steps and epochs, none twice, none beyond the checkpoint
 */
export function historyGaps(
  { steps, epochs }: History,
  { step, numEpochs }: Pick<CheckpointPointer, "step" | "numEpochs">,
): string | null {
  const [numSteps, numOthers] = [step - steps.length, numEpochs - epochs.length];
  const gaps = [
    ...(numSteps > 0 ? [`${formatCount(numSteps)} of ${counted(step, "step")}`] : []),
    ...(numOthers > 0 ? [`${formatCount(numOthers)} of ${counted(numEpochs, "epoch")}`] : []),
  ];
  if (gaps.length === 0) return null;
  const verb = numSteps + numOthers === 1 ? "is" : "are";
  return `${gaps.join(" and ")} ${verb} missing from the history.`;
}
