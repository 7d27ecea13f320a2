import { expect, type Page, test } from "@playwright/test";
import { AppPage } from "./app.ts";
import { eventsOf, SMALL, storedTables, unfinishedRun } from "./faults.ts";

const RUN = `?backend=wasm&${SMALL}&batchSize=2&checkpointMinutes=0.005`;

test("after a reload and in a new tab a run goes on from its newest checkpoint", {
  tag: "@faults",
}, async ({ page, context }) => {
  const first = new AppPage(page);
  await train(first);
  const savedBeforeReload = await newestSaved(page);
  // The page asks first; here the person agrees.
  page.on("dialog", (dialog) => dialog.accept());
  await page.reload();
  await expectResumedFrom(first, savedBeforeReload);

  const savedBeforeClosing = await newestSaved(page);
  await page.close();
  await expectResumedFrom(new AppPage(await context.newPage()), savedBeforeClosing);
});

test("where the newest checkpoint is damaged a run goes on from the one before, and the page says so", {
  tag: "@faults",
}, async ({ page }) => {
  const app = new AppPage(page);
  await train(app);
  await app.button("Stop").click();
  await expect(app.status).toContainText("Unfinished");
  const { checkpoints } = await storedTables(page);
  const [before, newest] = checkpoints.map(({ step }) => step) as [number, number];
  await damageCheckpoint(page, newest);

  await app.open(RUN);
  await unfinishedRun(page).getByRole("button", { name: "Resume" }).click();
  const notice = page.getByRole("alert");
  await expect(notice).toContainText("The newest checkpoint of");
  await expect(notice).toContainText(
    `is damaged; the one before, ${newest - before} steps earlier, was opened.`,
  );
  await app.waitForSteps(1);
  expect((await eventsOf(page, "steps"))[0]?.steps[0]?.step).toBe(before + 1);
  // It is still said while the run trains on, and what it saves is whole.
  await expect.poll(() => newestSaved(page)).toBeGreaterThan(newest);
  await expect(notice).toContainText("is damaged");
  await app.button("Stop").click();
  await expect(app.status).toContainText("Unfinished");
  await app.open(RUN);
  await unfinishedRun(page).getByRole("button", { name: "Resume" }).click();
  await app.waitForSteps(1);
  await expect(page.getByRole("alert")).toHaveCount(0);
});

test("of two tabs one trains; the other looks, draws samples, and may train when the first has stopped", {
  tag: "@faults",
}, async ({ page, context }) => {
  const first = new AppPage(page);
  await train(first);
  const second = new AppPage(await context.newPage());
  await second.open(RUN);
  const note = second.page.getByRole("note").filter({ hasText: "Another tab trains" });
  await expect(note).toBeVisible();
  await expect(second.button(/^Train/)).toBeDisabled();
  await expect(unfinishedRun(second.page).getByRole("button", { name: "Resume" })).toBeDisabled();
  // Samples are drawn, and images looked at.
  await second.button("Generate").click();
  await second.waitForCaption(/36 digits.*20 steps:/);
  await second.dropFewImages();
  const numSteps = (await first.losses()).length;
  await first.waitForSteps(numSteps + 1);

  await first.button("Stop").click();
  await expect(first.status).toContainText("Unfinished");
  await expect(note).toHaveCount(0);
  // An epoch of so few images has ended before one has looked.
  await second.page.getByLabel("Epochs", { exact: true }).fill("500");
  await second.button(/^Train/).click();
  await second.waitForSteps(1);
  await expect(first.page.getByRole("note").filter({ hasText: "Another tab" })).toBeVisible();
  await expect(first.button(/^Train/)).toBeDisabled();
  // Also when the tab is gone without a word.
  await second.page.close();
  await expect(first.button(/^Train/)).toBeEnabled();
  await unfinishedRun(first.page).getByRole("button", { name: "Resume" }).click();
  await first.waitForSteps((await first.losses()).length + 1);
});

/** Until there are checkpoints after the start. */
async function train(app: AppPage) {
  await app.open(RUN);
  await app.button("Train").click();
  await expect
    .poll(async () => (await eventsOf(app.page, "checkpointSaved")).length)
    .toBeGreaterThan(2);
}

async function newestSaved(page: Page): Promise<number> {
  return (await eventsOf(page, "checkpointSaved")).at(-1)?.step ?? 0;
}

async function expectResumedFrom(app: AppPage, savedStep: number) {
  await app.open(RUN);
  const card = unfinishedRun(app.page);
  await expect(card).toContainText(/Step [1-9]/);
  await card.getByRole("button", { name: "Resume" }).click();
  await app.waitForSteps(1);
  const [steps] = await eventsOf(app.page, "steps");
  // A checkpoint may have been saved since the page was asked, and on its leaving.
  expect(steps?.steps[0]?.step).toBeGreaterThan(savedStep);
  await expect(app.page.getByRole("alert")).toHaveCount(0);
  await expect.poll(() => newestSaved(app.page)).toBeGreaterThan(savedStep);
}

/** As if a bit had flipped on the disk. */
async function damageCheckpoint(page: Page, step: number) {
  await page.evaluate(async (damagedStep) => {
    const resultOf = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await resultOf(indexedDB.open("diffusion-mnist"));
    const checkpoints = database.transaction("checkpoints", "readwrite").objectStore("checkpoints");
    const all = await resultOf(checkpoints.getAll());
    const record = all.find((checkpoint) => checkpoint.step === damagedStep);
    record.bytes[record.bytes.length >> 1] ^= 1;
    await resultOf(checkpoints.put(record));
    database.close();
  }, step);
}
