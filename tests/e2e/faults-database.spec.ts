import { expect, test } from "@playwright/test";
import { AppPage } from "./app.ts";
import { eventsOf, notices, SMALL, storedInDatabase, unfinishedRun } from "./faults.ts";

test("a database that the browser has lost comes back from its backup, and the run goes on", async ({
  page,
}) => {
  const app = new AppPage(page);
  await app.serveFewImages();
  const settings = `?backend=wasm&${SMALL}&batchSize=2&epochs=10000`;
  await app.open(settings);
  await app.train.click();
  await app.waitForSteps(1);
  await app.button("Stop").click();
  await expect(app.status).toContainText("Unfinished after");
  const { length: numSteps } = await app.losses();
  await expect(unfinishedRun(page)).toContainText(`Step ${numSteps} of`);

  // A page of the same origin that does not hold it open.
  await page.goto("./icon.svg");
  await page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const request = indexedDB.deleteDatabase("diffusion-mnist");
        request.onsuccess = resolve;
        request.onerror = reject;
      }),
  );
  await app.open(settings);
  await expect.poll(async () => (await eventsOf(page, "runsRestored")).length).toBe(1);
  await expect(notices(page)).toHaveAttribute("data-tone", "info");
  await expect(unfinishedRun(page)).toContainText(`Step ${numSteps} of`);
  await app.button("Resume").click();
  await app.waitForSteps(1);
  const [steps] = await eventsOf(page, "steps");
  expect(steps?.steps[0]?.step).toBe(numSteps + 1);
});

test("what is cleared while a run trains is written again from its start, and the warning goes", {
  tag: "@long",
}, async ({ page, baseURL }) => {
  const app = new AppPage(page);
  await app.serveFewImages();
  await app.open(`?backend=wasm&${SMALL}&batchSize=2&epochs=10000&checkpointMinutes=0.02`);
  await app.train.click();
  await app.waitForSteps(7);
  await expect.poll(async () => (await eventsOf(page, "sampleDone")).length).toBeGreaterThan(0);
  const devtools = await page.context().newCDPSession(page);
  const storageTypes = "indexeddb,file_systems";
  const { origin } = new URL(baseURL ?? "");
  await devtools.send("Storage.clearDataForOrigin", { origin, storageTypes });
  const { length: numBefore } = await eventsOf(page, "checkpointSaved");
  const numSaved = async () => (await eventsOf(page, "checkpointSaved")).length;
  await expect.poll(numSaved).toBeGreaterThan(numBefore + 1);
  await expect(page.getByRole("alert")).toHaveCount(0);
  await app.button("Stop").click();
  await expect(app.status).toContainText("Unfinished");
  const { length: numSteps } = await app.losses();
  const { runs, history, snapshots } = await storedInDatabase(page);
  expect(runs).toMatchObject([{ step: numSteps }]);
  expect(snapshots.map(({ step }) => step)).toContain(0);
  const steps = history.flatMap((piece) => piece.steps.map(({ step }) => step));
  expect(steps).toEqual(Array.from({ length: numSteps }, (_, i) => i + 1));
});
