import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, type Page } from "@playwright/test";
import { FIRST_STEPS_KEY } from "../../src/store/firstSteps.ts";
import type { EpochMetrics, WorkerEvent } from "../../src/worker/protocol.ts";
import { imagesFile, labelsFile } from "../unit/data/idxBytes.ts";

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

  constructor(readonly page: Page) {}

  get status() {
    return this.page.getByRole("status").first();
  }

  get digits() {
    return this.page.locator("canvas[role=img]");
  }

  get slider() {
    return this.page.getByRole("slider", { name: "Denoising step" });
  }

  button(name: string | RegExp) {
    return this.page.getByRole("button", { name, exact: true });
  }

  /** Opens the page, or another address, with hyperparameters as in a shared link, and waits for data and backend. */
  async open(query = "") {
    await this.skipFirstSteps();
    await this.openAsFirstVisit(query);
  }

  /** The same with the walk through the page, which every test is a first visit for. */
  async openAsFirstVisit(query = "") {
    await this.recordEvents();
    await this.page.goto(query.startsWith("http") ? query : `./${query}`);
    await expect(this.page.getByText("60,000 images, 10,000 to validate")).toBeVisible();
    await expect(this.page.getByText(/WebAssembly|WebGPU/).first()).toBeVisible();
  }

  /** From the next load on, as a person who has been here before. */
  async skipFirstSteps() {
    await this.page.addInitScript((key) => {
      // A page without storage of its own has none to write to, and then no walk either.
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
          window.recordedWorker = this;
          this.addEventListener("message", ({ data }) => {
            if (isDrawn.includes(data.type)) return;
            const isOpened = data.type === "runOpened";
            const run = isOpened && { ...data.run, steps: data.run.steps.slice(-1), epochs: [] };
            window.recordedEvents.push(run ? { ...data, run } : data);
          });
        }
      };
    });
  }

  /** The losses of all steps the worker has told so far. */
  async losses(): Promise<number[]> {
    const events = await this.page.evaluate(() => window.recordedEvents);
    return events
      .flatMap((event) => (event.type === "steps" ? event.steps : []))
      .map((s) => s.loss);
  }

  async epochs(): Promise<EpochMetrics[]> {
    const events = await this.page.evaluate(() => window.recordedEvents);
    return events.flatMap((event) => (event.type === "epoch" ? [event.epoch] : []));
  }

  /** Drops files onto the page, as from the desktop. */
  async dropFiles(files: { name: string; bytes: Uint8Array }[]) {
    const plain = files.map(({ name, bytes }) => ({ name, bytes: [...bytes] }));
    const dataTransfer = await this.page.evaluateHandle((items) => {
      const transfer = new DataTransfer();
      for (const { name, bytes } of items) {
        transfer.items.add(new File([new Uint8Array(bytes)], name));
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
    const list = this.page.getByRole("dialog", { name: "Runs" });
    await expect(list.getByText(`“${LAB_RUN.name}” is imported.`)).toBeVisible();
    await list
      .getByRole("listitem", { name: LAB_RUN.name })
      .getByRole("button", { name: "Open" })
      .click();
    await expect(list).toHaveCount(0);
    await expect(this.status).toContainText(`Finished after ${LAB_RUN.numSteps} steps`);
  }

  /** Trains to the end of the last epoch. */
  async trainToEnd() {
    await this.button("Train").click();
    await expect(this.status).toContainText("Finished", { timeout: 120_000 });
  }

  async waitForSteps(count: number) {
    await expect(async () => {
      expect((await this.losses()).length).toBeGreaterThanOrEqual(count);
    }).toPass({ timeout: 170_000, intervals: [100, 100, 100, 500] });
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
    /** The newest. */
    recordedWorker?: Worker;
  }
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
