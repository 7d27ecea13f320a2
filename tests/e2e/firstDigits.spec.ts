import { expect, type Page, test } from "@playwright/test";
import { AppPage } from "./app.ts";
import { expectNoViolations } from "./axe.ts";
import { DenoisePage, digitOf, meanDifference } from "./denoisePage.ts";

const MODEL = "**/models/pretrained-quick-1-step.safetensors.gz";
const DRAWN = /^Drawn from pure noise in one step/;

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
  await app.openWithFewImages("?backend=wasm&preset=tiny&classes=10&epochs=1000");
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
  const written = async (text: string) => {
    await number(page).fill(text);
    await expect(number(page)).toHaveValue(text.replace(/\D/g, ""));
  };
  await written("0 ,x");
  await expect.poll(async () => (await app.greys(app.digits)).width).toBe(28);
  await expect.poll(() => app.digit(app.digits, 0)).toEqual(zero);
  await written("70");
  await expect.poll(async () => (await app.greys(app.digits)).width).toBe(58);
  await expect
    .poll(async () => meanDifference(await app.digit(app.digits, 0), zero))
    .toBeGreaterThan(10);
  await expect
    .poll(async () => meanDifference(await app.digit(app.digits, 0), noise))
    .toBeGreaterThan(40);
  await number(page).fill("");
  await expect.poll(() => app.digit(app.digits, 0)).toEqual(zero);

  await app.button("Train").click();
  await app.waitForCaption(/^Preview /);
  await expect(number(page)).toHaveCount(0);
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
  await app.openWithFewImages("?backend=wasm&preset=tiny&epochs=1000");
  await app.waitForCaption(/^Could not download .*the server answered 404/);
  await page.unroute(MODEL);
  await number(page).fill("3");
  await app.waitForCaption(DRAWN);
  await app.button("Train").click();
  await app.waitForSteps(1);
  await app.button("Stop").click();
});
