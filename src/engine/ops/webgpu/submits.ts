/**
 * Cuts the commands of a WebGPU device into submits by their work.
 *
 * A device rarely leaves a submit in the middle: while it computes one, the compositor waits that draws the page, and
 * Windows resets a device after two seconds. So a submit has about 50 ms of work. The cost of a program is counted before it
 * is recorded, and where the submit would pass its budget, what was recorded goes to the device first. A single program cannot
 * be cut. How much work takes 50 ms is measured in training steps (`StepsInFlight`) and in denoising (`FramesInFlight`), and holds for all that is computed:
 * steps, samples, validation. Each step ends its submit, so that the device has all of it.
 *
 * TensorFlow.js counts the programs of a submit up to a flag. Its count is of work here, in millions of operations, and the
 * flag is the budget: its own programs share both.
 */

import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { backend as currentBackend, env, type TensorInfo, util } from "@tensorflow/tfjs-core";
import { streamOf, submitRecorded } from "./commands.ts";
import type { Work } from "./work.ts";

const BUDGET_FLAG = "WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE";

const SUBMIT_MS = 50;

/** Until a step is measured, in millions of operations: 50 ms of an integrated card that reaches 0.4 TFLOP/s. */
const FIRST_BUDGET = 20_000;

/**
 * A byte that is read or written takes as long as so many operations. By their data sheets cards do 22 to 66 meanwhile
 * (`tests/bench/cards.ts`), and matrix products in WebGPU reach a third to two thirds of that.
 */
const FLOPS_PER_BYTE = 20;

interface Submits {
  share: number;
  /** All that was ever recorded, in millions of operations. */
  recorded: number;
}

const submitsOf = new WeakMap<object, Submits>();

/** Members that the backend declares as private. */
interface StockBackend {
  /** Tensors whose buffers are kept until the next submit when they are disposed. */
  commandQueueOwnedIds: WeakSet<object>;
  recordAndSubmit(
    program: unknown,
    output: TensorInfo,
    inputs: TensorInfo[],
    uniforms: unknown,
  ): void;
}

/**
 * Has the backend submit by work.
 *
 * @param share of the usual work of a submit; less for a device that was lost
 */
export function cutSubmits(backend: WebGPUBackend, share: number): void {
  submitsOf.set(backend, { share, recorded: 0 });
  env().set(BUDGET_FLAG, share * FIRST_BUDGET);
  const stock = backend as unknown as StockBackend;
  const record = stock.recordAndSubmit.bind(stock);
  stock.recordAndSubmit = (program, output, inputs, uniforms) => {
    let numFloats = util.sizeFromShape(output.shape);
    for (const { shape } of inputs) numFloats += util.sizeFromShape(shape);
    countWork(backend, costOf({}, 4 * numFloats));
    record(program, output, inputs, uniforms);
    // Buffers of disposed tensors are free at once, like those of our own programs (`bindingOf`). If they waited for the next
    // submit, the buffers of a step would change with where it is cut.
    stock.commandQueueOwnedIds = new WeakSet();
  };
}

/**
 * The cost of a program in millions of operations, and one besides, since every program takes some time.
 *
 * @param bytes of all that it binds
 */
export function costOf({ flops = 0, unreadBytes = 0 }: Work, bytes: number): number {
  return 1 + (flops + FLOPS_PER_BYTE * (bytes - unreadBytes)) / 1e6;
}

/** Counts a program that is about to be recorded. Where it has no room beside what is recorded, that is submitted first. */
export function countWork(backend: WebGPUBackend, cost: number): void {
  const submits = submitsOf.get(backend);
  if (submits) submits.recorded += cost;
  const count = streamOf(backend).dispatchCountInPass;
  if (count > 0 && count + cost > env().getNumber(BUDGET_FLAG)) submitRecorded(backend);
  streamOf(backend).dispatchCountInPass += cost;
}

/** The work that the current backend was ever given, in millions of operations; 0 on WebAssembly. */
export function recordedWork(): number {
  return submitsOf.get(currentBackend())?.recorded ?? 0;
}

/** The most work of a submit of the current backend, in millions of operations; 0 on WebAssembly. */
export function submitBudget(): number {
  return submitsOf.has(currentBackend()) ? env().getNumber(BUDGET_FLAG) : 0;
}

/** How much work a submit of the current backend would have, if it did this much in this time; 0 on WebAssembly. */
export function budgetOf({ work, elapsedMs }: { work: number; elapsedMs: number }): number {
  // A browser may round times to more than that.
  const atLeastMs = Math.max(1, elapsedMs);
  return ((submitsOf.get(currentBackend())?.share ?? 0) * SUBMIT_MS * work) / atLeastMs;
}

/** From here on a submit has what the current backend does in 50 ms, if it did this much in this time. */
export function fitSubmits(measured: { work: number; elapsedMs: number }): void {
  const budget = budgetOf(measured);
  if (budget > 0) env().set(BUDGET_FLAG, budget);
}

/** Gives the current backend's device all that is recorded. */
export function submitStep(): void {
  const backend = currentBackend();
  if (submitsOf.has(backend)) submitRecorded(backend as WebGPUBackend);
}
