import { expect, test } from "@playwright/test";
import { decodeSafetensors } from "../../src/engine/formats/safetensors/safetensors.ts";
import { AppPage } from "./app.ts";
import { eventsOf, SMALL, storedInDatabase } from "./faults.ts";

/**
 * AdamW without a memory of the squares divides by next to nothing: with this seed the loss goes from 0.16
 * to infinity in one step. One image a batch, so that it does on any number of threads.
 */
const DIVERGING = `${SMALL}&batchSize=1&seed=3&learningRate=0.1&beta1=0.99&beta2=0&adamEps=1e-12`;

test("a loss that is no number ends the run before its weights are saved, and half the learning rate is offered", async ({
  page,
}) => {
  const app = new AppPage(page);
  // A checkpoint after every step.
  await app.open(`?backend=wasm&${DIVERGING}&checkpointMinutes=0.00001`);
  await app.train.click();
  await expect(app.status).toContainText("Stopped after");
  const numGood = (await app.losses()).length;
  expect(numGood).toBeGreaterThan(2);
  const notice = page.getByRole("alert");
  await expect(notice).toContainText("The loss left the range of numbers");
  await expect(notice).toContainText(/The loss became (NaN|Infinity) at step/);
  await expect(notice).toContainText(`at step ${numGood + 1} with learning rate 0.1`);

  // The weights that gave that loss were finite, and saved a step before: they are no good either.
  const saved = (await eventsOf(page, "checkpointSaved")).map(({ step }) => step);
  expect(saved).toContain(numGood);
  const { checkpoints } = await storedInDatabase(page);
  const steps = checkpoints.map(({ step }) => step);
  const good = Math.max(...steps);
  expect(good).toBe(numGood - 1);
  for (const { bytes } of checkpoints) {
    for (const { values } of decodeSafetensors(bytes).tensors.values()) {
      expect((values as Float32Array).every(Number.isFinite)).toBe(true);
    }
  }
  await expect(notice).toContainText(`The last good checkpoint is of step ${good}.`);

  await notice.getByRole("button", { name: "Continue with half the learning rate" }).click();
  await expect.poll(async () => (await eventsOf(page, "runStarted")).length).toBe(2);
  expect((await eventsOf(page, "runStarted")).at(-1)?.config.learningRate).toBe(0.05);
  await app.waitForSteps(numGood + 1);
  const trained = (await eventsOf(page, "steps")).flatMap((event) => event.steps)[numGood];
  expect(trained).toMatchObject({ step: good + 1, learningRate: 0.05 });
});
