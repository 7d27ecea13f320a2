import { expect, test } from "@playwright/test";
import { AppPage } from "./app.ts";
import { beforeWorker, eventsOf, expectFromNewest, SMALL, workerOf } from "./faults.ts";

for (const { place, throwError } of [
  {
    place: "somewhere in the worker",
    throwError: () => {
      setTimeout(() => {
        throw new Error("The roof came down.", { cause: new Error("It rained.") });
      });
    },
  },
  {
    place: "in a promise of the worker that nobody waits for",
    throwError: () => {
      Promise.reject(new Error("The roof came down.", { cause: new Error("It rained.") }));
    },
  },
  {
    place: "in the training step itself",
    throwError: () => {
      self.isBroken = true;
    },
  },
]) {
  test(`what is thrown ${place} is said with its cause and can be copied, and Resume goes on`, {
    tag: "@faults",
  }, async ({ page, context }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const app = new AppPage(page);
    await beforeWorker(page, breakWhenAsked);
    await app.open(`?backend=wasm&${SMALL}&batchSize=2&checkpointMinutes=0.01`);
    await app.button("Train").click();
    await expect
      .poll(async () => (await eventsOf(page, "checkpointSaved")).at(-1)?.step)
      .toBeGreaterThan(0);
    await workerOf(page).evaluate(throwError);

    const notice = page.getByRole("alert");
    await expect(notice).toContainText("The roof came down. Cause: It rained.");
    await expect(app.status).toContainText("Failed");
    await notice.getByRole("button", { name: "Copy details" }).click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toMatch(
      /The roof came down\.[\s\S]*\n {4}at [\s\S]*Caused by: Error: It rained\./,
    );

    const numBefore = (await app.losses()).length;
    await notice.getByRole("button", { name: "Resume" }).click();
    await expect(notice).toHaveCount(0);
    await app.waitForSteps(numBefore + 1);
    await expect(app.status).toContainText("Training");
    await expectFromNewest(page);
  });
}

/** Runs in the worker, before its own script: when it is asked to, memory cannot be written. */
function breakWhenAsked() {
  self.isBroken = false;
  const { set } = Float32Array.prototype;
  Float32Array.prototype.set = function (...args) {
    if (self.isBroken) throw new Error("The roof came down.", { cause: new Error("It rained.") });
    set.apply(this, args);
  };
}

declare global {
  interface Window {
    isBroken: boolean;
  }
}
