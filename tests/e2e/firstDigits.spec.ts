import { expect, type Page, test } from "@playwright/test";
import { AppPage } from "./app.ts";
import { expectNoViolations } from "./axe.ts";
import { DenoisePage, digitOf, meanDifference } from "./denoisePage.ts";

const MODEL = "**/models/pretrained-quick-1-step.safetensors.gz";
const DRAWN = /, drawn from pure noise in one step/;

const number = (page: Page) => page.getByRole("textbox", { name: "Type a number" });

test("on opening the page a trained network writes what one types, and Train begins with the same noise", async ({
  page,
}) => {
  const app = new DenoisePage(page);
  let download = () => {};
  const isHeld = new Promise<void>((resolve) => {
    download = resolve;
  });
  await page.route(MODEL, async (route) => {
    await isHeld;
    await route.continue();
  });
  await app.openWithFewImages("?backend=wasm&preset=tiny&classes=10&epochs=10000");
  await app.waitForCaption(/^Pure noise/);
  const noise = digitOf(await app.greys(app.digits), 0);
  download();
  await app.waitForCaption(DRAWN);
  const all = await app.greys(app.digits);
  const [zero, one] = [digitOf(all, 0), digitOf(all, 10)];
  // Ink is bright and little, around it is black.
  for (const digit of [zero, one]) {
    expect(digit.filter((grey) => grey < 40).length).toBeGreaterThan(0.5 * digit.length);
    expect(Math.max(...digit)).toBeGreaterThan(200);
  }
  await expectNoViolations(page, "the first digits");

  // The same noise: the digit of a label is the one before, and another label makes another one of it.
  await number(page).fill("0");
  await app.waitForCaption(/^“0”, drawn/);
  expect(await app.digit(app.digits, 0)).toEqual(zero);
  await number(page).fill("7x0");
  await expect(number(page)).toHaveAccessibleDescription("Up to 12 digits, and nothing else");
  await app.waitForCaption(/^“70”, drawn/);
  const seven = await app.digit(app.digits, 0);
  expect(meanDifference(seven, zero)).toBeGreaterThan(10);
  expect(meanDifference(seven, noise)).toBeGreaterThan(40);
  await number(page).fill("");
  await app.waitForCaption(/^10 of each digit, drawn/);
  expect(await app.digit(app.digits, 0)).toEqual(zero);

  // One goes on with the number that was typed.
  await number(page).fill("70");
  await app.button("Train").click();
  await expect(page.getByLabel("Write digits")).toHaveValue("70");
  await expect(number(page)).toHaveCount(0);
  await app.waitForCaption(/^Preview /);
  await app.slider.focus();
  await page.keyboard.press("Home");
  await app.waitForCaption(/denoising step 0 of/);
  expect(await app.digit(app.digits, 0)).toEqual(noise);
  await app.button("Stop").click();
});

test("without it one can train all the same, and is told why no digits come; later they can be had", async ({
  page,
}) => {
  const app = new AppPage(page);
  await page.route(MODEL, (route) => route.fulfill({ status: 404, body: "" }));
  await app.openWithFewImages("?backend=wasm&preset=tiny&epochs=10000");
  const problem = page.getByRole("region", { name: "Digits" }).getByRole("status");
  await expect(problem).toContainText(/^Could not download .*the server answered 404/);
  await page.unroute(MODEL);
  await page.route(MODEL, (route) => route.fulfill({ body: "<html></html>" }));
  await number(page).fill("3");
  await expect(problem).toContainText(/^No digits could be drawn: /);
  await page.unroute(MODEL);
  await number(page).fill("34");
  await app.waitForCaption(DRAWN);
  await expect(problem).toHaveCount(0);

  // A model that was loaded takes its place and writes the same, until it is put away.
  await app.takeTrainedModel();
  await app.waitForCaption(/^“34” with guidance 1\.5 by Quick \(trained model\), 10 steps/);
  await expect(number(page)).toHaveCount(0);
  await app.button("Forget these weights").click();
  await app.waitForCaption(/^“34”, drawn/);
  await app.button("Train").click();
  await app.waitForSteps(1);
  await app.button("Stop").click();
});
