/** The cost of a step as numbers under plain names, and as text. */

import type { RunConfig } from "../../src/engine/config/hyperparameters.ts";
import { PRESETS, type PresetName } from "../../src/engine/config/presets.ts";
import { CARD_NAMES, type CardName, MODEL_LIMITS, predictedMs, predictedStepMs } from "./cards.ts";
import type { Dispatch } from "./dispatch.ts";
import type { StepCost } from "./stepCost.ts";
import { formatFigure, markdownTable } from "./stock/table.ts";

type CardMs = Record<CardName, number>;

/** Runs of the same kernel on the same shapes. */
interface DispatchGroup extends Dispatch {
  count: number;
  /** Of all of them together. */
  predictedMs: CardMs;
}

export interface CostFigures {
  preset: PresetName;
  batchSize: number;
  microBatchSize: number;
  dispatches: number;
  /** Of all dispatches; those of copies are not among them. */
  bytes: number;
  flops: number;
  copies: number;
  copiedBytes: number;
  predictedStepMs: CardMs;
  /** The dearest first, by their share of the step, a mean over the cards. */
  groups: DispatchGroup[];
  /** What the predictions leave out. */
  limits: string[];
}

const onCards = (msOn: (card: CardName) => number) =>
  Object.fromEntries(CARD_NAMES.map((card) => [card, msOn(card)])) as CardMs;

export function costFigures(
  preset: PresetName,
  { batchSize }: RunConfig,
  cost: StepCost,
): CostFigures {
  const { dispatches, copies, microBatchSize } = cost;
  const stepMs = onCards((card) => predictedStepMs(card, cost));
  const groups = new Map<string, DispatchGroup>();
  for (const dispatch of dispatches) {
    const key = `${dispatch.kernel} ${dispatch.shapes} ${dispatch.workgroups}`;
    const { count = 0, predictedMs: before } = groups.get(key) ?? {};
    const ms = onCards((card) => (before?.[card] ?? 0) + predictedMs(card, dispatch));
    groups.set(key, { ...dispatch, count: count + 1, predictedMs: ms });
  }
  const shareOf = (group: DispatchGroup) =>
    sum(CARD_NAMES.map((card) => group.predictedMs[card] / stepMs[card]));
  return {
    preset,
    batchSize,
    microBatchSize,
    dispatches: dispatches.length,
    bytes: sum(dispatches.map(bytesOf)),
    flops: sum(dispatches.map(({ flops }) => flops)),
    copies: copies.length,
    copiedBytes: sum(copies),
    predictedStepMs: stepMs,
    groups: [...groups.values()].sort((a, b) => shareOf(b) - shareOf(a)),
    limits: MODEL_LIMITS,
  };
}

export function bytesOf({ bytesRead, bytesWritten }: Dispatch): number {
  return bytesRead + bytesWritten;
}

/**
 * Totals, the dearest dispatches as a table in Markdown, and the limits of the model.
 *
 * @param numRows so many groups have a row of their own, the rest has one together
 */
export function costText(figures: CostFigures, numRows: number): string {
  const { preset, batchSize, microBatchSize, groups, dispatches, bytes, flops } = figures;
  const msCells = (ms: CardMs) => CARD_NAMES.map((card) => formatFigure(ms[card]));
  const rest = groups.slice(numRows);
  const rowOf = (name: string, members: DispatchGroup[], size: string[]) => [
    ...[name, formatFigure(sum(members.map(({ count }) => count))), ...size],
    formatFigure(sum(members.map((group) => group.count * bytesOf(group))) / 1e6),
    formatFigure(sum(members.map((group) => group.count * group.flops)) / 1e9),
    formatFigure(Math.max(...members.map(({ serialPositions }) => serialPositions))),
    ...msCells(onCards((card) => sum(members.map((group) => group.predictedMs[card])))),
  ];
  const rows = groups.slice(0, numRows).map((group) => {
    const workgroups = `${formatFigure(group.workgroups)} x ${group.workgroupSize}`;
    return rowOf(`${group.kernel} ${group.shapes}`, [group], [workgroups]);
  });
  if (rest.length > 0) rows.push(rowOf(`${rest.length} others`, rest, [""]));
  return [
    `${PRESETS[preset].label}, batch ${batchSize}, ${microBatchSize} images in a pass: ${dispatches} dispatches, ${formatFigure(bytes / 1e9)} GB, ${formatFigure(flops / 1e9)} GFLOP, ${figures.copies} copies of ${formatFigure(figures.copiedBytes / 1e6)} MB`,
    "",
    ...markdownTable([
      ["kernel and shapes", "runs", "workgroups", "MB", "GFLOP", "serial positions"].concat(
        CARD_NAMES.map((card) => `${card}, ms`),
      ),
      ...rows,
      ["the step, with its copies", "", "", "", "", "", ...msCells(figures.predictedStepMs)],
    ]),
    "",
    ...figures.limits,
  ].join("\n");
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
