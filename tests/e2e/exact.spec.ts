import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { decodeSafetensors } from "../../src/engine/formats/safetensors/safetensors.ts";
import { AppPage, openView } from "./app.ts";
import { drawDigits } from "./denoisePage.ts";
import {
  beforeWorker,
  bePutIntoACard,
  SMALL,
  SMALLEST,
  storedInDatabase,
  unfinishedRun,
  withoutFirstDigits,
} from "./faults.ts";
import { noted } from "./noted.ts";

const NUM_IMAGES = 16;
/** Two epochs of four steps; the average moves. */
const RUN = "batchSize=4&epochs=2&emaDecay=0.99&emaUpdateAfter=0&emaUpdateEvery=1";
/** Wide enough for the tiles of a graphics card. */
const WIDE = `${SMALLEST.replace("dim=4", "dim=16")}&${RUN.replace("batchSize=4", "batchSize=2")}`;

// A software adapter takes its time, most of it to compile: what WebGPU shows is in one test.
test.setTimeout(600_000);

test("on WebAssembly 4 steps, a checkpoint, a new page and 4 steps are 8 steps, bit for bit", async ({
  context,
}) => {
  // Dropout draws new masks at every step: they have to go on where they were.
  const address = `?backend=wasm&${SMALL}&${RUN}&dropout=0.1`;
  const app = await openedPage(context, address);
  await app.trainToEnd();
  await expectSameInterrupted(app, { openSecond: () => openedPage(context, address), numSteps: 8 });
});

test("on WebGPU a run trains, denoises four digits step by step, and goes on exactly", {
  tag: "@long",
}, async ({ context }) => {
  const address = `?backend=webgpu&${WIDE}`;
  const open = () => openedPage(context, address, NUM_IMAGES / 4, beOnACard);
  const app = await open();
  const { page } = app;
  await expect(app.button(/^WebGPU Test card/)).toBeVisible();
  await expect(app.button(/^WebAssembly/)).toHaveCount(0);
  const compiled = await noted(
    page,
    () => /[1-9]\d* of \d+ compiled/.exec(document.body.textContent ?? "")?.[0],
  );
  const paused = app.clickAt("Pause", 1);
  await app.train.click();
  await paused;
  expect(await compiled()).not.toEqual([]);
  await app.button("Resume").click({ timeout: 60_000 });
  await expect(app.status).toContainText("Finished", { timeout: 300_000 });
  await expect(page.locator("dl")).toContainText(/Loss0\.\d+|Loss1\.\d+/);

  const draw = await drawDigits(page);
  await expect(draw.grid).toHaveAttribute("aria-label", /^4 digits .*after 4 training steps/);
  // Back through the steps, from the noise on: every frame is another picture.
  const pictures = new Set<string>();
  await draw.slider.focus();
  await page.keyboard.press("Home");
  for (let step = 0; step <= 5; step++) {
    if (step > 0) await page.keyboard.press("ArrowRight");
    await draw.expectStep(new RegExp(`^step ${step} of 5, `));
    pictures.add((await draw.greys(draw.grid)).greys.join());
  }
  expect(pictures.size).toBe(6);
  await openView(page, "train");

  await expectSameInterrupted(app, { openSecond: open, numSteps: 4 });
});

/** It runs the programs of a graphics card. */
async function beOnACard(page: Page) {
  await withoutFirstDigits(page);
  await beforeWorker(page, bePutIntoACard);
}

/**
 * Trains the finished run of a page again, in the same worker, whose programs are compiled; ends the
 * worker after half of its steps, and goes on in a new page: what is stored is the same.
 */
async function expectSameInterrupted(
  first: AppPage,
  { openSecond, numSteps }: { openSecond: () => Promise<AppPage>; numSteps: number },
) {
  const expected = await storedAtEnd(first.page, numSteps);
  await endWorkerAt(first.page, numSteps / 2);
  await first.train.click();
  const isEnded = () => first.page.evaluate(() => window.isWorkerEnded);
  await expect.poll(isEnded, { timeout: 300_000 }).toBe(true);
  const second = await openSecond();
  await first.page.close();
  const card = unfinishedRun(second.page);
  await expect(card).toContainText(`Step ${numSteps / 2} of ${numSteps}`);
  await card.getByRole("button", { name: "Resume" }).click();
  await expect(second.status).toContainText("Finished", { timeout: 300_000 });
  // It did not begin anew.
  expect(await second.losses()).toHaveLength(numSteps / 2);
  const got = await storedAtEnd(second.page, numSteps);

  // One by one first: where they differ, this says in what.
  expect([...got.tensors.keys()]).toEqual([...expected.tensors.keys()]);
  for (const [name, tensor] of expected.tensors) {
    expect(got.tensors.get(name), name).toEqual(tensor);
  }
  expect(got.runId).not.toBe(expected.runId);
  expect(got.bytes.equals(expected.bytes)).toBe(true);
  expect(got.losses).toEqual(expected.losses);
  expect(got.losses).toHaveLength(numSteps);
  expect(got.epochs).toEqual(expected.epochs);
  expect(got.epochs).toHaveLength(2);
}

async function openedPage(
  context: BrowserContext,
  address: string,
  numImages = NUM_IMAGES,
  prepare: (page: Page) => Promise<void> = async () => {},
) {
  const page = await context.newPage();
  await prepare(page);
  const app = new AppPage(page);
  await app.openWithFewImages(address, numImages);
  return app;
}

/** Ends the worker as it tells that this step is saved, as if the page had been closed just then. */
async function endWorkerAt(page: Page, step: number) {
  await page.evaluate((savedStep) => {
    const worker = window.recordedWorker;
    worker?.addEventListener("message", ({ data }) => {
      if (data.type !== "checkpointSaved" || data.step !== savedStep) return;
      worker.terminate();
      window.isWorkerEnded = true;
    });
  }, step);
}

/** What is stored of the newest run at its end, without how long they took. */
async function storedAtEnd(page: Page, numSteps: number) {
  const { runs, checkpoints, history } = await storedInDatabase(page);
  const { runId } = runs.toSorted((a, b) => b.createdMs - a.createdMs)[0] ?? {};
  const newest = checkpoints.find((record) => record.runId === runId && record.step === numSteps);
  const ofRun = history.filter((record) => record.runId === runId);
  const bytes = Buffer.from(newest?.bytes ?? []);
  const { tensors } = decodeSafetensors(bytes);
  const steps = ofRun.flatMap((record) => record.steps);
  const epochs = ofRun.flatMap((record) => record.epochs);
  return {
    runId,
    bytes,
    tensors,
    losses: steps.map(({ step, loss, gradNorm, learningRate }) => [
      ...[step, loss, gradNorm, learningRate],
    ]),
    epochs: epochs.map(({ wallTimeMs: _, ...epoch }) => epoch),
  };
}

declare global {
  interface Window {
    isWorkerEnded?: boolean;
  }
}
