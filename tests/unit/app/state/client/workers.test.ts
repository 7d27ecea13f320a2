import { describe, expect, it, vi } from "vitest";
import { startMeasuring, withThreads } from "../../../../../src/app/state/client/workers.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import type {
  BatchTimingEvent,
  BatchTimingRequest,
} from "../../../../../src/hosts/measuring/measuringProtocol.ts";
import type { ThreadRequest } from "../../../../../src/runtime/threads/replicaProtocol.ts";
import { FakeWorker, startedWorkers, withFakeWorkers } from "../fakeWorker.ts";

withFakeWorkers();

function threaded() {
  const worker = new FakeWorker();
  const says = vi.fn();
  const link = withThreads(worker as unknown as Worker);
  link.addEventListener("message", says);
  const say = (data: unknown) => worker.dispatchEvent(new MessageEvent("message", { data }));
  const ask = (threadId: number, port: MessagePort | null) =>
    say({ name: `replica ${threadId}`, port } satisfies ThreadRequest);
  return { link, worker, says, say, ask };
}

const onceTold = (port: MessagePort) =>
  new Promise((resolve) => {
    port.onmessage = ({ data }) => resolve(data);
  });

describe("a worker with threads", () => {
  it("has the page start one with the port it sends, hears when that has loaded, and nobody else does", async () => {
    const { says, say, ask } = threaded();
    const { port1, port2 } = new MessageChannel();
    const told = onceTold(port1);
    ask(1, port2);
    const thread = startedWorkers[1];
    expect(thread?.postMessage).not.toHaveBeenCalled();
    thread?.onmessage?.({ data: "loaded" });
    const [[sent, transferred] = []] = thread?.postMessage.mock.calls ?? [];
    expect([sent, transferred?.[0]].every((port) => port === port2)).toBe(true);
    expect(says).not.toHaveBeenCalled();
    say({ type: "backendReady" });
    expect(says).toHaveBeenCalledOnce();
    expect(await told).toEqual({ type: "loaded" });
    port1.close();
  });

  it("ends the one that is meant when asked, and all that are left with itself", () => {
    const { link, ask } = threaded();
    const channels = [new MessageChannel(), new MessageChannel()];
    channels.forEach(({ port2 }, i) => {
      ask(i, port2);
    });
    ask(0, null);
    const ended = () => startedWorkers.map((worker) => worker.ended.mock.calls.length);
    expect(ended()).toEqual([0, 1, 0]);
    link.terminate();
    expect(ended()).toEqual([1, 1, 1]);
    for (const { port1 } of channels) port1.close();
  });

  it("hears from one whose script does not load that it failed", async () => {
    const { ask } = threaded();
    const { port1, port2 } = new MessageChannel();
    const told = onceTold(port1);
    ask(1, port2);
    const preventDefault = vi.fn();
    startedWorkers[1]?.onerror?.({ message: "", preventDefault });
    expect(await told).toMatchObject({ type: "failed", isOutOfMemory: false });
    expect(preventDefault).toHaveBeenCalledOnce();
    port1.close();
  });
});

const REQUEST: BatchTimingRequest = {
  type: "timeBatch",
  backend: "wasm",
  config: presetConfig("tiny"),
  maxMicroBatch: null,
};

/** The worker that was started last. */
const worker = () => startedWorkers.at(-1) as FakeWorker;
const preventDefault = () => {};

function started() {
  const events: BatchTimingEvent[] = [];
  const cancel = startMeasuring(REQUEST, (event) => events.push(event));
  return { events, cancel };
}

describe("a measurement", () => {
  it("asks its worker, and ends it with the result", () => {
    const { events } = started();
    expect(worker().postMessage).toHaveBeenCalledWith(REQUEST);
    const progress = { type: "timingProgress", fraction: 0.5 };
    worker().onmessage?.({ data: { type: "measuringBegun" } });
    worker().onmessage?.({ data: progress });
    expect(worker().ended).not.toHaveBeenCalled();
    const done = { type: "batchTimed", batchMs: 12 };
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
