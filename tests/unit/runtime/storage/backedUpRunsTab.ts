/** Runs that a tab stores, as tests look at them. */
import { afterEach, beforeEach, vi } from "vitest";
import { openDatabase } from "../../../../src/runtime/storage/database.ts";
import { isReadable } from "../../../../src/runtime/storage/readRecord.ts";
import { MemoryBrowser, type Tab } from "./memoryBrowser.ts";
import type { Entries } from "./memoryFolder.ts";
import { runAt, saveAt, saveNext } from "./storedRun.ts";

export let browser: MemoryBrowser;
export let tab: Tab;

/** A browser with one tab, for each test of a file. */
export function withTab(): void {
  beforeEach(async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    browser = await MemoryBrowser.start();
    tab = await browser.openTab();
  });

  afterEach(() => {
    tab.runs.database.close();
    vi.restoreAllMocks();
  });
}

export const saveOf = (runId: string, step: number, afterStep = 0) =>
  saveAt(step, afterStep, { run: runAt(step, { runId, name: runId }) });
export const save = (runId: string, step: number, afterStep = 0) =>
  saveNext(tab.runs, saveOf(runId, step, afterStep));

export async function openAgain() {
  tab.runs.database.close();
  tab = await browser.openTab();
}

/** The page is loaded again. */
export async function reload() {
  await openAgain();
  const restored = await tab.runs.restore();
  await tab.runs.completeBackups();
  return restored;
}

export const copies = () =>
  [...browser.files.keys()].filter((runId) => filesOf(runId).has("run.json"));
export const filesOf = (runId: string) => browser.files.get(runId) as Entries;
export const readable = async () =>
  (await tab.runs.list()).filter(isReadable).map(({ runId, step }) => `${runId} ${step}`);
export const problems = async () =>
  Object.fromEntries(
    (await tab.runs.list()).flatMap((run) => (isReadable(run) ? [] : [[run.runId, run.problem]])),
  );
export const unreadable = async () => Object.keys(await problems());
export const stepsOf = async (runId: string) => {
  const run = await tab.runs.database.read(runId);
  return (await tab.runs.database.history(runId, run)).steps.map(({ step }) => step);
};
export const upTo = (step: number) => Array.from({ length: step }, (_, i) => i + 1);

export async function changeRecord(runId: string, change: (record: object) => unknown) {
  const database = await openDatabase(() => {});
  await database.put("runs", change(Object(await database.get("runs", runId))));
  database.close();
}
