import "fake-indexeddb/auto";
import { clearRuns, keptRuns } from "../../runtime/storage/browserStorage.ts";
import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { QualityMeters } from "../../../../src/hosts/worker/qualityMeters.ts";
import { Runs } from "../../../../src/hosts/worker/runs.ts";
import { exportRun } from "../../../../src/hosts/worker/transfer.ts";
import type { WorkerEvent } from "../../../../src/runtime/run/events.ts";
import { KeptRuns } from "../../../../src/runtime/storage/keptRuns.ts";
import { nextMacrotask } from "../../../../src/runtime/threads/macrotask.ts";
import { smallConfig, smallDataset } from "../../engine/train/smallRun.ts";
import { asLockManager, MemoryLocks } from "../../runtime/storage/memoryLocks.ts";
import { saveAt } from "../../runtime/storage/storedRun.ts";

beforeEach(async () => {
  vi.stubGlobal("navigator", { locks: asLockManager(new MemoryLocks()) });
  await clearRuns();
  await keptRuns().save(saveAt(5, 0));
  onTestFinished(() => {
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });
});

/** A tab's runs, and the kinds of events that it told. */
async function openTab() {
  const events: WorkerEvent[] = [];
  const post = (event: WorkerEvent) => void events.push(event);
  const runs = new Runs({
    post,
    onFault: () => {},
    prepareDevice: async () => {},
    isSound: () => true,
    onReplace: () => {},
    meters: new QualityMeters(() => {}),
    replicas: null,
  });
  await runs.library.open();
  const last = <T extends WorkerEvent["type"]>(type: T) =>
    events
      .filter((event): event is Extract<WorkerEvent, { type: T }> => event.type === type)
      .at(-1);
  return { runs, post, last };
}

const idsIn = async ({ library }: Runs) =>
  (await library.runs.list()).map(({ runId }) => runId).sort();

type Tab = Awaited<ReturnType<typeof openTab>>;

/** The next call of a method of the store waits until it is let go. */
function heldUp(method: "open" | "delete" | "save") {
  const original = KeptRuns.prototype[method] as (...args: unknown[]) => Promise<never>;
  let letGo = () => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let begun = () => {};
  const isBegun = new Promise<void>((resolve) => {
    begun = resolve;
  });
  vi.spyOn(KeptRuns.prototype, method).mockImplementationOnce(async function (
    this: KeptRuns,
    ...args: unknown[]
  ) {
    begun();
    await gate;
    return original.apply(this, args);
  });
  return { isBegun, letGo };
}

const resume = {
  type: "continueRun",
  runId: "a",
  learningRateFactor: 1,
  maxMicroBatch: null,
} as const;
const remove = { type: "deleteRun", runId: "a" } as const;

describe("of two tabs", () => {
  it("one deletes no run that the other has begun to read, to train it on", async () => {
    const [first, second] = [await openTab(), await openTab()];
    const reading = heldUp("open");
    const resumed = first.runs.continueRun(resume, null);
    await reading.isBegun;
    await second.runs.delete(remove);
    expect(second.last("runNotChanged")?.message).toContain("is being trained");
    reading.letGo();
    await resumed;
    expect(await idsIn(second.runs)).toEqual(["a"]);
    // The first could not train it on after all, and does not hold it any more.
    await second.runs.delete(remove);
    expect(await idsIn(second.runs)).toEqual([]);
  });

  it("one trains no run on that the other is deleting", async () => {
    const [first, second] = [await openTab(), await openTab()];
    const deleting = heldUp("delete");
    const deleted = second.runs.delete(remove);
    await deleting.isBegun;
    const resumed = first.runs.continueRun(resume, null);
    deleting.letGo();
    expect(await resumed).toBe(false);
    await deleted;
    expect(first.last("runNotOpened")?.message).toContain("no longer stored");
  });
});

describe("of two tabs without locks", () => {
  beforeEach(async () => {
    vi.stubGlobal("navigator", {});
    await tf.setBackend("wasm");
  });

  /** The first has saved the run at its start. */
  async function trainingTabs() {
    const [first, second] = [await openTab(), await openTab()];
    const name = "New run";
    const config = smallConfig({ epochs: 2 });
    const command = { type: "train", runId: "b", name, preset: "tiny", config } as const;
    const context = {
      images: { ...smallDataset(), id: "files", name: "small" },
      backend: "wasm",
      device: "WebAssembly SIMD, 1 thread",
    } as const;
    await first.runs.train({ ...command, maxMicroBatch: null }, context, null);
    onTestFinished(() => first.runs.current?.dispose());
    await first.runs.advance();
    expect(await idsIn(second.runs)).toEqual(["a", "b"]);
    return { first, second };
  }
  const trainToEnd = async (runs: Runs) => {
    while (runs.hasWork) {
      await runs.advance();
      await nextMacrotask();
    }
  };
  /** Until the other has heard of it. */
  const deleteIn = async ({ runs }: Tab, other: Tab) => {
    await runs.delete({ type: "deleteRun", runId: "b" });
    await vi.waitFor(() => expect(other.last("runs")?.runs.map((r) => r.runId)).toEqual(["a"]));
  };

  it("one ends the run that the other deletes while it trains, and has it still in its memory", async () => {
    const { first, second } = await trainingTabs();
    await deleteIn(second, first);
    await trainToEnd(first.runs);
    expect(first.last("runStatus")?.status).toBe("stopped");
    await first.runs.current?.save();
    expect(await idsIn(second.runs)).toEqual(["a"]);
    const transfer = { library: first.runs.library, post: first.post };
    const command = { type: "exportRun", requestId: "export", runId: "b", format: "run" } as const;
    await exportRun(transfer, command, first.runs.current);
    expect(first.last("runExported")?.files).toHaveLength(1);
  });

  it("one that saves a run while the other deletes it does not bring it back", async () => {
    const { first, second } = await trainingTabs();
    await first.runs.advance();
    const saving = heldUp("save");
    const paused = first.runs.control({ type: "pause", runId: "b" });
    await saving.isBegun;
    await deleteIn(second, first);
    saving.letGo();
    await paused;
    await trainToEnd(first.runs);
    expect(first.last("runStatus")?.status).toBe("stopped");
    expect(await idsIn(second.runs)).toEqual(["a"]);
  });
});
