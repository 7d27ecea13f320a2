import type { Page } from "@playwright/test";
import { decode } from "fast-png";
import { recordAt } from "../unit/app/shared/storedRecord.ts";
import { AppPage, LAB_RUN, openView } from "./app.ts";
import { expectNoViolations } from "./axe.ts";
import { bytesOf } from "./evolution.ts";
import { expect, test } from "./labRun.ts";
import { copiedName, noted } from "./noted.ts";

test("the summary card of a stored run is copied as text, saved as a picture, and its link sets the settings up", async ({
  lab,
}) => {
  const { page } = lab;
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await lab.goToAddress("");
  const card = await openCard(page, LAB_RUN.name);
  await expect(card.text).toContainText("Steps: 600 of 600");
  await expect(card.text).toContainText(/Training time: \d+ min/);
  await expect(card.text).toContainText("Validation loss: 0.0760");
  await expect(card.text).toContainText("Its samples are not measured yet");

  await expectNoViolations(page, "the summary card");
  const words = await noted(page, copiedName);
  await card.dialog.getByRole("button", { name: "Copy text" }).click();
  await expect.poll(words).toEqual(["Copied"]);
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(await card.text.textContent());

  const { fileName, picture } = await savedPicture(page);
  expect(fileName).toBe("lab-run-card.png");
  // The 16 digits of the newest preview, black tiles with white between them.
  const tiles = [0, 1, 2, 3].map((i) => 79 + 120 * i + 4);
  for (const x of tiles) for (const y of tiles) expect(grayAt(picture, x, y)).toBeLessThan(40);
  expect(grayAt(picture, 195, 100)).toBe(255);

  const [link = ""] = /http\S+$/.exec(copied) ?? [];
  await page.goto(link);
  await expect(page.getByRole("textbox", { name: "Learning rate" })).toHaveValue("0.006");
  await expect(page.getByRole("textbox", { name: "Epochs" })).toHaveValue("6");
});

test("the card of a run that was just trained says on what, and gives the focus back to Charts", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.openWithFewImages("?backend=wasm&preset=tiny&dim=4&previewTimesteps=3");
  await app.trainToEnd();
  await openView(page, "charts");
  const button = page.getByRole("button", { name: "Export", exact: true });
  await button.click();
  await page.getByRole("button", { name: /^Summary card/ }).click();
  const text = page.getByLabel("The card as text");
  await expect(text).toContainText(/Device: WebAssembly SIMD, \d threads?/);
  await expect(text).toContainText(/Steps: 5 of 5\nEpoch: 1 of 1\n/);
  await expect(text).toContainText(/Validation loss: \d\.\d{4}/);
  await page.keyboard.press("Escape");
  await expect(button).toBeFocused();
});

test("a run without figures, previews and history has a card, which says what is missing", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  await lab.goToAddress("");
  // The worker has told of what is stored, and does so no more.
  await expect(page.getByRole("link", { name: "Runs 1" })).toBeVisible();
  await lab.tell({ type: "runs", runs: [recordAt(0, { name: "Bare run", picture: null })] });
  const { dialog, text } = await openCard(page, "Bare run");
  await expect(dialog.getByText(/^Its history is missing on the card\./)).toBeVisible();
  for (const missing of ["No full validation yet", "Its device is not known", "No preview"]) {
    await expect(text).toContainText(missing);
  }
  const { picture } = await savedPicture(page);
  expect([picture.width, picture.height]).toEqual([1200, 630]);
});

async function openCard(page: Page, name: string) {
  await openView(page, "runs");
  const run = page.getByRole("listitem", { name });
  await run.getByRole("button", { name: "Export…" }).click();
  await run.getByRole("button", { name: /^Summary card/ }).click();
  const dialog = page.getByRole("dialog", { name: "Summary card" });
  await expect(dialog.getByRole("button", { name: "Save PNG" })).toBeEnabled();
  return { dialog, text: dialog.getByLabel("The card as text") };
}

async function savedPicture(page: Page) {
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save PNG" }).click();
  const { fileName, bytes } = await bytesOf(await download);
  return { fileName, picture: decode(bytes) };
}

function grayAt({ width, channels, data }: ReturnType<typeof decode>, x: number, y: number) {
  return data[channels * (y * width + x)];
}
