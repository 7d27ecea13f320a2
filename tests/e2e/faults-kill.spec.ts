import { readFileSync } from "node:fs";
import { type BrowserContext, chromium, expect, type Page, test } from "@playwright/test";
import type { Command } from "../../src/hosts/worker/protocol.ts";
import { isWholePart } from "../../src/runtime/storage/parts.ts";
import type { RunRecord } from "../../src/runtime/storage/records.ts";
import { inFull } from "../inFull.ts";
import { AppPage, base64, LAB_RUN } from "./app.ts";
import { notices, storedParts, unfinishedRun } from "./faults.ts";
import { launchOptions } from "./launch.ts";

/** Saves some three times a second, and a checkpoint takes a good part of that. */
const RUN = `?backend=wasm&preset=tiny&dim=16&previewEvery=0&batchSize=1&epochs=10000&checkpointMinutes=0.005`;
/** What is going on when the browser, and then a renderer, is killed. */
const MOMENTS: readonly ("a save" | "any time" | ChangeKind)[] = inFull
  ? ["a save", "an import", "a rename", "any time", "a deletion"]
  : ["a save", "an import"];
const NUM_KILLS = inFull ? 30 : MOMENTS.length;
const MAX_TRAINING_MS = 1500;
const LAB_RUN_BASE64 = base64(readFileSync(LAB_RUN.path));

type Listed = Pick<RunRecord, "runId" | "name" | "step">;

/** What the worker has told. */
interface Told {
  runs: Listed[];
  /** Runs that were listed once, and then no more. */
  goneIds: ReadonlySet<string>;
  savedStep: number;
  /** Called when a write begins. */
  onWriting: () => void;
}

/** A change of the stored runs. */
type Change =
  | { kind: "an import"; idsBefore: string[] }
  | { kind: "a rename"; runId: string; name: string }
  | { kind: "a deletion"; runId: string };
type ChangeKind = Change["kind"];

test(`killed during ${MOMENTS.join(", during ")}, all that was told is there, and the run goes on`, async ({
  baseURL,
}, testInfo) => {
  if (inFull) test.setTimeout(900_000);
  const address = `${baseURL}/${RUN}`;
  const folder = testInfo.outputPath("profile");
  const told: Told = { runs: [], goneIds: new Set(), savedStep: -1, onWriting: () => {} };
  const launch = async () => {
    const context = await chromium.launchPersistentContext(folder, {
      ...launchOptions,
      serviceWorkers: "block",
    });
    await watchWorker(context, told);
    return context;
  };
  let context = await launch();
  let asked: Change | null = null;
  /** How often a change was found as it was told, after a kill. */
  const numFound = { "an import": 0, "a rename": 0, "a deletion": 0 };
  const expectTold = async (page: Page, before: Told, when: string) => {
    await expect.poll(() => told.runs !== before.runs, when).toBe(true);
    expectRuns(before.runs, asked, told.runs, when);
    expect(
      told.runs.filter(({ runId }) => before.goneIds.has(runId)),
      when,
    ).toEqual([]);
    await expectWhole(page, told.runs, when);
    numFound["an import"] += importedRuns(before.runs).length;
    numFound["a rename"] += before.runs.filter(({ name }) => name.includes(RENAMED)).length;
    numFound["a deletion"] += before.goneIds.size;
  };
  for (let kill = 0; kill < NUM_KILLS; kill++) {
    const moment = MOMENTS[kill % MOMENTS.length] ?? "any time";
    const when = `after kill ${kill}, before one during ${moment}`;
    const page = await context.newPage();
    const app = new AppPage(page);
    const before = { ...told };
    await app.openWithFewImages(address);
    if (kill === 0) await app.train.click();
    else {
      await expectTold(page, before, when);
      await resume(page, told.savedStep, when);
    }
    await app.waitForSteps(2);
    const victim = kill % 2 === 0 ? "browser" : "renderer";
    const pid = await pidOf(context, victim);
    asked = null;
    let maxMs = MAX_TRAINING_MS;
    if (moment !== "a save" && moment !== "any time") {
      // One is waited for, and tells how long the next may take, in the middle of which the kill comes.
      maxMs = await change(page, moment, told);
      asked = await ask(page, moment, told);
    }
    const isGone = victim === "browser" ? closing(context) : page.waitForEvent("crash");
    if (moment === "a save") told.onWriting = () => process.kill(pid, "SIGKILL");
    else {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * maxMs));
      process.kill(pid, "SIGKILL");
    }
    await isGone;
    told.onWriting = () => {};
    if (victim === "browser") context = await launch();
    else await page.close();
  }
  const app = new AppPage(await context.newPage());
  const before = { ...told };
  await app.openWithFewImages(address);
  await expectTold(app.page, before, "at the end");
  await resume(app.page, told.savedStep, "at the end");
  await app.waitForSteps(2);
  await context.close();
  for (const [kind, count] of Object.entries(numFound)) {
    if ((MOMENTS as readonly string[]).includes(kind)) expect(count, kind).toBeGreaterThan(0);
  }
});

const RENAMED = ", renamed ";

/** The runs that were imported, oldest first. */
function importedRuns(runs: readonly Listed[]): Listed[] {
  return runs.filter(({ name }) => name.startsWith(LAB_RUN.name));
}

/** Asks for a change and waits until it is told. Returns how long that took. */
async function change(page: Page, kind: ChangeKind, told: Told): Promise<number> {
  const startMs = performance.now();
  const asked = await ask(page, kind, told);
  await expect.poll(() => isMade(asked, told.runs), { intervals: [10] }).toBe(true);
  return performance.now() - startMs;
}

/** Asks the worker for a change, as the page does: its dialogs are in the way of no kill. */
async function ask(page: Page, kind: ChangeKind, told: Told): Promise<Change> {
  if (kind === "an import") {
    const idsBefore = told.runs.map(({ runId }) => runId);
    await page.evaluate((base64) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const file = new File([bytes], "lab-run.safetensors");
      window.recordedWorker?.postMessage({ type: "openFile", requestId: "file", file, config: {} });
    }, LAB_RUN_BASE64);
    return { kind, idsBefore };
  }
  if (importedRuns(told.runs).length === 0) await change(page, "an import", told);
  const { runId } = importedRuns(told.runs)[0] as Listed;
  const post = (command: Command) =>
    page.evaluate((command) => window.recordedWorker?.postMessage(command), command);
  if (kind === "a deletion") {
    await post({ type: "deleteRun", runId });
    return { kind, runId };
  }
  const name = `${LAB_RUN.name}${RENAMED}${Date.now()}`;
  await post({ type: "renameRun", runId, name });
  return { kind, runId, name };
}

function isMade(change: Change, runs: readonly Listed[]): boolean {
  const { kind } = change;
  if (kind === "an import") {
    return importedRuns(runs).some(({ runId }) => !change.idsBefore.includes(runId));
  }
  const run = runs.find(({ runId }) => runId === change.runId);
  return kind === "a rename" ? run?.name === change.name : run === undefined;
}

/** All runs that were listed are there, as they were told last or as the one was asked to become since; and no others were imported. */
function expectRuns(before: Listed[], asked: Change | null, now: Listed[], when: string) {
  const isNew = ({ runId }: Listed) => !before.some((run) => run.runId === runId);
  const numNew = importedRuns(now).filter(isNew).length;
  expect(numNew, when).toBeLessThanOrEqual(asked?.kind === "an import" ? 1 : 0);
  for (const { runId, name, step } of before) {
    const found = now.find((run) => run.runId === runId);
    const askedHere = asked && "runId" in asked && asked.runId === runId ? asked : null;
    if (!found && askedHere?.kind === "a deletion") continue;
    expect(found, `${name} ${when}`).toBeDefined();
    expect(found?.step, `${name} ${when}`).toBeGreaterThanOrEqual(step);
    const names = askedHere?.kind === "a rename" ? [name, askedHere.name] : [name];
    expect(names, when).toContain(found?.name);
  }
}

/** The newest checkpoint of each run is stored, whole. */
async function expectWhole(page: Page, runs: Listed[], when: string) {
  const stored = await storedParts(page);
  for (const { runId, name, step } of runs) {
    const record = stored.records.find((run) => run.runId === runId);
    const newest = stored.parts.find(
      (part) => part.runId === runId && part.name.startsWith(`checkpoint-${step}-`),
    );
    const isWhole = record && newest && isWholePart(newest.name, newest.bytes, record);
    expect(isWhole, `the checkpoint of ${name} at step ${step} ${when}`).toBe(true);
  }
}

/** The step that the page offers to go on from is the last it was told to be saved, or a newer one. */
async function resume(page: Page, savedStep: number, when: string) {
  const card = unfinishedRun(page);
  await expect(card, when).toContainText(/Step [\d,]+ of/);
  const [, text = ""] = /Step ([\d,]+) of/.exec((await card.textContent()) ?? "") ?? [];
  expect(Number(text.replaceAll(",", "")), when).toBeGreaterThanOrEqual(savedStep);
  await card.getByRole("button", { name: "Resume" }).click();
  await expect(card).toHaveCount(0);
  // Nothing is damaged, and nothing else is wrong.
  await expect(page.getByRole("alert").or(notices(page)), when).toHaveCount(0);
}

/** Hears from the worker when a write begins, and what it tells of saves and of all runs. */
async function watchWorker(context: BrowserContext, told: Told) {
  await context.exposeFunction("tellWriting", () => told.onWriting());
  await context.exposeFunction("tellSaved", (step: number) => {
    told.savedStep = step;
  });
  await context.exposeFunction("tellRuns", (runs: Listed[]) => {
    const isListed = (runId: string) => runs.some((run) => run.runId === runId);
    const gone = told.runs.map(({ runId }) => runId).filter((runId) => !isListed(runId));
    told.goneIds = new Set([...told.goneIds, ...gone]);
    told.runs = runs;
  });
  await context.addInitScript(() => {
    new BroadcastChannel("writes").onmessage = () => window.tellWriting();
    window.Worker = class extends Worker {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        this.addEventListener("message", ({ data }) => {
          if (data.type === "checkpointSaved") window.tellSaved(data.step);
          if (data.type !== "runs") return;
          window.tellRuns(
            data.runs.map(({ runId, name, step }: Listed) => ({ runId, name, step })),
          );
        });
      }
    };
  });
  const tellOfWrites = () => {
    const writes = new BroadcastChannel("writes");
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (tables, mode, options) {
      if (mode === "readwrite") writes.postMessage(null);
      return transaction.call(this, tables, mode, options);
    };
  };
  await context.route("**/assets/main-*.js", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `(${tellOfWrites})();\n${await response.text()}` });
  });
}

/** The process is the browser itself, or the renderer that works most: the one that trains. */
async function pidOf(context: BrowserContext, type: "browser" | "renderer"): Promise<number> {
  const browser = context.browser();
  if (!browser) throw new Error("The context has no browser.");
  const devtools = await browser.newBrowserCDPSession();
  const { processInfo } = await devtools.send("SystemInfo.getProcessInfo");
  await devtools.detach();
  const [process] = processInfo
    .filter((info) => info.type === type)
    .sort((a, b) => b.cpuTime - a.cpuTime);
  if (!process) throw new Error(`The browser has no process of type ${type}.`);
  return process.id;
}

function closing(context: BrowserContext): Promise<void> {
  return new Promise((resolve) => context.on("close", () => resolve()));
}

declare global {
  interface Window {
    tellWriting: () => void;
    tellSaved: (step: number) => void;
    tellRuns: (runs: Listed[]) => void;
  }
}
