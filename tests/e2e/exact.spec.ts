import { expect, type Page, test } from "@playwright/test";
import { decodeSafetensors } from "../../src/formats/safetensors.ts";
import { AppPage } from "./app.ts";
import { SMALL, storedTables, unfinishedRun } from "./faults.ts";

/** Two epochs of ten steps on the few images; dropout draws at every step, the average moves. */
const RUN = `${SMALL}&batchSize=4&epochs=2&dropout=0.1&emaDecay=0.99&emaUpdateAfter=0&emaUpdateEvery=1`;

// A software adapter takes its time.
test.setTimeout(300_000);

for (const backend of ["wasm", "webgpu"]) {
  test(`on ${backend} 10 steps, a checkpoint, a new page and 10 steps are 20 steps, bit for bit`, async ({
    browser,
  }) => {
    const address = `?backend=${backend}&${RUN}`;
    const straight = await browser.newContext();
    const once = await openedPage(await straight.newPage(), address);
    await once.trainToEnd();
    const expected = await storedAt20(once.page);
    await straight.close();

    const interrupted = await browser.newContext();
    const first = await openedPage(await interrupted.newPage(), address);
    await endWorkerAt(first.page, 10);
    await first.button("Train").click();
    await expect.poll(() => first.page.evaluate(() => window.isWorkerEnded)).toBe(true);
    await first.page.close();
    const second = await openedPage(await interrupted.newPage(), address);
    const card = unfinishedRun(second.page);
    await expect(card).toContainText("Step 10 of 20");
    await card.getByRole("button", { name: "Resume" }).click();
    await expect(second.status).toContainText("Finished");
    // It did not begin anew.
    expect(await second.losses()).toHaveLength(10);
    const got = await storedAt20(second.page);
    await interrupted.close();

    // One by one first: where they differ, this says in what.
    expect([...got.tensors.keys()]).toEqual([...expected.tensors.keys()]);
    for (const [name, tensor] of expected.tensors) {
      expect(got.tensors.get(name), name).toEqual(tensor);
    }
    expect(got.bytes.equals(expected.bytes)).toBe(true);
    expect(got.losses).toEqual(expected.losses);
    expect(got.losses).toHaveLength(20);
    expect(got.epochs).toEqual(expected.epochs);
    expect(got.epochs).toHaveLength(2);
  });
}

async function openedPage(page: Page, address: string) {
  const app = new AppPage(page);
  await app.open(address);
  await app.dropFewImages();
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

/** What is stored of the run's 20 steps, without how long they took. */
async function storedAt20(page: Page) {
  const { checkpoints, history } = await storedTables(page);
  const newest = checkpoints.find(({ step }) => step === 20);
  const bytes = Buffer.from(newest?.bytes ?? []);
  const { tensors } = decodeSafetensors(bytes);
  const steps = history.flatMap((record) => record.steps);
  const epochs = history.flatMap((record) => record.epochs);
  return {
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
