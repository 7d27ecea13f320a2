import { expect, type Page } from "@playwright/test";

/** Waits until all of the app and its images are on the device: one visit, as a person makes it. */
export async function waitUntilKept(page: Page) {
  await expect
    .poll(() => page.evaluate(() => navigator.serviceWorker.controller?.state))
    .toBe("activated");
  await expect
    .poll(() => page.evaluate(async () => (await (await caches.open("mnist-1")).keys()).length))
    .toBe(4);
}

/** What goes wrong in the page and its workers without being thrown, as it comes. */
export function recordErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(error.message));
  return errors;
}
