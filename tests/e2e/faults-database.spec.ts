import { expect, test } from "@playwright/test";
import { AppPage } from "./app.ts";
import { SMALL, unfinishedRun } from "./faults.ts";

test("a database that the browser has lost comes back from its second copy, and the run goes on", {
  tag: "@faults",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.open(`?backend=wasm&${SMALL}&epochs=60`);
  await app.dropFewImages();
  await app.button("Train").click();
  await app.waitForSteps(7);
  await app.button("Stop").click();
  await expect(app.status).toContainText("Unfinished after");
  const { length: numSteps } = await app.losses();
  await expect(unfinishedRun(page)).toContainText(`Step ${numSteps} of 300`);

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
  await app.open(`?backend=wasm&${SMALL}&epochs=60`);
  await expect(page.getByText("Runs were restored")).toBeVisible();
  await expect(unfinishedRun(page)).toContainText(`Step ${numSteps} of 300`);
  await app.dropFewImages();
  await app.button("Resume").click();
  await expect(app.status).toContainText("Finished after 300 steps");
  expect(await app.losses()).toHaveLength(300 - numSteps);
});
