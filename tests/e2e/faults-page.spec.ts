import { expect, type Page, test } from "@playwright/test";
import { AppPage, openRuns, openView } from "./app.ts";
import { eventsOf, notices, SMALL, storedInDatabase, unfinishedRun } from "./faults.ts";

const RUN = `?backend=wasm&${SMALL}&epochs=10000&checkpointMinutes=0.005`;

test("after a reload a run goes on from its newest checkpoint; in a new tab, where that is damaged and has no backup, from the one before, and the page says so", async ({
  page,
  context,
}) => {
  const first = new AppPage(page);
  await train(first);
  const savedBeforeReload = await newestSaved(page);
  // The page asks first; here the person agrees.
  page.on("dialog", (dialog) => dialog.accept());
  await page.reload();
  await expect(unfinishedRun(page)).toContainText(/Step [1-9]/);
  await unfinishedRun(page).getByRole("button", { name: "Resume" }).click();
  await first.waitForSteps(1);
  // A checkpoint may have been saved since the page was asked, and on its leaving.
  expect(await firstStep(page)).toBeGreaterThan(savedBeforeReload);
  await expect(page.getByRole("alert").or(notices(page))).toHaveCount(0);
  await expect.poll(() => newestSaved(page)).toBeGreaterThan(savedBeforeReload);
  await first.button("Stop").click();
  await expect(first.status).toContainText("Unfinished");
  const { checkpoints } = await storedInDatabase(page);
  const kept = checkpoints.map(({ step }) => step).sort((a, b) => a - b);
  const [before, newest] = kept.slice(-2) as [number, number];
  // A page of the same origin in which nothing is held open.
  await page.goto("./icon.svg");
  await damageCheckpoint(page, newest);
  await deleteSecondCopies(page);
  await page.close();

  const second = new AppPage(await context.newPage());
  await second.openWithFewImages(RUN);
  await unfinishedRun(second.page).getByRole("button", { name: "Resume" }).click();
  const notice = notices(second.page);
  await expect(notice).toContainText(` ${newest - before} steps earlier`);
  await second.waitForSteps(1);
  expect(await firstStep(second.page)).toBe(before + 1);
  // It is still said while the run trains on and is saved.
  await expect.poll(() => newestSaved(second.page)).toBeGreaterThan(newest);
  await expect(notice).toHaveCount(1);
});

test("after a crash the page says how many steps it has cost, until the run trains on", {
  tag: "@long",
}, async ({ page, context }) => {
  // With 0 no checkpoint comes by the clock; and an epoch, which ends with one, takes far longer than this.
  const address = "?backend=wasm&preset=tiny&dim=16&batchSize=1&previewEvery=0&checkpointMinutes=0";
  const numImages = 3000;
  const first = new AppPage(page);
  await first.openWithFewImages(address, numImages);
  await first.train.click();
  await first.waitForSteps(3);
  await page.evaluate(() => window.dispatchEvent(new Event("pagehide")));
  await expect.poll(() => newestSaved(page)).toBeGreaterThan(0);
  const saved = await newestSaved(page);
  await first.waitForSteps(saved + 5);
  const { length: numTold } = await first.steps();
  const devtools = await context.newCDPSession(page);
  const isGone = page.waitForEvent("crash");
  void devtools.send("Page.crash").catch(() => {});
  await isGone;
  await page.close();

  const second = new AppPage(await context.newPage());
  await second.openWithFewImages(address, numImages);
  const card = unfinishedRun(second.page);
  const words = card.getByText(/not saved/);
  await expect(words).toBeVisible();
  const said = ((await words.textContent()) ?? "").replaceAll(",", "");
  const [numLost = 0, step = 0] = [...said.matchAll(/\d+/g)].map(Number);
  expect(step).toBe(saved);
  expect(step + numLost).toBeGreaterThanOrEqual(numTold);
  await card.getByRole("button", { name: "Open" }).click();
  await expect(second.status).toContainText("Unfinished");
  await expect(words).toBeVisible();
  await card.getByRole("button", { name: "Resume" }).click();
  await second.waitForSteps(1);
  expect(await firstStep(second.page)).toBe(saved + 1);
  await second.button("Stop").click();
  await expect(card).toBeVisible();
  await expect(words).toHaveCount(0);
});

test("of two tabs one trains; the other looks, draws samples, and may train when the first has stopped", async ({
  page,
  context,
}) => {
  const first = new AppPage(page);
  await train(first);
  const second = new AppPage(await context.newPage());
  await second.openWithFewImages(RUN);
  const note = second.page.getByRole("note").filter({ hasText: "Another tab is training" });
  await expect(note).toBeVisible();
  await expect(second.train).toBeDisabled();
  await expect(unfinishedRun(second.page).getByRole("button", { name: "Resume" })).toBeDisabled();
  // Digits are drawn.
  await second.waitForCaption(/drawn from pure noise in one step/);
  const numSteps = (await first.losses()).length;
  await first.waitForSteps(numSteps + 1);
  // What the first trains the second cannot delete.
  const list = await openRuns(second.page);
  const remove = list.getByRole("button", { name: "Delete" });
  await expect(remove).toBeDisabled();
  await expect(remove).toHaveAttribute("title", /Another tab is training this run/);

  await first.button("Stop").click();
  await expect(first.status).toContainText("Unfinished");
  await expect(note).toHaveCount(0);
  await expect(remove).toBeEnabled();
  await openView(second.page, "train");
  await second.train.click();
  await second.waitForSteps(1);
  await expect(first.page.getByRole("note").filter({ hasText: "Another tab" })).toBeVisible();
  await expect(first.train).toBeDisabled();
  // Also when the tab is gone without a word.
  await second.page.close();
  await expect(first.train).toBeEnabled();
  await unfinishedRun(first.page).getByRole("button", { name: "Resume" }).click();
  await first.waitForSteps((await first.losses()).length + 1);
});

test("however low the window is, notices are whole, and scroll above the view", {
  tag: "@long",
}, async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 500 });
  await new AppPage(page).openWithFewImages(RUN);
  await page.evaluate(() => {
    const what = ["Copies of One.", "Copies of Two.", "Older checkpoints of Three."];
    for (const message of what) {
      const data = { type: "storageNote", message: `${message} were deleted.` };
      window.recordedWorker?.dispatchEvent(new MessageEvent("message", { data }));
    }
  });
  await expect(notices(page)).toHaveCount(3);
  for (const notice of await notices(page).all()) {
    const isCut = (element: Element) => element.scrollHeight > element.clientHeight;
    expect(await notice.evaluate(isCut)).toBe(false);
  }
});

for (const [width, height] of [
  [390, 844],
  [1280, 800],
] as const) {
  test(`in a window ${width} wide, however long a file's name is, the notice on it is whole and can be closed`, {
    tag: "@long",
  }, async ({ page }) => {
    await page.setViewportSize({ width, height });
    const app = new AppPage(page);
    await app.openWithFewImages(RUN);
    for (const length of [60, 200]) {
      const name = `${"x".repeat(length)}.safetensors`;
      await app.dropFiles([{ name, bytes: new Uint8Array(10) }]);
      await expect(notices(page)).toContainText(name);
      const cut = await notices(page).evaluate((notice) => {
        const { left, right } = notice.getBoundingClientRect();
        return [...notice.querySelectorAll("*")].filter((part) => {
          const box = part.getBoundingClientRect();
          const isCut = part.clientWidth > 0 && part.scrollWidth > part.clientWidth;
          return isCut || box.left < left || box.right > right;
        }).length;
      });
      expect(cut).toBe(0);
      const close = notices(page).getByRole("button", { name: "Close" });
      await expect(close).toBeInViewport({ ratio: 1 });
      await close.click();
      await expect(notices(page)).toHaveCount(0);
    }
  });

  test(`in a window ${width} wide, a dialog whose script does not arrive says so in its place, and is closed`, {
    tag: "@long",
  }, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await page.route("**/assets/BenchmarkDialog-*.js", (route) => route.fulfill({ status: 404 }));
    const app = new AppPage(page);
    await app.openWithFewImages(RUN);
    await app.openBenchmark();
    const failure = page.getByRole("dialog").getByRole("alert");
    await expect(failure).toBeInViewport({ ratio: 1 });
    expect((await failure.boundingBox())?.width).toBeGreaterThan(0.6 * Math.min(width, 600));
    await failure.getByRole("button", { name: "Close" }).click();
    await expect(failure).toHaveCount(0);
    await expect(app.train).toBeEnabled();
  });
}

/** Until there are checkpoints after the start. */
async function train(app: AppPage) {
  await app.openWithFewImages(RUN);
  await app.train.click();
  await expect
    .poll(async () => (await eventsOf(app.page, "checkpointSaved")).length)
    .toBeGreaterThan(2);
}

async function newestSaved(page: Page): Promise<number> {
  return (await eventsOf(page, "checkpointSaved")).at(-1)?.step ?? 0;
}

/** The first that was trained since the page was loaded. */
async function firstStep(page: Page): Promise<number | undefined> {
  return (await eventsOf(page, "steps"))[0]?.steps[0]?.step;
}

async function deleteSecondCopies(page: Page) {
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    for await (const name of root.keys()) await root.removeEntry(name, { recursive: true });
  });
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
    const parts = database.transaction("parts", "readwrite").objectStore("parts");
    const keys = (await resultOf(parts.getAllKeys())) as [string, string][];
    const key = keys.find(([, name]) => name.startsWith(`checkpoint-${damagedStep}-`)) ?? "";
    const bytes: Uint8Array = await resultOf(parts.get(key));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await resultOf(parts.put(bytes, key));
    database.close();
  }, step);
}
