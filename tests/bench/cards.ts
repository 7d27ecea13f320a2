/** Graphics cards, and how long a step would take on them, by a model on paper. */
import type { Dispatch } from "./dispatch.ts";
import type { StepCost } from "./stepCost.ts";

interface Card {
  /** Arithmetic units, each of which does a float32 multiply-add a cycle. */
  lanes: number;
  clockGhz: number;
  /** That a program can reach, in GB/s: 82 to 88 % of what the memory is sold with. */
  bandwidth: number;
  /** Of the whole path from a call of WebGPU to the card, in microseconds; none is shorter. */
  dispatchUs: number;
}

/**
 * Lanes, clocks and memory as the makers publish them: M1 with 8 cores and M2 with 10 of 128 lanes (68 and
 * 100 GB/s); Iris Xe with 96 units of 8 lanes on DDR4-3200 (51 GB/s); 28, 46 and 132 multiprocessors of 128
 * lanes on NVIDIA's (360, 504 and 3,350 GB/s, the H100 as SXM). A dispatch takes 24 to 36 microseconds on
 * Vulkan and 32 to 71 on Metal (Maczan 2026, arXiv 2604.02344); the middle is taken.
 */
export const CARDS = {
  M1: { lanes: 1024, clockGhz: 1.278, bandwidth: 58, dispatchUs: 50 },
  M2: { lanes: 1280, clockGhz: 1.398, bandwidth: 85, dispatchUs: 50 },
  "Iris Xe": { lanes: 768, clockGhz: 1.35, bandwidth: 42, dispatchUs: 30 },
  "RTX 3060": { lanes: 3584, clockGhz: 1.777, bandwidth: 310, dispatchUs: 30 },
  "RTX 4070": { lanes: 5888, clockGhz: 2.475, bandwidth: 440, dispatchUs: 30 },
  H100: { lanes: 16_896, clockGhz: 1.83, bandwidth: 2_850, dispatchUs: 30 },
} as const satisfies Record<string, Card>;

export type CardName = keyof typeof CARDS;

export const CARD_NAMES = Object.keys(CARDS) as CardName[];

/** The card of this name, or null where the model does not have it. */
export function cardOf(device: string): CardName | null {
  return CARD_NAMES.find((name) => device.includes(name)) ?? null;
}

/** What hides the time that arithmetic and memory take: with fewer, a card does its share of the work. */
const INVOCATIONS_PER_LANE = 2;

/** Of a copy in a row of copies: it binds nothing and waits for nothing. An estimate. */
const COPY_US = 3;

/** Said wherever predictions are shown. */
export const MODEL_LIMITS = [
  "On paper, not measured: the sum over all dispatches of the longest of arithmetic at the card's peak, memory at its reachable bandwidth, and the cost of a dispatch.",
  `A dispatch with fewer than ${INVOCATIONS_PER_LANE} invocations for each of the card's lanes gets its share of arithmetic and bandwidth.`,
  "Every byte counts once. Loads spread over many cache lines, conflicts in workgroup memory, addresses to compute, and JavaScript are not in it, so a step takes longer: real matrix products in WebGPU reach a third to two thirds of the peak.",
  "Better for comparing two versions of a kernel than for telling milliseconds.",
];

/** Milliseconds of one dispatch. */
export function predictedMs(card: CardName, dispatch: Dispatch): number {
  const { lanes, clockGhz, bandwidth, dispatchUs } = CARDS[card];
  const { workgroups, workgroupSize, flops, bytesRead, bytesWritten } = dispatch;
  const share = Math.min(1, (workgroups * workgroupSize) / (INVOCATIONS_PER_LANE * lanes));
  const arithmeticMs = flops / (2 * lanes * clockGhz * 1e6);
  const memoryMs = (bytesRead + bytesWritten) / (bandwidth * 1e6);
  return Math.max(arithmeticMs / share, memoryMs / share, dispatchUs / 1000);
}

/** Milliseconds of all copies. */
function predictedCopiesMs(card: CardName, copies: readonly number[]): number {
  // Each byte is read and written.
  const msOf = (bytes: number) =>
    Math.max((2 * bytes) / (CARDS[card].bandwidth * 1e6), COPY_US / 1000);
  return copies.reduce((sum, bytes) => sum + msOf(bytes), 0);
}

/** Milliseconds of the step. */
export function predictedStepMs(card: CardName, { dispatches, copies }: StepCost): number {
  const ofDispatches = dispatches.reduce((sum, dispatch) => sum + predictedMs(card, dispatch), 0);
  return ofDispatches + predictedCopiesMs(card, copies);
}
