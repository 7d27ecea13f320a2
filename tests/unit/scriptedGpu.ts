import { vi } from "vitest";
import { watchDispatches } from "../../src/engine/ops/webgpu/work.ts";
import { dispatchOf } from "../bench/dispatch.ts";
import { startOnFakeGpu } from "./fakeGpu.ts";

/** What a device computes, and what it reads and writes, in a millisecond. */
export interface Speed {
  gflop: number;
  megabytes: number;
}

/** An old integrated card, a newer one, and a large card. */
export const SLOW: Speed = { gflop: 0.2, megabytes: 25 };
export const MIDDLE: Speed = { gflop: 2, megabytes: 58 };
export const FAST: Speed = { gflop: 20, megabytes: 440 };

/** A submit takes the device so long besides its work. */
const SUBMIT_MS = 0.1;

/** JavaScript of a program. */
const RECORD_MS = 0.02;

export interface Submit {
  gflop: number;
  ms: number;
  /** When the device has done it. */
  doneMs: number;
  /** From when it was submitted, with all that the device had to do before. */
  inFlightMs: number;
}

/**
 * A graphics device whose time is scripted: by the work that is counted of each program, beside JavaScript, and noticed by it
 * when it waits. `performance.now` tells this time.
 *
 * @param options.noticedMs how long it takes a browser to notice that something can be read
 */
export async function startOnScriptedGpu(
  speed: Speed,
  { submitShare, noticedMs = 0 }: { submitShare?: number | undefined; noticedMs?: number } = {},
) {
  const { account, backend } = await startOnFakeGpu(submitShare);
  const submits: Submit[] = [];
  let numReads = 0;
  let [nowMs, doneMs] = [0, 0];
  let recorded = { gflop: 0, ms: 0 };
  let readings: { atMs: number; resolve: () => void }[] = [];
  vi.spyOn(performance, "now").mockImplementation(() => nowMs);
  watchDispatches(backend.device, (facts) => {
    const { flops, bytesRead, bytesWritten } = dispatchOf(facts);
    const ms = Math.max(
      flops / 1e9 / speed.gflop,
      (bytesRead + bytesWritten) / 1e6 / speed.megabytes,
    );
    recorded = { gflop: recorded.gflop + flops / 1e9, ms: recorded.ms + ms };
    nowMs += RECORD_MS;
  });
  /** JavaScript has nothing else to do. */
  function wait() {
    nowMs = Math.max(nowMs, Math.min(...readings.map(({ atMs }) => atMs)));
    for (const { atMs, resolve } of readings) if (atMs <= nowMs) resolve();
    readings = readings.filter(({ atMs }) => atMs > nowMs);
    if (readings.length > 0) setImmediate(wait);
  }
  account.timing = {
    submit() {
      const ms = SUBMIT_MS + recorded.ms;
      doneMs = Math.max(nowMs, doneMs) + ms;
      submits.push({ gflop: recorded.gflop, ms, doneMs, inFlightMs: doneMs - nowMs });
      recorded = { gflop: 0, ms: 0 };
    },
    done() {
      numReads++;
      if (readings.length === 0) setImmediate(wait);
      return new Promise((resolve) => readings.push({ atMs: doneMs + noticedMs, resolve }));
    },
  };
  return {
    backend,
    submits,
    get numReads() {
      return numReads;
    },
  };
}
