import { expect, test } from "@playwright/test";
import { AppPage } from "./app.ts";
import { beforeWorker, eventsOf, expectFromNewest, SMALL, tellWorker } from "./faults.ts";

test("what is thrown in the worker, in a promise or in the training step is said with its cause and can be copied, and Resume goes on", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const app = new AppPage(page);
  await beforeWorker(page, throwWhenTold);
  await app.openWithFewImages(`?backend=wasm&${SMALL}&epochs=10000&checkpointMinutes=0.01`);
  await app.train.click();
  let savedStep = 0;
  const newestSaved = async () => (await eventsOf(page, "checkpointSaved")).at(-1)?.step ?? 0;
  for (const place of ["somewhere", "in a promise", "in the step"]) {
    await test.step(place, async () => {
      await expect.poll(newestSaved).toBeGreaterThan(savedStep);
      await tellWorker(page, place);
      // A snapshot that is drawn just then may fail of the same, and says so in a notice of its own.
      const notice = page.getByRole("alert").filter({ hasText: "Cause: It rained." });
      await expect(notice).toContainText("The roof came down. Cause: It rained.");
      await expect(app.status).toContainText("Failed");
      await notice.getByRole("button", { name: "Copy details" }).click();
      const copied = await page.evaluate(() => navigator.clipboard.readText());
      expect(copied).toMatch(
        /The roof came down\.[\s\S]*\n {4}at [\s\S]*Caused by: Error: It rained\./,
      );

      // Nothing more comes from a worker that has failed.
      savedStep = await newestSaved();
      const { length: numSteps } = await app.losses();
      await notice.getByRole("button", { name: "Resume" }).click();
      await expect(notice).toHaveCount(0);
      await app.waitForSteps(numSteps + 1);
      await expect(app.status).toContainText("Training");
    });
  }
  await expectFromNewest(page);
});

test("a worker, or a thread beside it, that ends without a word is noticed, and Resume goes on", async ({
  page,
}) => {
  const app = new AppPage(page);
  await beforeWorker(page, closeWhenTold);
  await app.openWithFewImages(`?backend=wasm&${SMALL}&epochs=10000&checkpointMinutes=0.01`);
  await app.train.click();
  for (const who of ["replica", "worker"]) {
    await test.step(who, async () => {
      await expect
        .poll(async () => (await eventsOf(page, "checkpointSaved")).length)
        .toBeGreaterThan(1);
      await page.evaluate((name) => new BroadcastChannel("end").postMessage(name), who);
      const notice = page.getByRole("alert").filter({ hasText: "ended without a word" });
      await expect(notice).toBeVisible();
      const { length: numSteps } = await app.losses();
      await notice.getByRole("button", { name: "Resume" }).click();
      await expect(notice).toHaveCount(0);
      await app.waitForSteps(numSteps + 1);
    });
  }
  await expectFromNewest(page);
});

test("a run trains without a thread that ends before it is ready", { tag: "@long" }, async ({
  page,
}) => {
  const app = new AppPage(page);
  await beforeWorker(page, [
    () => Object.defineProperty(navigator, "hardwareConcurrency", { value: 6 }),
    closeSecondWhenAsked,
  ]);
  await app.openWithFewImages(`?backend=wasm&${SMALL}&epochs=10000`);
  await expect(app.button("WebAssembly SIMD, 3 threads")).toBeVisible();
  await app.train.click();
  await app.waitForSteps(1);
  expect(await eventsOf(page, "runStarted")).toMatchObject([{ numThreads: 2 }]);
});

test("where the browser runs no WebAssembly the page says what to do, and trains after a reload once it is allowed", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  // As in Apple's Lockdown Mode.
  await beforeWorker(page, () => Reflect.deleteProperty(self, "WebAssembly"));
  await app.openWithFewImages(`?backend=wasm&${SMALL}`);
  const notice = page.getByRole("alert").filter({ hasText: "There is nothing to compute on" });
  await expect(notice).toContainText("allow WebAssembly for it");
  await expect(app.train).toBeDisabled();
  await page.unrouteAll();
  await notice.getByRole("button", { name: "Reload the page" }).click();
  await app.train.click();
  await app.waitForSteps(1);
  await expect(notice).toHaveCount(0);
});

/** Runs in the worker and in its threads, before their own script. */
function closeWhenTold() {
  new BroadcastChannel("end").onmessage = ({ data }) => {
    if (self.name.startsWith(data)) self.close();
  };
}

/** Runs in the worker and in its threads, before their own script: the second thread ends with the page's first message. */
function closeSecondWhenAsked() {
  if (self.name.startsWith("replica 2 ")) self.addEventListener("message", () => self.close());
}

/** Runs in the worker, before its own script. */
function throwWhenTold() {
  const newError = () => new Error("The roof came down.", { cause: new Error("It rained.") });
  let isStepBroken = false;
  const { set } = Float32Array.prototype;
  Float32Array.prototype.set = function (...args) {
    if (isStepBroken) throw newError();
    set.apply(this, args);
  };
  self.addEventListener("message", (event) => {
    if (typeof event.data !== "string") return;
    event.stopImmediatePropagation();
    if (event.data === "in the step") isStepBroken = true;
    else if (event.data === "in a promise") Promise.reject(newError());
    else throw newError();
  });
}
