import { type BrowserContext, chromium, expect, type Page, test } from "@playwright/test";
import { inFull } from "../inFull.ts";
import { AppPage } from "./app.ts";
import { notices, unfinishedRun } from "./faults.ts";
import { launchOptions } from "./launch.ts";

/** Saves some three times a second, and a checkpoint takes a good part of that. */
const RUN = `?backend=wasm&preset=tiny&dim=16&previewEvery=0&batchSize=1&epochs=10000&checkpointMinutes=0.005`;
/** The browser and then a renderer during a save, and then at any time. */
const NUM_KILLS = inFull ? 20 : 3;
const MAX_TRAINING_MS = 1500;

/** What the worker has told of its saves. */
interface Told {
  savedStep: number;
  /** Called when a save begins. */
  onSaving: () => void;
}

test(
  "killed again and again, also during a save, the run is there and goes on from its newest checkpoint",
  {
    tag: "@faults",
  },
  async ({ baseURL }, testInfo) => {
    if (inFull) test.setTimeout(600_000);
    const address = `${baseURL}/${RUN}`;
    const folder = testInfo.outputPath("profile");
    const told: Told = { savedStep: -1, onSaving: () => {} };
    const launch = async () => {
      const context = await chromium.launchPersistentContext(folder, {
        ...launchOptions,
        serviceWorkers: "block",
      });
      await watchSaves(context, told);
      return context;
    };
    let context = await launch();
    for (let kill = 0; kill < NUM_KILLS; kill++) {
      const page = await context.newPage();
      const app = new AppPage(page);
      await app.openWithFewImages(address);
      if (kill === 0) await app.button("Train").click();
      else await resume(page, told.savedStep, `after kill ${kill}`);
      await app.waitForSteps(2);
      const victim = kill % 2 === 0 ? "browser" : "renderer";
      const pid = await pidOf(context, victim);
      const isGone = victim === "browser" ? closing(context) : page.waitForEvent("crash");
      if (kill % 4 < 2) {
        told.onSaving = () => process.kill(pid, "SIGKILL");
      } else {
        await page.waitForTimeout(Math.random() * MAX_TRAINING_MS);
        process.kill(pid, "SIGKILL");
      }
      await isGone;
      told.onSaving = () => {};
      if (victim === "browser") context = await launch();
      else await page.close();
    }
    const app = new AppPage(await context.newPage());
    await app.openWithFewImages(address);
    await resume(app.page, told.savedStep, "at the end");
    await app.waitForSteps(2);
    await context.close();
  },
);

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

/** Hears from the worker when a save begins, and from the page when it is told to be done. */
async function watchSaves(context: BrowserContext, told: Told) {
  await context.exposeFunction("tellSaving", () => told.onSaving());
  await context.exposeFunction("tellSaved", (step: number) => {
    told.savedStep = step;
  });
  await context.addInitScript(() => {
    new BroadcastChannel("saves").onmessage = () => window.tellSaving();
    window.Worker = class extends Worker {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        this.addEventListener("message", ({ data }) => {
          if (data.type === "checkpointSaved") window.tellSaved(data.step);
        });
      }
    };
  });
  const tellOfSaves = () => {
    const saves = new BroadcastChannel("saves");
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (tables, mode, options) {
      if (options?.durability === "strict") saves.postMessage(null);
      return transaction.call(this, tables, mode, options);
    };
  };
  await context.route("**/assets/main-*.js", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `(${tellOfSaves})();\n${await response.text()}` });
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
    tellSaving: () => void;
    tellSaved: (step: number) => void;
  }
}
