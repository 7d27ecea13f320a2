import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, type FileChooser, type Locator, type Page } from "@playwright/test";
import { FIRST_STEPS_KEY } from "../../src/app/features/train/FirstStep.tsx";
import { PLACES, placeOf, VIEW_LABELS, type ViewName } from "../../src/app/state/slices/view.ts";
import type {
  EpochMetrics,
  OpenedRun,
  StepMetrics,
  WorkerEvent,
} from "../../src/runtime/run/events.ts";
import { imagesFile, labelsFile } from "../unit/engine/data/idxBytes.ts";

/**
 * A stored run that the app made (makeLabRun.ts): 6 epochs of 100 steps with their validation, and
 * snapshots of 6 frames at the steps 0, 50, 100, 200, 300, 400, 500 and 600.
 */
export const LAB_RUN = {
  name: "Lab run",
  path: fileURLToPath(new URL("../fixtures/lab-run.safetensors", import.meta.url)),
  numSteps: 600,
  numEpochs: 6,
  snapshotSteps: [0, 50, 100, 200, 300, 400, 500, 600],
  numFrames: 6,
} as const;

/** The page as a person sees it, for the tests. */
export class AppPage {
  #isRecording = false;
  /** What the page says when they are loaded. */
  #images = "60,000 images, 10,000 to validate";

  constructor(readonly page: Page) {}

  /** Of the run; notices are statuses, too. */
  get status() {
    return this.page.getByRole("status").and(this.page.locator(":not([data-tone])")).first();
  }

  get digits() {
    return this.page.locator("canvas[role=img]");
  }

  get slider() {
    return this.page.getByRole("slider", { name: "Denoising step" });
  }

  /** It says that it trains one's own network, or a new run, where there is more to choose from. */
  get train() {
    return this.page
      .getByRole("main")
      .getByRole("button", { name: /^Train( my own| a new run)?$/ });
  }

  /** Shows the settings of the next run, which are a line while a run is open. */
  async openSettings() {
    await this.page.getByRole("button", { name: /^(Details|Change for the next run)$/ }).click();
  }

  /** Unfolds the settings that are not changed for every run, unless they are open. */
  async unfoldSettings() {
    const advanced = this.page.locator("details", { hasText: "Advanced" });
    if ((await advanced.getAttribute("open")) === null) await advanced.locator("summary").click();
  }

  /** Opens the benchmark, which stands behind the name of what the page computes on. */
  async openBenchmark() {
    await this.page.getByRole("button", { name: /^(WebAssembly|WebGPU)/ }).click();
    await this.button("Benchmark this device").click();
  }

  button(name: string | RegExp) {
    return this.page.getByRole("button", { name, exact: true });
  }

  /** Loads one of the networks that come with the app, of which digits are drawn at once. */
  async takeTrainedModel(label = "Quick") {
    await this.button("Train from a trained model").click();
    // Not "Quick in one step" for "Quick": what it is good for follows the label.
    const item = new RegExp(`^${label}(?! in)`);
    const menu = this.page.locator(":popover-open");
    // The students.
    if (label.includes(" in ")) await menu.getByRole("button", { name: "All models…" }).click();
    await menu.getByRole("button", { name: item }).click();
  }

  /** Opens the dialog that asks for a weights file. */
  async chooseWeights(): Promise<FileChooser> {
    const chooser = this.page.waitForEvent("filechooser");
    await this.button("Train from a trained model").click();
    await this.page.locator(":popover-open").getByText("A weights file…").click();
    return chooser;
  }

  /** Opens the page, or another address, with hyperparameters as in a shared link, and waits for data and backend. */
  async open(query = "") {
    await this.skipFirstSteps();
    await this.openAsFirstVisit(query);
  }

  /** The same with the first steps, which every test is a first visit for. */
  async openAsFirstVisit(query = "") {
    await this.recordEvents();
    await this.page.goto(query.startsWith("http") ? query : `./${query}`);
    await expect(this.page.getByText(this.#images)).toBeVisible();
    await expect(this.page.getByText(/WebAssembly|WebGPU/).first()).toBeVisible();
  }

  /**
   * From the next load on MNIST is a few images to train on and 8 to validate, out of memory: the 70,000 take
   * longer than most of what is tested. Not by `page.route`, with which the browser caches nothing.
   */
  async serveFewImages(numTrain = 40) {
    this.#images = `${numTrain.toLocaleString("en")} images, 8 to validate`;
    const [train, validation] = [numTrain, 8].map((count) => [
      imagesFile(count),
      labelsFile(count),
    ]);
    const files = [...(train ?? []), ...(validation ?? [])].map(base64);
    await this.page.addInitScript((files) => {
      const { fetch } = window;
      const names = ["train-images", "train-labels", "t10k-images", "t10k-labels"];
      window.fetch = async (...asked) => {
        const [, name = ""] = /mnist\/(\w+-\w+)-/.exec(String(asked[0])) ?? [];
        const file = files[names.indexOf(name)];
        if (file === undefined) return fetch(...asked);
        return new Response(Uint8Array.from(atob(file), (character) => character.charCodeAt(0)));
      };
    }, files);
  }

  async openWithFewImages(query = "", numTrain?: number) {
    await this.serveFewImages(numTrain);
    await this.open(query);
  }

  /** From the next load on, as a person who has been here before. */
  async skipFirstSteps() {
    await this.page.addInitScript((key) => {
      // A page without storage of its own has none to write to, and then no first steps either.
      try {
        localStorage.setItem(key, "done");
      } catch {}
    }, FIRST_STEPS_KEY);
  }

  /**
   * From the next load on: no figure on the page has every step's loss, what the worker tells has.
   * Without what is drawn, which would be much; of a run that is opened the newest step.
   */
  async recordEvents() {
    if (this.#isRecording) return;
    this.#isRecording = true;
    await this.page.addInitScript(() => {
      window.recordedEvents = [];
      const isDrawn = ["sampleFrame", "snapshots", "runs", "weightsSaved", "runExported"];
      window.Worker = class extends Worker {
        constructor(...args: ConstructorParameters<typeof Worker>) {
          super(...args);
          // A thread of the worker.
          if (args[1]?.name?.startsWith("replica ")) return;
          window.recordedWorker = this;
          this.addEventListener("message", ({ data, isTrusted }) => {
            window.hasWorkerTold ||= isTrusted;
            if (!("type" in data) || isDrawn.includes(data.type)) return;
            const isOpened = data.type === "runOpened";
            if (isOpened) window.openedRun = data.run;
            const run = isOpened && { ...data.run, steps: data.run.steps.slice(-1), epochs: [] };
            window.recordedEvents.push(run ? { ...data, run } : data);
            window.dispatchEvent(new Event("recorded"));
          });
        }
      };
    });
  }

  /** All steps the worker has told so far. */
  steps(): Promise<StepMetrics[]> {
    return this.page.evaluate(() =>
      window.recordedEvents.flatMap((event) => (event.type === "steps" ? event.steps : [])),
    );
  }

  async losses(): Promise<number[]> {
    return (await this.steps()).map(({ loss }) => loss);
  }

  epochs(): Promise<EpochMetrics[]> {
    return this.page.evaluate(() =>
      window.recordedEvents.flatMap((event) => (event.type === "epoch" ? [event.epoch] : [])),
    );
  }

  /** Drops files onto the page, as from the desktop. */
  async dropFiles(files: { name: string; bytes: Uint8Array }[]) {
    const plain = files.map(({ name, bytes }) => ({ name, base64: base64(bytes) }));
    const dataTransfer = await this.page.evaluateHandle((items) => {
      const transfer = new DataTransfer();
      for (const { name, base64 } of items) {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        transfer.items.add(new File([bytes], name));
      }
      return transfer;
    }, plain);
    await this.page.dispatchEvent("body", "drop", { dataTransfer });
  }

  /** Drops 40 images to train on and 8 to validate: an epoch of MNIST takes minutes, of these seconds. */
  async dropFewImages() {
    await this.dropFiles([
      { name: "train-images-idx3-ubyte", bytes: imagesFile(48) },
      { name: "train-labels-idx1-ubyte", bytes: labelsFile(48) },
    ]);
    await expect(this.page.getByText("40 images, 8 to validate")).toBeVisible();
  }

  /** Drops the file of the small stored run onto the page, and opens the run. */
  async openLabRun() {
    await this.dropFiles([{ name: "lab-run.safetensors", bytes: readFileSync(LAB_RUN.path) }]);
    const list = this.page.getByRole("region", { name: "Saved runs" });
    await expect(list.getByText(`“${LAB_RUN.name}” was imported.`)).toBeVisible();
    await list
      .getByRole("listitem", { name: LAB_RUN.name })
      .getByRole("button", { name: "Open" })
      .click();
    await expect(list).toHaveCount(0);
    await expect(this.status).toContainText(`Finished after ${LAB_RUN.numSteps} steps`);
  }

  /** Trains to the end of the last epoch. */
  async trainToEnd() {
    await this.train.click();
    await expect(this.status).toContainText("Finished", { timeout: 120_000 });
  }

  /** Waits until the worker has told so many. */
  async waitForSteps(count: number) {
    await this.page.evaluate(
      (count) =>
        new Promise<void>((resolve) => {
          const look = () => {
            const told = window.recordedEvents.flatMap((event) =>
              event.type === "steps" ? event.steps : [],
            );
            if (told.length < count) return;
            window.removeEventListener("recorded", look);
            resolve();
          };
          window.addEventListener("recorded", look);
          look();
        }),
      count,
    );
  }

  /**
   * Clicks a button as soon as the worker has told so many steps, or so many events of another kind, so that even a fast run
   * has not gone much further.
   */
  async clickAt(name: string, count: number, type: WorkerEvent["type"] = "steps") {
    await this.page.evaluate(
      ([name, count, type]) =>
        new Promise<void>((resolve) => {
          const look = () => {
            const told = window.recordedEvents.filter((event) => event.type === type);
            const each = told.flatMap<object>((of) => (of.type === "steps" ? of.steps : [of]));
            const button = [...document.querySelectorAll("button")].find(
              (button) => button.textContent === name && button.checkVisibility(),
            );
            if (each.length < count || !button) return;
            window.removeEventListener("recorded", look);
            button.click();
            resolve();
          };
          window.addEventListener("recorded", look);
          look();
        }),
      [name, count, type] as const,
    );
  }

  /** A hash of what the digits' canvas shows. */
  async picture(): Promise<string> {
    // The caption may be a frame ahead: the canvas is painted when the browser asks for the next one.
    await this.page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
    const url = await this.digits.evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
    return createHash("sha256").update(url).digest("hex");
  }

  /** Waits until the caption under the digits matches. */
  async waitForCaption(pattern: RegExp) {
    await expect(this.digits).toHaveAttribute("aria-label", pattern, { timeout: 120_000 });
  }
}

declare global {
  interface Window {
    recordedEvents: WorkerEvent[];
    /** The newest, whole. */
    openedRun?: OpenedRun;
    /** The newest. */
    recordedWorker?: Worker;
    /** Whether a worker has told something itself. */
    hasWorkerTold?: boolean;
  }
}

/** Goes to a view by the tab of its place and, where that has several, by its own; to the network by its settings. */
export async function openView(page: Page, view: ViewName) {
  const place = PLACES[placeOf(view)];
  const link = (nav: string, name: string | RegExp) =>
    page.getByRole("navigation", { name: nav, exact: true }).getByRole("link", { name });
  const tab = link("Places", new RegExp(`^${place.label}`));
  const isThere = (await tab.getAttribute("aria-current")) === "page";
  if (view === "train" || !isThere) await tab.click();
  if (view === "model") {
    const app = new AppPage(page);
    if (!(await page.getByRole("link", { name: "See the network" }).isVisible()))
      await app.openSettings();
    await page.getByRole("link", { name: "See the network" }).click();
  } else if (view !== "train" && place.views.length > 1) {
    await link(place.label, VIEW_LABELS[view]).click();
  }
}

/** The list of saved runs, opened. */
export async function openRuns(page: Page): Promise<Locator> {
  await openView(page, "runs");
  return page.getByRole("region", { name: "Saved runs" });
}

/** As with the keyboard, once the button can be pressed: unlike a click a key does not wait for that. */
export async function pressEnter(button: Locator) {
  await expect(button).toBeEnabled();
  await button.press("Enter");
}

/** As text, which passes to the page at once: an array of numbers passes number by number. */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
