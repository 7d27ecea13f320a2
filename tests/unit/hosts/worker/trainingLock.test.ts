import { describe, expect, it, vi } from "vitest";
import { TrainingLock } from "../../../../src/hosts/worker/trainingLock.ts";
import type { WorkerEvent } from "../../../../src/runtime/run/events.ts";
import { TabChannel } from "../../../../src/runtime/storage/tabChannel.ts";

/** Locks of an origin whose data the person has blocked. */
const refusing = {
  request: () => Promise.reject(new DOMException("denied", "SecurityError")),
  query: () => Promise.reject(new DOMException("denied", "SecurityError")),
} as unknown as LockManager;

/** Another tab trains, and never stops. */
const taken = {
  request: (...args: unknown[]) => {
    const call = args.at(-1) as (lock: null) => unknown;
    const isIfAvailable = args.length === 3;
    return isIfAvailable ? Promise.resolve(call(null)) : new Promise(() => {});
  },
  query: async () => ({ held: [{ name: "diffusion-mnist-training" }], pending: [] }),
} as unknown as LockManager;

function lockOver(locks: LockManager | null) {
  const events: WorkerEvent[] = [];
  const lock = new TrainingLock((event) => events.push(event), new TabChannel(), locks);
  return { lock, events };
}

describe("the lock of the tab that trains", () => {
  it.each([
    ["has none", null],
    ["refuses them", refusing],
  ])("lets every tab train where the browser %s", async (_, locks) => {
    const { lock, events } = lockOver(locks);
    await lock.watch();
    expect(await lock.acquire("run-1")).toBe(true);
    expect(await lock.unlessTrained("run-1", async () => {})).toBe(true);
    lock.release();
    expect(events).toEqual([]);
  });

  it("answers at once that another tab trains, however long that goes on", async () => {
    const { lock, events } = lockOver(taken);
    expect(await lock.acquire("run-1")).toBe(false);
    await vi.waitFor(() =>
      expect(events).toEqual([{ type: "trainingElsewhere", isElsewhere: true }]),
    );
  });
});
