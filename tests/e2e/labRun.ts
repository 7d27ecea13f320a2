import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, test as base, expect } from "@playwright/test";
import { FIRST_STEPS_KEY } from "../../src/app/features/train/FirstStep.tsx";
import { HAS_RUNS_KEY } from "../../src/app/features/train/storedBefore.ts";
import { presetConfig } from "../../src/engine/config/presets.ts";
import type { OpenedRun, Snapshot, WorkerEvent } from "../../src/runtime/run/events.ts";
import { AppPage, base64, LAB_RUN } from "./app.ts";
import { launchOptions } from "./launch.ts";

/** A page of the browser that has the small stored run, see LAB_RUN. */
export class LabPage extends AppPage {
  constructor(
    page: AppPage["page"],
    readonly runId = "",
  ) {
    super(page);
  }

  /** Goes to an address, without waiting for images or a backend, which few views show. */
  async goToAddress(query: string) {
    await this.skipFirstSteps();
    await this.#goTo(query);
  }

  /** The same with the first steps, until they are gone through or skipped. */
  async goToAddressAsFirstVisit(query: string) {
    await this.page.addInitScript(
      (keys) => {
        if (sessionStorage.getItem("visited") === null)
          for (const key of keys) localStorage.removeItem(key);
        sessionStorage.setItem("visited", "yes");
      },
      [FIRST_STEPS_KEY, HAS_RUNS_KEY],
    );
    await this.#goTo(query);
  }

  async #goTo(query: string) {
    await this.serveFewImages();
    await this.recordEvents();
    await this.page.goto(`./?backend=wasm&${query}`);
    await expect(this.page.getByRole("main")).toBeVisible();
  }

  /** Opens the run by its address. */
  async openRun(query: string) {
    await this.goToAddress(`run=${this.runId}&${query}`);
    const status = this.page.getByRole("status").filter({ visible: true });
    await expect(
      status.filter({ hasText: `Finished after ${LAB_RUN.numSteps} steps` }),
    ).toBeVisible();
  }

  /** The run as the worker told it. */
  async run(): Promise<OpenedRun> {
    const text = await this.page.evaluate(() => JSON.stringify(window.openedRun));
    return JSON.parse(text ?? "null");
  }

  /**
   * Has the page hear of something as if the worker told it: of runs that nobody needs to train. Not before the worker itself has,
   * since from its first word on the page watches whether it lives.
   */
  async tell(event: WorkerEvent) {
    await this.page.waitForFunction(() => window.hasWorkerTold);
    await this.page.evaluate(
      (text) => {
        const data = JSON.parse(text, (_, value) =>
          value?.base64 === undefined
            ? value
            : Uint8Array.from(atob(value.base64), (character) => character.charCodeAt(0)),
        );
        window.recordedWorker?.dispatchEvent(new MessageEvent("message", { data }));
      },
      JSON.stringify(event, (_, value) =>
        value instanceof Uint8Array ? { base64: base64(value) } : value,
      ),
    );
  }

  /** A run that is opened. */
  async tellRun(changes: Partial<OpenedRun> = {}) {
    const run: OpenedRun = {
      runId: "run-made",
      name: "Made run",
      config: presetConfig("tiny"),
      stepsPerEpoch: 5,
      numParameters: 1,
      dataset: { id: "mnist", name: "MNIST" },
      startedFrom: null,
      status: "finished",
      step: changes.steps?.at(-1)?.step ?? 0,
      warning: null,
      steps: [],
      epochs: [],
      ...changes,
    };
    await this.tell({ type: "runOpened", run });
  }

  /** Of that run. */
  async tellSnapshots(snapshots: Snapshot[]) {
    await this.tell({ type: "snapshots", runId: "run-made", snapshots });
  }
}

/**
 * With the small stored run in the browser. It is imported once, and its browser context shared by all
 * tests that ask for `lab`: whoever changes what is stored takes a `page` of its own. The browser has a profile on the
 * disk, as a person's: from visit to visit it keeps the page's compiled code, which takes a third of a visit.
 */
export const test = base.extend<
  { lab: LabPage },
  { labBrowser: { context: BrowserContext; runId: string } }
>({
  labBrowser: [
    async ({ playwright: { chromium } }, use, { project }) => {
      const { baseURL, viewport, serviceWorkers } = project.use;
      const folder = mkdtempSync(join(tmpdir(), "lab-"));
      const context = await chromium.launchPersistentContext(folder, {
        ...launchOptions,
        ...(baseURL && { baseURL }),
        ...(viewport && { viewport }),
        ...(serviceWorkers && { serviceWorkers }),
      });
      // A test leaves nothing to the next, such as colors or steps that its run has lost.
      await context.addInitScript(
        (kept) => {
          if (sessionStorage.getItem("opened") !== null) return;
          for (const key of Object.keys(localStorage))
            if (!kept.includes(key)) localStorage.removeItem(key);
          sessionStorage.setItem("opened", "yes");
        },
        [FIRST_STEPS_KEY, "has-runs"],
      );
      const page = await context.newPage();
      const app = new AppPage(page);
      await app.openWithFewImages("?backend=wasm");
      await app.openLabRun();
      await expect(page).toHaveURL(/[?&]run=run-/);
      const runId = new URL(page.url()).searchParams.get("run") as string;
      await page.close();
      await use({ context, runId });
      await context.close();
      rmSync(folder, { recursive: true, force: true });
    },
    { scope: "worker" },
  ],
  lab: async ({ labBrowser: { context, runId } }, use) => {
    const page = await context.newPage();
    await use(new LabPage(page, runId));
    await page.close();
  },
});

export { expect };
