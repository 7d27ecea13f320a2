import type { Locator, Page } from "@playwright/test";
import { FIRST_STEPS } from "../../src/app/features/train/FirstStep.tsx";
import { HYPERPARAMETERS } from "../../src/engine/config/hyperparameters.ts";
import { AppPage, openView } from "./app.ts";
import { pictureOf, saved } from "./charts.ts";
import { expect, test } from "./labRun.ts";

const note = (page: Page, title: string) => page.getByRole("dialog", { name: title });
const firstSteps = (page: Page) => page.getByRole("complementary", { name: "First steps" });
const hasFirstSteps = (page: Page) => page.locator(":has(aside[aria-label='First steps'])");

test("a note opens with the keyboard alone, gives the focus back, closes by a press elsewhere, and stays on a narrow screen", async ({
  lab,
}) => {
  const { page } = lab;
  await lab.openRun("preset=tiny");
  const button = lab.button("Explain: Which loss is good");
  await button.focus();
  await expect(button).toHaveAttribute("aria-expanded", "false");
  await page.keyboard.press("Enter");
  await expect(button).toHaveAttribute("aria-expanded", "true");
  const opened = note(page, "Which loss is good");
  await expect(opened).toContainText("0.055");
  await page.keyboard.press("Tab");
  await expect(opened.getByRole("link", { name: "arXiv:2006.11239" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(opened).toBeHidden();
  await expect(button).toBeFocused();
  await expect(button).toHaveAttribute("aria-expanded", "false");

  await lab.button("Explain: xₜ, the noisy image").first().click();
  const digits = page.getByRole("img", { name: /A seven that drowns in noise/ });
  await expect(digits).toBeVisible();
  await page.getByRole("heading", { name: "Settings" }).click();
  await expect(digits).toBeHidden();

  await page.setViewportSize({ width: 390, height: 844 });
  await lab.button("Explain: Which loss is good").click();
  await expect(opened.getByRole("link")).toBeVisible();
  expect(await isWithin(opened, { width: 390, height: 844 })).toBe(true);
});

test("the help of a setting is whole where the window ends below its field", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  await lab.goToAddress("preset=tiny");
  // The card of the stored run, which is loaded for itself, moves the form down.
  await expect(lab.button("Open")).toBeVisible();
  await lab.unfoldSettings();
  const seed = page.getByRole("textbox", { name: "Seed" }).first();
  const box = await seed.boundingBox();
  const screen = { width: 1440, height: Math.ceil((box?.y ?? 0) + (box?.height ?? 0)) + 10 };
  await page.setViewportSize(screen);
  await seed.hover();
  const help = page.getByText(HYPERPARAMETERS.seed.help);
  await expect(help).toHaveCSS("opacity", "1");
  expect(await isWithin(help, screen)).toBe(true);
  expect(await overlap(help, seed)).toBe(false);
});

test("the note on the schedule draws the chosen one over the others, that on flow the path that needs none", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  await lab.goToAddress("preset=tiny&timesteps=200");
  await lab.button("Diffusion").click();
  const chosen = page.locator("path[data-chosen]");
  const open = lab.button("Explain: The noise schedule");
  await open.click();
  await expect(note(page, "The noise schedule")).toContainText("Over t from 0 to 199");
  await expect(chosen).toHaveCount(2);
  await expect(chosen.first()).toHaveAttribute("data-name", "sigmoid");
  await page.keyboard.press("Escape");
  await page.getByLabel("Noise schedule", { exact: true }).selectOption("linear");
  await open.click();
  await expect(chosen.first()).toHaveAttribute("data-name", "linear");
  await expect(page.locator("path[data-name]")).toHaveCount(6);

  const linear = note(page, "The noise schedule");
  await linear.getByText("Table", { exact: true }).click();
  const rows = linear.getByRole("table", { name: "The linear schedule" }).locator("tbody tr");
  await expect(rows).toHaveCount(11);
  await expect(rows.last()).toContainText("199");
  await linear.getByText("Table", { exact: true }).click();
  await expect(rows.first()).toBeHidden();

  const picture = await saved(page, "Noise schedule", "PNG picture");
  expect(picture.fileName).toBe("linear-200-noise-schedule.png");
  const { width, colors } = pictureOf(picture);
  const box = await linear.locator("figure").boundingBox();
  expect(width).toBe(Math.round(2 * (box?.width ?? 0)));
  // The chosen curve, on the page's ground.
  for (const color of ["0,114,178", "255,255,255"]) expect(colors).toContain(color);
  // The menu is a part of the note, which stays.
  await expect(linear).toBeVisible();

  // Flow has a path of its own, and no noise schedule to choose or to explain.
  await page.keyboard.press("Escape");
  await page.getByLabel("Objective", { exact: true }).selectOption("flow");
  await expect(page.getByLabel("Noise schedule", { exact: true })).toBeHidden();
  await expect(open).toBeHidden();
  await lab.button("Explain: Flow matching").click();
  await expect(note(page, "Flow matching").locator("[data-path]")).toHaveCount(2);
});

test("a first visit is shown around in three sentences, each at what it speaks of; the next visit is not", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.serveFewImages();
  await app.openAsFirstVisit("?backend=wasm&preset=tiny&dim=4&previewTimesteps=2&epochs=10000");
  const [train, digits, loss] = FIRST_STEPS;
  await expect(firstSteps(page)).toContainText(train.text);
  await expect(page.getByRole("region", { name: "Digits" }).and(hasFirstSteps(page))).toBeVisible();
  await app.train.focus();
  await page.keyboard.press("Enter");
  await expect(firstSteps(page)).toContainText(digits.text);
  await expect(app.button("Pause")).toBeFocused();
  await firstSteps(page).getByRole("button", { name: "Next" }).click();
  // Back from another view it is where it was.
  await openView(page, "charts");
  await expect(firstSteps(page)).toBeHidden();
  await openView(page, "train");
  await expect(firstSteps(page)).toContainText(loss.text);
  await expect(page.getByRole("region", { name: "Loss" }).and(hasFirstSteps(page))).toBeVisible();
  await firstSteps(page).getByRole("button", { name: "Got it" }).click();
  await expect(firstSteps(page)).toBeHidden();
  await app.button("Stop").click();
  await page.reload();
  // Later than the first steps would come.
  await expect(page.getByText("40 images, 8 to validate")).toBeVisible();
  await expect(firstSteps(page)).toBeHidden();
});

test("Escape skips the first steps for ever, but closes what is open first; the help shows them again", async ({
  lab,
}) => {
  const { page } = lab;
  await lab.goToAddressAsFirstVisit("preset=tiny");
  await expect(firstSteps(page)).toContainText(FIRST_STEPS[0].text);
  const about = page.getByText("This page trains a neural network");
  await lab.button("About this page").click();
  await expect(about).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(about).toBeHidden();
  await expect(firstSteps(page)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(firstSteps(page)).toBeHidden();

  await page.reload();
  await lab.button("About this page").click();
  await expect(about).toBeVisible();
  await expect(firstSteps(page)).toBeHidden();
  // Open, it may cover the link to the network.
  await page.keyboard.press("Escape");
  await expect(about).toBeHidden();
  await openView(page, "model");
  await lab.button("About this page").click();
  await lab.button("Show the first steps again").click();
  await expect(firstSteps(page)).toContainText(FIRST_STEPS[0].text);
  await expect(page).not.toHaveURL(/view=/);
});

async function overlap(a: Locator, b: Locator): Promise<boolean> {
  const [first, second] = [await a.boundingBox(), await b.boundingBox()];
  if (!first || !second) throw new Error("Not on the page.");
  const isBeside = (from: number, size: number, other: number, otherSize: number) =>
    from + size <= other || other + otherSize <= from;
  return !(
    isBeside(first.x, first.width, second.x, second.width) ||
    isBeside(first.y, first.height, second.y, second.height)
  );
}

async function isWithin(locator: Locator, screen: { width: number; height: number }) {
  const box = await locator.boundingBox();
  if (!box) return false;
  const { x, y, width, height } = box;
  return x >= 0 && y >= 0 && x + width <= screen.width && y + height <= screen.height;
}
