import { readFileSync } from "node:fs";
import { type BrowserContext, chromium, expect, type Page, test } from "@playwright/test";
import { isWholePart } from "../../src/runtime/storage/parts.ts";
import type { RunRecord } from "../../src/runtime/storage/records.ts";
import { inFull } from "../inFull.ts";
import { AppPage, LAB_RUN } from "./app.ts";
import { notices, storedParts, unfinishedRun } from "./faults.ts";
import { launchOptions } from "./launch.ts";

/** Saves some three times a second, and a checkpoint takes a good part of that. */
const RUN = `?backend=wasm&preset=tiny&dim=16&previewEvery=0&batchSize=1&epochs=10000&checkpointMinutes=0.005`;
/** What is going on when the browser, and then a renderer, is killed; between the first ones a deletion has something to delete. */
const MOMENTS = ["a save", "an import", "a rename", "any time", "a deletion"] as const;
const NUM_KILLS = inFull ? 30 : MOMENTS.length;
const MAX_TRAINING_MS = 1500;
/** Most of what is asked for is done by then. */
const MAX_CHANGE_MS = 150;

type Listed = Pick<RunRecord, "runId" | "name" | "step">;

/** What the worker has told. */
interface Told {
  runs: Listed[];
  savedStep: number;
  /** Called when a write begins. */
  onWriting: () => void;
}

test(
  "killed again and again, also during a save, a rename, an import, a deletion, all that was told is there, and the run goes on",
  {
    tag: "@faults",
  },
  async ({ baseURL }, testInfo) => {
    if (inFull) test.setTimeout(900_000);
    const address = `${baseURL}/${RUN}`;
    const folder = testInfo.outputPath("profile");
    const told: Told = { runs: [], savedStep: -1, onWriting: () => {} };
    const launch = async () => {
      const context = await chromium.launchPersistentContext(folder, {
        ...launchOptions,
        serviceWorkers: "block",
      });
      await watchWorker(context, told);
      return context;
    };
    let context = await launch();
    let asked: Asked = {};
    for (let kill = 0; kill < NUM_KILLS; kill++) {
      const moment = MOMENTS[kill % MOMENTS.length] ?? "any time";
      const when = `after kill ${kill}, of which the last was during ${moment}`;
      const page = await context.newPage();
      const app = new AppPage(page);
      const before = { ...told };
      await app.openWithFewImages(address);
      if (kill === 0) await app.button("Train").click();
      else {
        await expectTold(page, before, asked, told, when);
        await resume(page, told.savedStep, when);
      }
      await app.waitForSteps(2);
      const victim = kill % 2 === 0 ? "browser" : "renderer";
      const pid = await pidOf(context, victim);
      const isGone = victim === "browser" ? closing(context) : page.waitForEvent("crash");
      asked = {};
      if (moment === "a save") told.onWriting = () => process.kill(pid, "SIGKILL");
      else {
        asked = await begin(app, moment, told);
        const most = moment === "any time" ? MAX_TRAINING_MS : MAX_CHANGE_MS;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * most));
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
    await expectTold(app.page, before, asked, told, "at the end");
    await resume(app.page, told.savedStep, "at the end");
    await app.waitForSteps(2);
    await context.close();
  },
);

/** What a run may have become, though nobody told. */
interface Asked {
  name?: string;
  deletedId?: string;
}

/** Asks for a change that takes a while. */
async function begin(
  { page }: AppPage,
  moment: Exclude<(typeof MOMENTS)[number], "a save">,
  { runs }: Told,
): Promise<Asked> {
  const imported = runs.find(({ name }) => name.startsWith(LAB_RUN.name));
  switch (moment) {
    case "a rename": {
      const [runId, name] = [imported?.runId, `${LAB_RUN.name}, renamed ${Date.now()}`];
      await post(page, { type: "renameRun", runId, name });
      return { name };
    }
    case "a deletion":
      await post(page, { type: "deleteRun", runId: imported?.runId });
      return imported ? { deletedId: imported.runId } : {};
    case "an import": {
      const bytes = readFileSync(LAB_RUN.path);
      await new AppPage(page).dropFiles([{ name: "lab-run.safetensors", bytes }]);
      return {};
    }
    case "any time":
      return {};
    default:
      throw moment satisfies never;
  }
}

async function post(page: Page, command: object) {
  await page.evaluate((command) => window.recordedWorker?.postMessage(command), command);
}

/** All runs that were listed are there, whole, as they were told last or as they were asked to become since. */
async function expectTold(page: Page, before: Told, asked: Asked, now: Told, when: string) {
  await expect.poll(() => now.runs !== before.runs, when).toBe(true);
  for (const { runId, name, step } of before.runs) {
    const found = now.runs.find((run) => run.runId === runId);
    if (!found && asked.deletedId === runId) continue;
    expect(found, `${name} ${when}`).toBeDefined();
    expect(found?.step, `${name} ${when}`).toBeGreaterThanOrEqual(step);
    expect([name, asked.name], when).toContain(found?.name);
  }
  const stored = await storedParts(page);
  for (const { runId, name, step } of now.runs) {
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

/** Of the browser itself, or of the renderer that works most: the one that trains. */
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
