import { expect, test } from "@playwright/test";
import { AppPage } from "./app.ts";
import { notices, SMALL } from "./faults.ts";

const LONG = `?backend=wasm&${SMALL}&batchSize=2&epochs=10000&checkpointMinutes=0`;

test("while it trains the page waits for a lock of its worker, so that Chrome does not freeze it", async ({
  page,
}) => {
  const app = new AppPage(page);
  await app.openWithFewImages(LONG);
  const locks = () =>
    page.evaluate(async () => {
      const { held = [], pending = [] } = await navigator.locks.query();
      const isOurs = ({ name }: LockInfo) => name === "diffusion-mnist-awake";
      return { numHeld: held.filter(isOurs).length, numPending: pending.filter(isOurs).length };
    });
  expect(await locks()).toEqual({ numHeld: 0, numPending: 0 });
  await app.train.click();
  await expect.poll(locks).toEqual({ numHeld: 1, numPending: 1 });
  await app.waitForSteps(1);
  await app.button("Pause").click();
  await expect.poll(locks).toEqual({ numHeld: 1, numPending: 0 });
  await app.button("Resume").click();
  await expect.poll(locks).toEqual({ numHeld: 1, numPending: 1 });
  await app.button("Stop").click();
  await expect.poll(locks).toEqual({ numHeld: 0, numPending: 0 });
});

test("who asks for it has the screen kept awake while a run trains and the page is in sight, at the next visit, too", {
  tag: "@long",
}, async ({ page }) => {
  await page.addInitScript(() => {
    window.awake = [];
    const { request } = WakeLock.prototype;
    WakeLock.prototype.request = async function (type) {
      if (window.isBatteryLow) throw new DOMException("The battery is low.", "NotAllowedError");
      const lock = await request.call(this, type);
      window.awake.push(lock);
      return lock;
    };
  });
  const app = new AppPage(page);
  const isAwake = () => page.evaluate(() => window.awake.map(({ released }) => !released));
  await app.openWithFewImages(LONG);
  const offer = app.button("Keep the screen awake while training");
  await expect(offer).toBeHidden();
  await app.train.click();
  await expect(offer).toHaveAttribute("aria-pressed", "false");
  expect(await isAwake()).toEqual([]);
  await offer.click();
  await expect(offer).toHaveAttribute("aria-pressed", "true");
  await expect.poll(isAwake).toEqual([true]);
  await app.button("Stop").click();
  await expect.poll(isAwake).toEqual([false]);

  await app.openWithFewImages(LONG);
  await app.train.click();
  await expect.poll(isAwake).toEqual([true]);
  await offer.click();
  await expect.poll(isAwake).toEqual([false]);

  // Where that is refused, the page says so.
  await page.evaluate(() => (window.isBatteryLow = true));
  await offer.click();
  await expect(notices(page)).toContainText("The screen may go dark");
  await expect(offer).toHaveAttribute("aria-pressed", "false");
});

declare global {
  interface Window {
    awake: WakeLockSentinel[];
    isBatteryLow?: boolean;
  }
}
