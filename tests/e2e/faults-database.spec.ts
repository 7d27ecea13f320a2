import { expect, test } from "@playwright/test";
import { AppPage } from "./app.ts";
import { eventsOf, notices, SMALL, unfinishedRun } from "./faults.ts";

test("a database that the browser has lost comes back from its second copy, and the run goes on", {
  tag: "@faults",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.serveFewImages();
  const settings = `?backend=wasm&${SMALL}&batchSize=2&epochs=500`;
  await app.open(settings);
  await app.button("Train").click();
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
