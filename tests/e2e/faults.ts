/** Ways to break what the page stands on, and to look at what is left. */
import { expect, type Locator, type Page, type Worker } from "@playwright/test";
import type { EpochReport, StepReport } from "../../src/engine/train/reports.ts";
import type { WorkerEvent } from "../../src/runtime/run/events.ts";
import { historyInPart, snapshotInPart, stepOf } from "../../src/runtime/storage/parts.ts";
import type { RunRecord, Snapshot } from "../../src/runtime/storage/records.ts";
import { historyUpTo } from "../../src/runtime/storage/storedHistory.ts";

/** A network that trains at a few milliseconds a step on WebAssembly, with snapshots of one more. */
export const SMALL = "preset=tiny&dim=4&previewEvery=0&previewTimesteps=1";

/** One of fewer layers still: without a graphics card WebGPU takes some seconds to compile even its fifty programs. */
export const SMALLEST = `${SMALL}&dimMults=1&attnHeads=1&attnDimHead=4`;

/**
 * Runs in the worker, before its own script: the page says that its graphics device has proven itself with the networks
 * above, which one that computes nothing would not.
 */
export function beProven() {
  const info = { description: "Nothing", vendor: "", architecture: "", device: "" };
  for (const [prototype, name] of [
    [GPUAdapter.prototype, "info"],
    [GPUDevice.prototype, "adapterInfo"],
  ] as const) {
    Object.defineProperty(prototype, name, { get: () => ({ ...info, isFallbackAdapter: true }) });
  }
  const passes = ["4 1,2 2 8 false 0 float32", "4 1 1 4 false 0 float32"].flatMap((network) =>
    [1, 2, 3, 4, "predicted"].map((images) => `${network} ${images}`),
  );
  self.addEventListener("message", ({ data }) => {
    if (data.type === "init") data.proof = { adapter: "Nothing (software)", rung: "safe", passes };
  });
}

/** Runs in the worker: the software adapter says that it is a graphics card, and gets the programs of one. */
export function bePutIntoACard() {
  const info = { vendor: "test", architecture: "", device: "", description: "Test card" };
  for (const [prototype, name] of [
    [GPUAdapter.prototype, "info"],
    [GPUDevice.prototype, "adapterInfo"],
  ] as const) {
    Object.defineProperty(prototype, name, { get: () => ({ ...info, isFallbackAdapter: false }) });
  }
}

/**
 * From the next load on the page draws no digits by itself: with WebGPU but no graphics card their programs take long to
 * compile, and they need more memory than a small run.
 */
export async function withoutFirstDigits(page: Page) {
  await page.route("**/models/*-1-step.*", (route) => route.abort());
}

/**
 * From the next load on a script, or several, runs in the page's worker before the worker's own.
 */
export async function beforeWorker<T = undefined>(
  page: Page,
  scripts: ((value: T) => void) | ((value: T) => void)[],
  value?: T,
) {
  await page.route("**/assets/main-*.js", async (route) => {
    const response = await route.fetch();
    const calls = [scripts].flat().map((script) => `(${script})(${JSON.stringify(value)});`);
    await route.fulfill({ response, body: [...calls, await response.text()].join("\n") });
  });
}

/**
 * Sends a word to the worker that the page has now, for what `beforeWorker` has put into it. Playwright
 * still lists a worker that has just ended.
 */
export async function tellWorker(page: Page, word: string) {
  await page.evaluate((data) => window.recordedWorker?.postMessage(data), word);
}

/** The page's worker, and not its threads of the same script. */
export function workerOf(page: Page): Worker {
  const worker = page.workers().find((w) => w.url().includes("/assets/main-"));
  if (!worker) throw new Error("The page has no worker.");
  return worker;
}

/** What the page says in notices, good or bad, oldest first. */
export function notices(page: Page): Locator {
  return page.locator("[data-tone]");
}

/** The card of the run that stands unfinished. */
export function unfinishedRun(page: Page): Locator {
  return page.getByRole("region", { name: "Unfinished run" });
}

/** All that the worker has told of one kind, where `AppPage.recordEvents` keeps it. */
export async function eventsOf<T extends WorkerEvent["type"]>(
  page: Page,
  type: T,
): Promise<Extract<WorkerEvent, { type: T }>[]> {
  const events = await page.evaluate(() => window.recordedEvents);
  return events.filter((event): event is Extract<WorkerEvent, { type: T }> => event.type === type);
}

/** Whenever a run was opened, that was with the newest checkpoint, and the next steps go on from it. */
export async function expectFromNewest(page: Page) {
  const events = await page.evaluate(() => window.recordedEvents);
  expect(events.map(({ type }) => type)).toContain("runOpened");
  let saved = 0;
  let opened: number | null = null;
  for (const event of events) {
    if (event.type === "checkpointSaved" && opened === null) saved = event.step;
    if (event.type === "runOpened") {
      opened = event.run.steps.at(-1)?.step ?? 0;
      // One that was just being written may be there, too, though the worker ended before it told.
      expect(opened).toBeGreaterThanOrEqual(saved);
    }
    if (event.type === "steps" && opened !== null) {
      expect(event.steps[0]?.step).toBe(opened + 1);
      opened = null;
    }
  }
}

interface Stored {
  runs: RunRecord[];
  checkpoints: { runId: string; step: number; bytes: Uint8Array<ArrayBuffer> }[];
  /** Pieces, in the order of their steps. */
  history: { runId: string; steps: StepReport[]; epochs: EpochReport[] }[];
  snapshots: (Snapshot & { runId: string })[];
}

/** What lies in IndexedDB: the records of runs, and their parts. */
export async function storedParts(page: Page) {
  const { records, parts } = await page.evaluate(async () => {
    const resultOf = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await resultOf(indexedDB.open("diffusion-mnist"));
    const transaction = database.transaction(["records", "parts"]);
    const records: RunRecord[] = await resultOf(transaction.objectStore("records").getAll());
    const table = transaction.objectStore("parts");
    const keys = (await resultOf(table.getAllKeys())) as [string, string][];
    const all: Uint8Array[] = await resultOf(table.getAll());
    database.close();
    const parts = all.map((bytes, i) => {
      let text = "";
      for (let at = 0; at < bytes.length; at += 8192) {
        text += String.fromCharCode(...bytes.subarray(at, at + 8192));
      }
      return { key: keys[i] as [string, string], base64: btoa(text) };
    });
    return { records, parts };
  });
  return {
    records,
    parts: parts.map(({ key: [runId, name], base64 }) => {
      const bytes = Uint8Array.from(Buffer.from(base64, "base64"));
      return { runId, name, step: stepOf(name), bytes };
    }),
  };
}

/** The same, as it is meant. */
export async function storedInDatabase(page: Page): Promise<Stored> {
  const { records, parts } = await storedParts(page);
  const stored: Stored = { runs: records, checkpoints: [], history: [], snapshots: [] };
  for (const { runId, name, step, bytes } of parts.sort((a, b) => a.step - b.step)) {
    const end = { step, numEpochs: Number.POSITIVE_INFINITY };
    if (name.startsWith("checkpoint")) stored.checkpoints.push({ runId, step, bytes });
    if (name.startsWith("snapshot"))
      stored.snapshots.push({ runId, ...snapshotInPart(name, bytes) });
    if (name.startsWith("history")) {
      stored.history.push({ runId, ...historyUpTo([historyInPart(bytes, end)], end) });
    }
  }
  return stored;
}
