import { describe, expect, it } from "vitest";
import { startMeasuring } from "../../../../../src/app/state/client/workers.ts";
import type {
  BenchmarkEvent,
  BenchmarkRequest,
  MeasuringEvent,
} from "../../../../../src/hosts/measuring/measuringProtocol.ts";
import { figuresWith } from "../../../engine/bench/figures.ts";
import { type FakeWorker, startedWorkers, withFakeWorkers } from "../fakeWorker.ts";

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
  const events: MeasuringEvent[] = [];
  const cancel = startMeasuring<BenchmarkEvent>(REQUEST, (event) => events.push(event));
  return { events, cancel };
}

describe("a measurement", () => {
  it("asks its worker, and ends it with the figures", () => {
    const { events } = started();
    expect(worker().postMessage).toHaveBeenCalledWith(REQUEST);
    const progress = { type: "benchmarkProgress", doing: "training step", fraction: 0.5 };
    worker().onmessage?.({ data: progress });
    expect(worker().ended).not.toHaveBeenCalled();
    const done = { type: "benchmarkDone", figures: figuresWith() };
    worker().onmessage?.({ data: done });
    expect(events).toEqual([progress, done]);
    expect(worker().ended).toHaveBeenCalledOnce();
  });

  it("fails where the worker does not load", () => {
    const { events } = started();
    worker().onerror?.({ message: "", preventDefault });
    expect(events).toEqual([
      { type: "measuringFailed", message: "The worker's script did not load." },
    ]);
    expect(worker().ended).toHaveBeenCalledOnce();
  });

  it("that is cancelled ends its worker at once", () => {
    const { events, cancel } = started();
    cancel();
    expect(worker().ended).toHaveBeenCalledOnce();
    expect(events).toEqual([]);
  });
});
