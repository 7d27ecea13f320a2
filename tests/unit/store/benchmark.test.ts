import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  afterBenchmarkEvent,
  type BenchmarkState,
  startBenchmark,
} from "../../../src/store/benchmark.ts";
import type { BenchmarkEvent, BenchmarkRequest } from "../../../src/worker/measuringProtocol.ts";
import { figuresWith } from "../bench/figures.ts";

const REQUEST: BenchmarkRequest = {
  type: "benchmark",
  backend: "wasm",
  preset: "tiny",
  batchSize: null,
  effort: { minRounds: 1, maxRounds: 2, budgetMs: 1000 },
  machine: "",
};

/** The worker that was started last. */
let worker: FakeWorker;

class FakeWorker {
  onmessage: ((event: { data: BenchmarkEvent }) => void) | null = null;
  onerror: ((event: { message: string }) => void) | null = null;
  postMessage = vi.fn();
  terminate = vi.fn();
  constructor() {
    worker = this;
  }
}

beforeEach(() => {
  vi.stubGlobal("Worker", FakeWorker);
  return () => vi.unstubAllGlobals();
});

function started() {
  const states: BenchmarkState[] = [];
  const cancel = startBenchmark(REQUEST, (state) => states.push(state));
  return { states, cancel };
}

describe("a benchmark", () => {
  it("asks its worker, and follows its word to the figures", () => {
    const { states } = started();
    expect(worker.postMessage).toHaveBeenCalledWith(REQUEST);
    const progress = { doing: "training step", fraction: 0.5 };
    worker.onmessage?.({ data: { type: "benchmarkProgress", ...progress } });
    expect(worker.terminate).not.toHaveBeenCalled();
    const figures = figuresWith();
    worker.onmessage?.({ data: { type: "benchmarkDone", figures } });
    expect(states).toEqual([
      { status: "running", progress },
      { status: "done", figures },
    ]);
    expect(worker.terminate).toHaveBeenCalledOnce();
  });

  it("fails with the worker's message, and with that of one that does not load", () => {
    expect(afterBenchmarkEvent({ type: "measuringFailed", message: "No." })).toEqual({
      status: "failed",
      message: "No.",
    });
    const { states } = started();
    worker.onerror?.({ message: "" });
    expect(states).toEqual([{ status: "failed", message: "The worker's script did not load." }]);
    expect(worker.terminate).toHaveBeenCalledOnce();
  });

  it("that is cancelled ends its worker at once", () => {
    const { states, cancel } = started();
    cancel();
    expect(worker.terminate).toHaveBeenCalledOnce();
    expect(states).toEqual([]);
  });
});
