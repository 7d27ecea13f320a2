import * as tf from "@tensorflow/tfjs-core";
import { budgetOf, fitSubmits, recordedWork, submitBudget } from "../ops/webgpu/submits.ts";
import {
  type ComputedFrame,
  type DigitSampler,
  readFrame,
  type SampleFrame,
} from "./digitSampler.ts";

/** Groups of frames that a graphics device has at once, each of about 50 ms of work; and before it has ever done one. */
const MAX_GROUPS = 5;
const FIRST_GROUPS = 2;

/** Backends whose device has done a group. */
const known = new WeakSet<object>();

/** Over a shorter time how long a reading takes would make a device look slow. */
const MIN_MEASURED_MS = 250;

/** A device that was given more than this, relative to the sampler's own work, has computed something else, too. */
const MAX_OTHER = 1.05;

/** Frames that are read together, and the work that the device has done then. */
interface Group {
  frames: Promise<SampleFrame[]>;
  work: number;
}

/** All that a device has done by a time of `performance.now`, in millions of operations. */
interface Done {
  ms: number;
  work: number;
}

/**
 * Draws the frames of a sampler so that a graphics device always has work: a browser may take from 5 ms (Chrome) to 100 ms
 * (Firefox) to notice that it is done. So as many steps as one submit has room for are begun at once, and their
 * frames read together; meanwhile the next steps are begun. On WebAssembly, which computes each step as it is
 * begun, every frame is a group of its own.
 */
export class FramesInFlight {
  readonly #sampler: DigitSampler;
  readonly #isWanted: (index: number) => boolean;
  readonly #groups: Group[] = [];
  /** When the first group was begun, and when it was read; null before. */
  #begun: Done | null = null;
  #first: Done | null = null;
  #work = 0;
  /** `recordedWork` when the first group was begun, and the work of all groups since. */
  #recordedBefore = 0;
  #workBegun = 0;

  /** @param isWanted whether a frame, by its index, is read at all; of each group the last one is, and so that of the digits */
  constructor(sampler: DigitSampler, isWanted: (index: number) => boolean = () => true) {
    this.#sampler = sampler;
    this.#isWanted = isWanted;
  }

  /** Whether a graphics device has all that there is to compute: other work need not wait for it. */
  get isFullyQueued(): boolean {
    return this.#sampler.isDone && submitBudget() > 0;
  }

  /** Whether `next` has been called for all. */
  get isDone(): boolean {
    return this.#sampler.isDone && this.#groups.length === 0;
  }

  /** The next group of frames that are wanted; at least one, unless all are there. */
  async next(): Promise<SampleFrame[]> {
    const most = this.#mostGroups();
    while (!this.#sampler.isDone && this.#groups.length < most) this.#groups.push(this.#begin());
    const group = this.#groups.shift();
    const frames = (await group?.frames) ?? [];
    this.#measure(group?.work ?? 0);
    return frames;
  }

  #mostGroups(): number {
    if (submitBudget() === 0) return 1;
    if (!this.#begun) {
      this.#begun = { ms: performance.now(), work: 0 };
      this.#recordedBefore = recordedWork();
    }
    return known.has(tf.backend()) ? MAX_GROUPS : FIRST_GROUPS;
  }

  #begin(): Group {
    const budget = submitBudget();
    const reads: Promise<SampleFrame>[] = [];
    let work = 0;
    let isLast = false;
    while (!isLast) {
      const before = recordedWork();
      this.#sampler.advance();
      const ofStep = recordedWork() - before;
      work += ofStep;
      // Another step has as much work.
      isLast = this.#sampler.isDone || budget === 0 || work + ofStep > budget;
      const { frame } = this.#sampler;
      if (isLast || this.#isWanted(frame.index)) reads.push(readKept(frame));
    }
    const frames = Promise.all(reads);
    // `next` throws the error later; until then it must not count as unhandled.
    frames.catch(() => {});
    this.#workBegun += work;
    return { frames, work };
  }

  /**
   * Fits the size of submits, and so of groups, to the device. It is at least as fast as it seems from the beginning, which
   * counts what was compiled and how long readings took; and not much faster than it seems from the first reading on, where
   * that is a while ago.
   */
  #measure(work: number): void {
    if (!this.#begun) return;
    known.add(tf.backend());
    this.#work += work;
    const now: Done = { ms: performance.now(), work: this.#work };
    this.#first ??= now;
    // What else the device computes, as a training step, takes time, too.
    if (recordedWork() - this.#recordedBefore > MAX_OTHER * this.#workBegun) return;
    const atLeast = between(this.#begun, now);
    if (budgetOf(atLeast) > submitBudget()) fitSubmits(atLeast);
    const later = between(this.#first, now);
    if (later.elapsedMs >= MIN_MEASURED_MS) fitSubmits(later);
  }
}

/** While it is read the sampler goes on, and disposes its tensors. */
async function readKept({ index, x, x0 }: ComputedFrame): Promise<SampleFrame> {
  const clones = (tensors: tf.Tensor4D[]) => tensors.map((tensor) => tf.clone(tensor));
  const kept = { index, x: clones(x), x0: clones(x0) };
  try {
    return await readFrame(kept);
  } finally {
    tf.dispose([...kept.x, ...kept.x0]);
  }
}

function between(from: Done, to: Done): { work: number; elapsedMs: number } {
  return { work: to.work - from.work, elapsedMs: to.ms - from.ms };
}
