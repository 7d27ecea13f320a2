import { describe, expect, it, vi } from "vitest";
import { TrainingLock } from "../../../../src/hosts/worker/trainingLock.ts";
import type { WorkerEvent } from "../../../../src/runtime/run/events.ts";
import { TabChannel } from "../../../../src/runtime/storage/tabChannel.ts";
import { asLockManager, MemoryLocks } from "../../runtime/storage/memoryLocks.ts";

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
  query: async () => ({ held: heldNames.map((name) => ({ name })), pending: [] }),
} as unknown as LockManager;
const heldNames = ["diffusion-mnist-training"];

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
      expect(events).toEqual([{ type: "trainingElsewhere", isElsewhere: true, runId: null }]),
    );
    // Which run that is is known a moment later, and told once.
    heldNames.push("diffusion-mnist-training: run-2");
    await lock.watch();
    await lock.watch();
    expect(events.slice(1)).toEqual([
      { type: "trainingElsewhere", isElsewhere: true, runId: "run-2" },
    ]);
  });

  it("says that it waits where another tab is deleting the run and does not finish", async () => {
    vi.useFakeTimers();
    const locks = asLockManager(new MemoryLocks());
    let finish = () => {};
    const deleting = lockOver(locks).lock.unlessTrained(
      "run-1",
      () => new Promise<void>((resolve) => (finish = resolve)),
    );
    const { lock, events } = lockOver(locks);
    const acquired = lock.acquire("run-1");
    await vi.advanceTimersByTimeAsync(4000);
    expect(events).toEqual([]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(events).toEqual([
      { type: "storageNote", message: expect.stringContaining("Another tab") },
    ]);
    finish();
    expect(await deleting).toBe(true);
    expect(await acquired).toBe(true);
    // Nobody else may delete it now.
    expect(await lockOver(locks).lock.unlessTrained("run-1", async () => {})).toBe(false);
    lock.release();
    await vi.advanceTimersByTimeAsync(60_000);
    vi.useRealTimers();
    expect(events).toHaveLength(1);
  });
});
