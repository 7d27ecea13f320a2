import { describe, expect, it } from "vitest";
import {
  afterBenchmarkEvent,
  type BenchmarkState,
  startBenchmark,
} from "../../../../../src/app/features/benchmark/benchmark.ts";
import type { BenchmarkRequest } from "../../../../../src/hosts/measuring/measuringProtocol.ts";
import { figuresWith } from "../../../engine/bench/figures.ts";
import { type FakeWorker, startedWorkers, withFakeWorkers } from "../../state/fakeWorker.ts";

withFakeWorkers();

const REQUEST: BenchmarkRequest = {
  type: "benchmark",
  backend: "wasm",
  preset: "tiny",
  batchSize: null,
  effort: { minRounds: 1, maxRounds: 2, budgetMs: 1000 },
  machine: "",
};

/** The one that was started last. */
const worker = () => startedWorkers.at(-1) as FakeWorker;
const preventDefault = () => {};

function started() {
  const states: BenchmarkState[] = [];
  const cancel = startBenchmark(REQUEST, (state) => states.push(state));
  return { states, cancel };
}

describe("a benchmark", () => {
  it("asks its worker, and follows its word to the figures", () => {
    const { states } = started();
    expect(worker().postMessage).toHaveBeenCalledWith(REQUEST);
    const progress = { doing: "training step", fraction: 0.5 };
    worker().onmessage?.({ data: { type: "benchmarkProgress", ...progress } });
    expect(worker().ended).not.toHaveBeenCalled();
    const figures = figuresWith();
    worker().onmessage?.({ data: { type: "benchmarkDone", figures } });
    expect(states).toEqual([
      { status: "running", progress },
      { status: "done", figures },
    ]);
    expect(worker().ended).toHaveBeenCalledOnce();
  });

  it("fails with the worker's message, and with that of one that does not load", () => {
    expect(afterBenchmarkEvent({ type: "measuringFailed", message: "No." })).toEqual({
      status: "failed",
      message: "No.",
    });
    const { states } = started();
    worker().onerror?.({ message: "", preventDefault });
    expect(states).toEqual([{ status: "failed", message: "The worker's script did not load." }]);
    expect(worker().ended).toHaveBeenCalledOnce();
  });

  it("that is cancelled ends its worker at once", () => {
    const { states, cancel } = started();
    cancel();
    expect(worker().ended).toHaveBeenCalledOnce();
    expect(states).toEqual([]);
  });
});
