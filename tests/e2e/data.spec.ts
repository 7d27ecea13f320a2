import { expect, test } from "@playwright/test";
import { AppPage } from "./app.ts";

const TRAIN_IMAGES = "**/mnist/train-images-idx3-ubyte.gz";

test("a file that is missing or truncated is reported, and loaded once the network is mended; the next visit needs none", async ({
  page,
}) => {
  const app = new AppPage(page);
  await page.route(TRAIN_IMAGES, (route) => route.fulfill({ status: 404, body: "" }));
  await page.goto("./?backend=wasm&preset=tiny");
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("train-images-idx3-ubyte.gz");
  await expect(alert).toContainText("404");

  await page.unroute(TRAIN_IMAGES);
  await page.route(TRAIN_IMAGES, async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    await route.fulfill({ response, body: body.subarray(0, 500_000) });
  });
  await app.button("Try again").click();
  await expect(alert).toContainText(/broken|ends|truncated|incomplete/i);
  await expect(alert).toContainText("train-images-idx3-ubyte.gz");

  // The broken file is not kept: with the network mended, one click loads it.
  await page.unroute(TRAIN_IMAGES);
  await app.button("Try again").click();
  await expect(page.getByText("60,000 images, 10,000 to validate")).toBeVisible();

  let numRequests = 0;
  await page.route("**/mnist/*", (route) => {
    numRequests++;
    return route.abort();
  });
  await app.open("?backend=wasm&preset=tiny");
  expect(numRequests).toBe(0);
  await app.train.click();
  await app.waitForSteps(1);
});
