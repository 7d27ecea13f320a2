import { describe, expect, it, vi } from "vitest";
import { withThreads } from "../../../../../src/app/state/client/workers.ts";
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
